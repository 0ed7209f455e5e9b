import { LockMode } from "@mikro-orm/core";
import { type LinkPurpose, OneTimeLink } from "../schema/entities/one-time-link.ts";
import type { User } from "../schema/entities/user.ts";
import type { ChangePassword, ResetPassword } from "../schema/wire/accounts.ts";
import { type From, guessesAt } from "./accounts.ts";
import { auditing } from "./audit.ts";
import type { ProvePassword } from "./deletion.ts";
import { findLink, takeLink } from "./one-time-links.ts";
import type { Caller, Chance, Clock, Database, Limits, Outbox, PasswordHasher } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";

/** Links that another password voids: a way to a new one, and what was asked for by who knew the old one. */
const VOIDED: readonly LinkPurpose[] = ["reset_password", "change_address"];

export interface PasswordsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly hasher: PasswordHasher;
  readonly limits: Limits;
  readonly outbox: Outbox;
  readonly sessions: Pick<Sessions, "endAll">;
  readonly prove: ProvePassword;
}

export type Passwords = ReturnType<typeof passwords>;

type Em = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** How a password is replaced: by who forgot it, and by who knows it. */
export function passwords(deps: PasswordsDeps) {
  const { database, clock, hasher, limits, outbox, sessions, prove } = deps;
  const note = auditing(deps);

  async function replace(em: Em, user: User, passwordHash: string): Promise<void> {
    const at = new Date(clock.now());
    Object.assign(user, { passwordHash, updatedAt: at });
    await em.nativeDelete(OneTimeLink, { userId: user.id, purpose: { $in: [...VOIDED] } });
    note(em, { action: "password.changed", subject: user.id });
    const letter = { template: "password_changed", name: user.name, at: at.toISOString() } as const;
    await outbox.send(em, { channel: "email", to: user.email, letter }, { userId: user.id });
    await em.flush();
  }

  return {
    /**
     * By a mailed link, once; whoever was signed in is not any more. That the mail arrived proves the address too.
     * Throws NOT_FOUND or GONE.
     */
    async reset({ token, password }: ResetPassword): Promise<void> {
      // Before the work of a hash: a link that is none costs little.
      const { purpose } = await database.read((em) => findLink(em, token, clock.now()));
      if (purpose !== "reset_password") throw new Refusal("NOT_FOUND", "This link is for something else");
      const passwordHash = await hasher.hash(password);
      const key = await database.transaction(async (em) => {
        const { link, user } = await takeLink(em, token, clock.now());
        if (user.email !== link.address) throw new Refusal("GONE", "This link is of an address that was changed since");
        user.emailVerified = true;
        await replace(em, user, passwordHash);
        await sessions.endAll(user.id);
        return user.emailKey;
      });
      await guessesAt(limits).forget(key);
    },

    /** Everywhere else they are signed out. Throws AUTH_INVALID_CREDENTIALS, or AUTH_ACCOUNT_LOCKED after too many guesses. */
    async change({ userId, sessionId }: Caller, { currentPassword, newPassword }: ChangePassword, from: From) {
      const known = await prove(userId, currentPassword, from);
      if (currentPassword === newPassword) throw sameAsBefore();
      const passwordHash = await hasher.hash(newPassword);
      await database.transaction(async (em) => {
        const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        if (user.passwordHash !== known)
          throw new Refusal("AUTH_INVALID_CREDENTIALS", "The password was changed meanwhile");
        await replace(em, user, passwordHash);
        await sessions.endAll(userId, sessionId);
      });
    },
  };
}

function sameAsBefore(): Refusal {
  const message = "is the one you have";
  return new Refusal("VALIDATION_ERROR", `newPassword: ${message}`, { details: [{ path: "newPassword", message }] });
}
