import type { EntityManager } from "@mikro-orm/core";
import { AuditEntry } from "../schema/entities/audit-entry.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { AuditAction } from "../schema/wire/privacy.ts";
import type { StaffRole } from "../schema/wire/staff.ts";
import type { Chance, Clock } from "./ports.ts";

/** What was done, by ids alone: neither an address nor a word of anybody belongs here. */
export interface Audited {
  readonly action: AuditAction;
  /** To whom it was done; null if to nobody in particular. */
  readonly subject: UserId | null;
  /** Who did it: the subject, unless said otherwise; null for the product itself. */
  readonly actor?: UserId | null;
  /** The id of what it was about: a session's, a report's, another person's. */
  readonly about?: string;
  /** As what somebody of ours did it, and why. */
  readonly role?: StaffRole;
  readonly reason?: string;
}

type Means = { readonly clock: Clock; readonly chance: Pick<Chance, "newId"> };

/** Notes what a transaction does to an account, within it: what did not happen is not noted, and what did is. */
export const auditing =
  (means: Means) =>
  (em: EntityManager, audited: Audited): void =>
    void em.create(AuditEntry, entryOf(means, audited));

/** Of these, what nobody needs to note twice. */
interface Anew {
  readonly actor: UserId;
  /** The id of whatever began it, a sign-in's: ids rise with time. */
  readonly since: string;
  /** What is noted of each thing that it is about. */
  readonly action: AuditAction;
}

/** The same for many at once, but for what this person was noted for since then: all in one statement. */
export const auditingAnew =
  (means: Means) =>
  async (em: EntityManager, all: readonly Audited[], { actor, since, action }: Anew): Promise<void> => {
    if (all.length === 0) return;
    const entries = JSON.stringify(all.map((one) => entryOf(means, one)));
    const values = [actor, since, action, entries];
    await em.getConnection().execute(NOTE_ANEW, values, "run", em.getTransactionContext());
  };

const NOTE_ANEW = `
with seen as materialized (select about_id from audit_log where actor_id = ? and id > ? and action = ?)
insert into audit_log (id, at, actor_id, action, subject_id, about_id, role, reason)
select id, at, "actorId", action, "subjectId", "aboutId", role, reason
from jsonb_to_recordset(?::jsonb) entry (id uuid, at timestamptz, "actorId" uuid, action text, "subjectId" uuid,
  "aboutId" uuid, role text, reason text)
where not exists (select from seen where seen.about_id = entry."aboutId")`;

function entryOf({ clock, chance }: Means, { action, subject, actor = subject, about, role, reason }: Audited) {
  const now = clock.now();
  return {
    id: chance.newId(now),
    at: new Date(now),
    actorId: actor,
    action,
    subjectId: subject,
    aboutId: about ?? null,
    role: role ?? null,
    reason: reason ?? null,
  };
}
