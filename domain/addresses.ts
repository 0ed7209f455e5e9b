import { type EntityManager, LockMode } from "@mikro-orm/core";
import type { LinkPurpose, OneTimeLink } from "../schema/entities/one-time-link.ts";
import { User } from "../schema/entities/user.ts";
import type { ChangeEmail } from "../schema/wire/accounts.ts";
import { emailKey } from "../schema/wire/email.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { type From, findByKey, keyOf, secretOf } from "./accounts.ts";
import { auditing } from "./audit.ts";
import { breaksUnique } from "./constraint.ts";
import type { ProvePassword } from "./deletion.ts";
import type { Links } from "./links.ts";
import { noticing } from "./notices.ts";
import { newLink, takeLink } from "./one-time-links.ts";
import type { Caller, Chance, Clock, Database, Jobs, Limits, Notices, Outbox } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

export interface AddressesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Pick<Limits, "take">;
  readonly jobs: Jobs;
  readonly outbox: Outbox;
  readonly links: Links;
  readonly notices: Notices;
  readonly secrets: Pick<Secrets, "seal" | "open">;
  readonly prove: ProvePassword;
}

export type Addresses = ReturnType<typeof addresses>;

/** How an address is proved to be somebody's, and how it changes. */
export function addresses(deps: AddressesDeps) {
  const { database, clock, limits, jobs, outbox, links, secrets, prove } = deps;
  const note = auditing(deps);
  const tell = noticing(deps);

  /** Mails somebody a link to press. */
  async function mailLink(em: EntityManager, user: User, purpose: LinkPurpose, address: string): Promise<void> {
    const token = await newLink(deps, em, { userId: user.id, purpose, address });
    const letter =
      purpose === "reset_password"
        ? ({ template: "reset_password", name: user.name, link: links.resetPassword(token) } as const)
        : ({ template: "verify_address", name: user.name, link: links.verifyEmail(token) } as const);
    await outbox.send(em, { channel: "email", to: address, letter }, { userId: user.id });
  }

  /** The same work for every address: whether anybody has it is seen later, where nobody counts the milliseconds. */
  const askForLink = (purpose: "verify_address" | "reset_password", email: string): Promise<void> =>
    database.transaction((em) => jobs.put(em, { what: "mail.link", purpose, address: secrets.seal("address", email) }));

  /** The new address is theirs from here on, unless somebody was quicker. */
  async function change(em: EntityManager, user: User, { address }: OneTimeLink): Promise<void> {
    const { email: old, id: userId } = user;
    Object.assign(user, { email: address, emailKey: keyOf(address), emailVerified: true });
    await em.flush();
    note(em, { action: "address.changed", subject: userId });
    if (keyOf(old) === keyOf(address)) return;
    const letter = { template: "address_changed", name: user.name, newAddress: address } as const;
    await outbox.send(em, { channel: "email", to: old, letter }, { userId });
  }

  /** Pressed twice, it has worked once; of another address than theirs by now, it proves nothing. */
  const confirm = (token: string): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      const { link, user } = await takeLink(em, token, clock.now());
      if (link.purpose === "reset_password") throw new Refusal("NOT_FOUND", "This link is for something else");
      const isTheirs = user.email === link.address;
      if (link.usedAt !== null && isTheirs) return;
      if (link.usedAt !== null || (link.purpose === "verify_address" && !isTheirs))
        throw new Refusal("GONE", "This link is of an address that was changed since");
      link.usedAt = new Date(clock.now());
      if (link.purpose === "change_address") await change(em, user, link);
      user.emailVerified = true;
      user.updatedAt = new Date(clock.now());
      tell(em, afterCommit, { what: "person.changed", userId: user.id });
      await em.flush();
    });

  return {
    /** Part of signing up. */
    welcome: (em: EntityManager, user: User): Promise<void> => mailLink(em, user, "verify_address", user.email),

    /** Throws NOT_FOUND, GONE, or AUTH_EMAIL_ALREADY_EXISTS if somebody else took the address meanwhile. */
    async verify(token: string): Promise<void> {
      try {
        await confirm(token);
      } catch (error) {
        if (!breaksUnique(error, "users_email_key")) throw error;
        throw new Refusal("AUTH_EMAIL_ALREADY_EXISTS", "This address has another account by now");
      }
    },

    async resend(email: string): Promise<void> {
      await limits.take("mail.verify", secretOf(keyOf(email)));
      await askForLink("verify_address", email);
    },

    async forgot(email: string): Promise<void> {
      await limits.take("mail.password", secretOf(keyOf(email)));
      await askForLink("reset_password", email);
    },

    /** Counts once the new address confirms. Whether somebody has it already is told nobody but them. */
    async change({ userId }: Caller, { email, password }: ChangeEmail, from: From): Promise<void> {
      const proof = secretOf(await prove(userId, password, from));
      await limits.take("mail.change.person", userId);
      await limits.take("mail.change", secretOf(keyOf(email)));
      await database.transaction((em) =>
        jobs.put(em, { what: "mail.change", userId, address: secrets.seal("address", email), proof }),
      );
    },

    /** Done later, by a worker. Nobody hears whether there was anybody to write to. */
    mailLinkTo: (of: { readonly purpose: "verify_address" | "reset_password"; readonly address: string }) =>
      database.transaction(async (em) => {
        const email = secrets.open("address", of.address);
        const key = email === undefined ? undefined : emailKey(email);
        const user = key === undefined ? null : await findByKey(em, key, LockMode.PESSIMISTIC_WRITE);
        if (!user || (of.purpose === "verify_address" && user.emailVerified)) return;
        // As they wrote it when they signed up: what has merely the same key may be somebody else's.
        await mailLink(em, user, of.purpose, user.email);
      }),

    mailChangeTo: (of: { readonly userId: UserId; readonly address: string; readonly proof: string }) =>
      database.transaction(async (em) => {
        const email = secrets.open("address", of.address);
        const lockMode = LockMode.PESSIMISTIC_WRITE;
        const user = await em.findOne(User, { id: of.userId, status: "active" }, { lockMode });
        // Asked for by who had the password; whoever has another one since did not ask.
        if (email === undefined || !user || secretOf(user.passwordHash) !== of.proof) return;
        const holder = await findByKey(em, keyOf(email));
        if (!holder || holder.id === user.id) await mailLink(em, user, "change_address", email);
      }),
  };
}
