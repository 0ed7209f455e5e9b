import { z } from "zod";
import { MediaFacts, MediaPurpose, Variant } from "../../../schema/wire/media.ts";

/** A file to look at, in a folder of its own, where what is made of it goes. */
export const Task = z.object({ folder: z.string(), purpose: MediaPurpose, contentType: z.string() });
export type Task = z.infer<typeof Task>;

/** What was uploaded, in the task's folder. Each variant lies beside it under its name. */
export const ORIGINAL = "original";

export const Outcome = z.discriminatedUnion("isFit", [
  z.object({ isFit: z.literal(true), facts: MediaFacts, variants: z.array(Variant).readonly() }),
  z.object({
    isFit: z.literal(false),
    code: z.enum(["UNSUPPORTED_MEDIA_TYPE", "MEDIA_REFUSED"]),
    reason: z.string(),
  }),
]);
export type Outcome = z.infer<typeof Outcome>;

/** What comes back from a process: an outcome, or that something went wrong there which is not the file's fault. */
export const Reply = z.union([z.object({ outcome: Outcome }), z.object({ mishap: z.string() })]);
export type Reply = z.infer<typeof Reply>;
