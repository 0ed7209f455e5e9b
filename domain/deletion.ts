import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Departure } from "../schema/entities/departure.ts";
import type { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { DeleteAccount, Leaving } from "../schema/wire/privacy.ts";
import type { From } from "./accounts.ts";
import { auditing } from "./audit.ts";
import { dropExportLinks } from "./exports.ts";
import { withdrawInvitations } from "./pair-changes.ts";
import type { Pairing } from "./pairing.ts";
import type { Caller, Chance, Clock, Database, Outbox } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";

/** So long everything waits for who changes their mind. */
export const TIME_TO_RETURN_MS = 14 * 24 * 60 * 60_000;

/** A pair may end while its end is under way; who ends it again finds the next state of things. */
const TRIES = 3;

type Means = { readonly clock: Clock; readonly chance: Pick<Chance, "newId"> };

/** Proves that who holds a token also knows the password. Answers with the hash it was compared with. */
export type ProvePassword = (userId: UserId, password: string, from: From) => Promise<string>;

export interface DeletionDeps extends Means {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly sessions: Pick<Sessions, "endAll">;
  readonly pairing: Pick<Pairing, "activePair" | "unpair">;
  readonly prove: ProvePassword;
}

export type Deletion = ReturnType<typeof deletion>;

/** How somebody goes: at once for everybody else, and for themselves in two weeks. */
export function deletion({ database, clock, chance, outbox, sessions, pairing, prove }: DeletionDeps) {
  const note = auditing({ clock, chance });

  /** First the pair, which locks its two in an order of its own. */
  async function endPair(userId: UserId): Promise<void> {
    if (await pairing.activePair(userId)) await pairing.unpair({ userId });
  }

  async function depart(em: EntityManager, user: User, { eraseMessages, actor }: Going): Promise<Date> {
    const [userId, askedAt] = [user.id, new Date(clock.now())];
    if (user.deletionDueAt) return user.deletionDueAt;
    const until = new Date(askedAt.getTime() + TIME_TO_RETURN_MS);
    user.deletionDueAt = until;
    await em.upsert(Departure, { userId, askedAt, eraseMessages, queuedAt: null, erasedAt: null });
    note(em, { action: "deletion.asked", subject: userId, actor });
    const letter = { template: "account_deletion", name: user.name, until: until.toISOString() } as const;
    await outbox.send(em, { channel: "email", to: user.email, letter }, { userId });
    return until;
  }

  const leave = (userId: UserId, going: Going): Promise<Date> =>
    database.transaction(async (em) => {
      await endPair(userId);
      const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      // Somebody changed it while we looked at the old one.
      if (going.passwordHash !== undefined && user.passwordHash !== going.passwordHash)
        throw new Refusal("AUTH_INVALID_CREDENTIALS", "The password is not right");
      const until = await depart(em, user, going);
      await withdrawInvitations(em, [user.id]);
      await dropExportLinks(em, user.id);
      await sessions.endAll(user.id);
      return until;
    });

  return {
    /**
     * From now on nobody finds them: signed out everywhere, without a twin, and with nothing open that others could
     * answer. Asking twice is asking once. Throws AUTH_INVALID_CREDENTIALS, or AUTH_ACCOUNT_LOCKED after too many guesses.
     */
    async ask(caller: Caller, { password, eraseMessages }: DeleteAccount, from: From): Promise<Leaving> {
      const passwordHash = await prove(caller.userId, password, from);
      const going = { eraseMessages, passwordHash, actor: caller.userId };
      const until = await again(TRIES, () => leave(caller.userId, going));
      const day = until.toISOString().slice(0, 10);
      return {
        message: `Your account will be deleted on ${day}: sign in before to keep it`,
        deletionDueAt: until.toISOString(),
      };
    },

    /** For who asked one of ours to, and proved to them who they are: the same, and the same way back. */
    start: (userId: UserId, noteWhy: (em: EntityManager) => void): Promise<Date> =>
      again(TRIES, () =>
        database.transaction(async (em) => {
          const until = await leave(userId, { eraseMessages: false, passwordHash: undefined, actor: null });
          noteWhy(em);
          return until;
        }),
      ),
  };
}

/** How somebody goes. `passwordHash`: of what they proved it with; `actor`: null if it was done for them. */
interface Going {
  readonly eraseMessages: boolean;
  readonly passwordHash: string | undefined;
  readonly actor: UserId | null;
}

/** Part of signing in, under the lock of their row: the account is as it was; the pair does not come back by itself. */
export async function comeBack(means: Means, em: EntityManager, user: User): Promise<void> {
  if (!user.deletionDueAt) return;
  user.deletionDueAt = null;
  await em.nativeDelete(Departure, { userId: user.id });
  auditing(means)(em, { action: "deletion.undone", subject: user.id });
}

async function again<T>(tries: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isMeanwhile = error instanceof Refusal && error.code === "NOT_PAIRED";
    if (!isMeanwhile || tries === 1) throw error;
    return again(tries - 1, work);
  }
}
