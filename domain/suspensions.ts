import { type EntityManager, LockMode } from "@mikro-orm/core";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Letter } from "../schema/wire/letters.ts";
import type { StaffRole } from "../schema/wire/staff.ts";
import { auditing } from "./audit.ts";
import { dropExportLinks } from "./exports.ts";
import type { Chance, Clock, Database, Outbox } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";
import { grantsOf } from "./staff.ts";

export interface SuspensionsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly outbox: Outbox;
  readonly sessions: Pick<Sessions, "endAll">;
}

/** Who of ours does it, as what, and why. */
export interface ByStaff {
  readonly actor: UserId;
  readonly role: StaffRole;
  readonly reason: string;
  /** The report it comes of. */
  readonly about?: string;
}

export type Suspensions = ReturnType<typeof suspensions>;

/** Nobody signs in who is suspended, and everything of theirs stays as it is. */
export function suspensions({ database, clock, chance, outbox, sessions }: SuspensionsDeps) {
  const note = auditing({ clock, chance });

  async function write(em: EntityManager, user: User, letter: Letter): Promise<void> {
    await outbox.send(em, { channel: "email", to: user.email, letter }, { userId: user.id });
  }

  return {
    /**
     * Signs them out everywhere at once. Those who work here are not suspended, nor does anybody suspend themselves: a
     * role is taken first, by whoever runs the server. Throws NOT_FOUND, FORBIDDEN, or CONFLICT if they are it already.
     */
    suspend: (userId: UserId, by: ByStaff): Promise<void> =>
      database.transaction(async (em) => {
        const user = await findAnybody(em, userId, LockMode.PESSIMISTIC_WRITE);
        if ((await grantsOf(em, userId)).length > 0)
          throw new Refusal("FORBIDDEN", "They work here: their roles are taken first");
        if (user.status === "suspended") throw new Refusal("CONFLICT", "They are suspended already");
        const at = new Date(clock.now());
        Object.assign(user, { status: "suspended", updatedAt: at });
        await em.flush();
        await dropExportLinks(em, userId);
        await sessions.endAll(userId);
        note(em, { action: "staff.person_suspended", subject: userId, ...by });
        await write(em, user, { template: "account_suspended", name: user.name, at: at.toISOString() });
      }),

    /** They may sign in again. Throws NOT_FOUND, or CONFLICT if they are not suspended. */
    restore: (userId: UserId, by: ByStaff): Promise<void> =>
      database.transaction(async (em) => {
        const user = await findAnybody(em, userId, LockMode.PESSIMISTIC_WRITE);
        if (user.status !== "suspended") throw new Refusal("CONFLICT", "They are not suspended");
        Object.assign(user, { status: "active", updatedAt: new Date(clock.now()) });
        note(em, { action: "staff.person_restored", subject: userId, ...by });
        await write(em, user, { template: "account_restored", name: user.name });
      }),
  };
}

/** Throws NOT_FOUND for who was never there, and who is gone. */
export async function findAnybody(em: EntityManager, id: UserId, lockMode = LockMode.NONE): Promise<User> {
  const user = await em.findOne(User, { id }, { lockMode, refresh: true });
  if (!user || user.status === "deleted") throw new Refusal("NOT_FOUND", "There is no such person");
  return user;
}
