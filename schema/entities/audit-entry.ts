import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { AuditAction } from "../wire/privacy.ts";
import type { StaffRole } from "../wire/staff.ts";

/** Something that was done to an account or its data. Written once: the database lets nobody change or remove it. */
const AuditEntrySchema = defineEntity({
  name: "AuditEntry",
  tableName: "audit_log",
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(),
    /** Who did it; null for the product itself. */
    actorId: p.uuid().$type<UserId>().strictNullable(),
    action: p.text().$type<AuditAction>(),
    /** To whom; null for what was done to nobody in particular. */
    subjectId: p.uuid().$type<UserId>().strictNullable(),
    /** An id of what it was about: a session's, a report's, an export's, another person's. */
    aboutId: p.uuid().strictNullable(),
    /** As which of their roles somebody of ours did it, and why. */
    role: p.text().$type<StaffRole>().strictNullable(),
    reason: p.text().strictNullable(),
  },
});

export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
