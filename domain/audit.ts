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

/** Notes what a transaction does to an account, within it: what did not happen is not noted, and what did is. */
export function auditing({ clock, chance }: { readonly clock: Clock; readonly chance: Pick<Chance, "newId"> }) {
  return (em: EntityManager, { action, subject, actor = subject, about, role, reason }: Audited): void => {
    const now = clock.now();
    em.create(AuditEntry, {
      id: chance.newId(now),
      at: new Date(now),
      actorId: actor,
      action,
      subjectId: subject,
      aboutId: about ?? null,
      role: role ?? null,
      reason: reason ?? null,
    });
  };
}
