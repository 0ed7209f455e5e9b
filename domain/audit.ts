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

/** The same for many at once, in one statement. */
export const auditingMany =
  (means: Means) =>
  async (em: EntityManager, all: readonly Audited[]): Promise<void> => {
    if (all.length > 0)
      await em.insertMany(
        AuditEntry,
        all.map((one) => entryOf(means, one)),
      );
  };

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
