import { z } from "zod";

/** What people agree to, or not, each for themselves. `twinDataMerging`: results may be compared with the twin's. */
export const ConsentItem = z.enum(["twinDataMerging"]);
export type ConsentItem = z.infer<typeof ConsentItem>;

/** Of the words that the app shows with each item; who agreed to others is asked again. */
export const CONSENT_VERSION = "1";

export const Consents = z.object({ twinDataMerging: z.boolean() });
export type Consents = z.infer<typeof Consents>;

export const ChangeConsents = z.strictObject({ twinDataMerging: z.boolean().optional() });
export type ChangeConsents = z.infer<typeof ChangeConsents>;

/** One word that was given, and is kept. */
export const ConsentGiven = z.object({
  item: ConsentItem,
  granted: z.boolean(),
  version: z.string(),
  at: z.iso.datetime(),
});
export type ConsentGiven = z.infer<typeof ConsentGiven>;

/** What holds, and how it came to that, the last word first. */
export const ConsentsView = z.object({ consents: Consents, history: z.array(ConsentGiven).readonly() });
export type ConsentsView = z.infer<typeof ConsentsView>;
