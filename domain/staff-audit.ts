import { AuditEntry } from "../schema/entities/audit-entry.ts";
import type { AuditView, ListAudit } from "../schema/wire/staff-operations.ts";
import { cursors, type Page } from "./cursors.ts";
import type { Database } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";

export interface StaffAuditDeps {
  readonly database: Pick<Database, "read">;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
}

export type StaffAudit = ReturnType<typeof staffAudit>;

/** Who of ours looked at whom, did what, and why. It is only ever read. */
export function staffAudit({ database, secrets }: StaffAuditDeps) {
  const pages = cursors(secrets);
  return {
    /** The newest first. Throws FORBIDDEN. */
    list(caller: StaffCaller, { person, staff, ...query }: ListAudit): Promise<Page<AuditView>> {
      roleFor(caller, "audit");
      const of = { ...(person && { subjectId: person }), ...(staff && { actorId: staff }) };
      return pages.page({ list: `audit ${person ?? ""} ${staff ?? ""}`, userId: caller.userId }, query, {
        find: (limit, after) =>
          database.read(async (em) => {
            const behind = after === undefined ? {} : { id: { $lt: after } };
            const where = { action: { $like: "staff.%" }, ...of, ...behind };
            return (await em.find(AuditEntry, where, { orderBy: { id: "desc" }, limit })).map(viewOf);
          }),
        placeOf: ({ id }) => id,
      });
    },
  };
}

function viewOf({ id, at, actorId, role, action, subjectId, aboutId, reason }: AuditEntry): AuditView {
  return { id, at: at.toISOString(), staffId: actorId, role, action, personId: subjectId, about: aboutId, reason };
}
