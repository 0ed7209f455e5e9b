import { z } from "zod";
import { PairId } from "./ids.ts";
import { TwinView } from "./people.ts";
import { storable } from "./text.ts";

/** No letter that looks like a figure, for codes are read aloud and typed. */
export const CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
export const CODE_LENGTH = 8;

export const CodeView = z.object({ code: z.string(), expiresAt: z.iso.datetime() });
export type CodeView = z.infer<typeof CodeView>;

/** As somebody types it: in small letters, in groups, with dashes. */
export const RedeemCode = z.strictObject({
  code: storable(200).refine((code) => code.trim() !== "", "must not be empty"),
});

export const Paired = z.object({ pairId: PairId, twinProfile: TwinView, message: z.string() });
export type Paired = z.infer<typeof Paired>;

export const PairOpened = z.object({ pairId: PairId, twinProfile: TwinView });
export type PairOpened = z.infer<typeof PairOpened>;

export const PairView = z.object({
  id: PairId,
  status: z.enum(["open", "closed"]),
  pairedAt: z.iso.datetime(),
  unpairedAt: z.iso.datetime().nullable(),
  twin: TwinView,
  syncScore: z.int(),
  totalMessages: z.int(),
  /** When the newest message was sent. */
  lastInteraction: z.iso.datetime().nullable(),
});
export type PairView = z.infer<typeof PairView>;
