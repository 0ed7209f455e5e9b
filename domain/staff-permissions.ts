import type { StaffGrant, StaffRole } from "../schema/wire/staff.ts";
import type { Caller } from "./ports.ts";
import { Refusal } from "./refusal.ts";

/** Somebody of ours, signed in as such; made from a staff token, never from a payload. */
export interface StaffCaller extends Caller {
  readonly email: string;
  /** As they stand now: what was taken back a moment ago is not among them. */
  readonly grants: readonly StaffGrant[];
}

export type Permission =
  | "reports"
  | "people.read"
  | "people.suspend"
  | "people.serve"
  | "deliveries"
  | "suppressions"
  | "jobs"
  | "rooms"
  | "audit";

/** Which roles may do it; the least one comes first, for it is as that one that it is noted. What is of a study is not here. */
const MAY: Readonly<Record<Permission, readonly StaffRole[]>> = {
  reports: ["moderator", "admin"],
  "people.read": ["support", "moderator", "admin"],
  "people.suspend": ["moderator", "admin"],
  "people.serve": ["support", "admin"],
  deliveries: ["support", "admin"],
  suppressions: ["support", "admin"],
  jobs: ["admin"],
  rooms: ["admin"],
  audit: ["admin"],
};

/** As which of their roles they may. Throws FORBIDDEN. */
export function roleFor({ grants }: Pick<StaffCaller, "grants">, permission: Permission): StaffRole {
  const role = MAY[permission].find((one) => grants.some((grant) => grant.role === one));
  if (role === undefined) throw new Refusal("FORBIDDEN", "Your role does not reach that far");
  return role;
}

/** Roles of a study name it, and no other role does. */
export const isOfStudy = (role: StaffRole): boolean => role === "researcher" || role === "study_owner";
