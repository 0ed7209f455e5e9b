import { z } from "zod";
import { GivenPassword } from "./accounts.ts";
import { EmailAddress } from "./email.ts";
import { UserId } from "./ids.ts";
import { written } from "./text.ts";

/** What somebody of ours may do. Kept as rows: only add to it. */
export const StaffRole = z.enum(["support", "moderator", "researcher", "study_owner", "admin"]);
export type StaffRole = z.infer<typeof StaffRole>;

export const StudyId = z.uuid().brand("StudyId");
export type StudyId = z.infer<typeof StudyId>;

/** A role, and the study it is for if it is one of a study. */
export const StaffGrant = z.object({ role: StaffRole, studyId: StudyId.nullable() });
export type StaffGrant = z.infer<typeof StaffGrant>;

export const StaffLogin = z.strictObject({
  email: EmailAddress,
  password: GivenPassword,
  /** As an authenticator shows it, in one group or two. */
  totp: z
    .string()
    .max(20, "must be six digits")
    .transform((code) => code.replaceAll(/\s/g, ""))
    .refine((code) => /^\d{6}$/.test(code), "must be six digits"),
});
export type StaffLogin = z.infer<typeof StaffLogin>;

export const StaffToken = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
export type StaffToken = z.infer<typeof StaffToken>;

/** Who one is, for a page that shows what one may do. */
export const StaffMemberView = z.object({
  id: UserId,
  email: z.string(),
  grants: z.array(StaffGrant).readonly(),
  expiresAt: z.iso.datetime(),
});
export type StaffMemberView = z.infer<typeof StaffMemberView>;

/** Why somebody of ours looked at, or did, something. The person it is about may read it. */
export const StaffReason = written(500);

export const StaffMe = z.object({ member: StaffMemberView });
