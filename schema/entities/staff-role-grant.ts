import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { StaffRole, StudyId } from "../wire/staff.ts";

/** What somebody of ours may do; a role of a study, for that study. */
const StaffRoleGrantSchema = defineEntity({
  name: "StaffRoleGrant",
  tableName: "staff_roles",
  properties: {
    id: p.uuid().primary(),
    userId: p.uuid().$type<UserId>(),
    role: p.text().$type<StaffRole>(),
    studyId: p.uuid().$type<StudyId>().strictNullable(),
    grantedAt: p.datetime(),
  },
});

export class StaffRoleGrant extends StaffRoleGrantSchema.class {}
StaffRoleGrantSchema.setClass(StaffRoleGrant);
