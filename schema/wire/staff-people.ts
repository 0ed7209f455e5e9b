import { z } from "zod";
import { PairId, UserId } from "./ids.ts";
import { Channel } from "./letters.ts";
import { StaffReason } from "./staff.ts";
import { storable } from "./text.ts";

/** By an id, or by the whole address: nobody is found by a part of it. */
export const FindPeople = z.object({
  q: storable(300)
    .transform((text) => text.trim())
    .refine((text) => text !== "", "must not be empty"),
  reason: StaffReason,
});
export type FindPeople = z.infer<typeof FindPeople>;

export const ActOnPerson = z.strictObject({ reason: StaffReason });
export type ActOnPerson = z.infer<typeof ActOnPerson>;

export const SuppressionView = z.object({
  channel: Channel,
  reason: z.enum(["gone", "stop", "complaint", "unsubscribe"]),
  at: z.iso.datetime(),
  /** When they wanted to hear of us again. */
  liftedAt: z.iso.datetime().nullable(),
});
export type SuppressionView = z.infer<typeof SuppressionView>;

/** How things stand with somebody: no word of theirs, and no answer. */
export const PersonCase = z
  .object({
    id: UserId,
    email: z.string(),
    emailVerified: z.boolean(),
    hasPhone: z.boolean(),
    status: z.enum(["active", "suspended", "deleted"]),
    createdAt: z.iso.datetime(),
    /** When they will be erased, if they asked for it. */
    deletionDueAt: z.iso.datetime().nullable(),
    pairId: PairId.nullable(),
    pairedSince: z.iso.datetime().nullable(),
    /** On which they are signed in. */
    devices: z.int(),
    isPremium: z.boolean(),
    worksHere: z.boolean(),
    suppressions: z.array(SuppressionView).readonly(),
    /** The last ones, the newest first. */
    deliveries: z
      .array(z.object({ channel: Channel, template: z.string(), status: z.string(), at: z.iso.datetime() }))
      .readonly(),
  })
  .meta({ id: "PersonCase" });
export type PersonCase = z.infer<typeof PersonCase>;

export const PeopleFound = z.object({ people: z.array(PersonCase).readonly() });

export const SuppressionsFound = z.object({ suppressions: z.array(SuppressionView).readonly() });
