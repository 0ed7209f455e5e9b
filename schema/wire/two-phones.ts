import { z } from "zod";
import { UserId } from "./ids.ts";

/** Somebody that whoever tries this out may be. */
export const SampleTwin = z.object({ name: z.string(), email: z.string(), password: z.string() });
export type SampleTwin = z.infer<typeof SampleTwin>;

/** What happened, without a word of what was said. */
export const JournalLine = z.object({
  revision: z.int(),
  version: z.int(),
  /** Of a message that was sent. */
  seq: z.int().nullable(),
  type: z.string(),
  by: UserId.nullable(),
  at: z.iso.datetime(),
});
export type JournalLine = z.infer<typeof JournalLine>;
