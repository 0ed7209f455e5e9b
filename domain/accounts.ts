import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { User } from "../schema/entities/user.ts";
import type { Login, Register, TokensView, UserView } from "../schema/wire/accounts.ts";
import { emailKey } from "../schema/wire/email.ts";
import { UserId } from "../schema/wire/ids.ts";
import type { Addresses } from "./addresses.ts";
import { breaksUnique } from "./constraint.ts";
import { comeBack } from "./deletion.ts";
import { lookAtPerson } from "./person-look.ts";
import type { Caller, Chance, Clock, Database, Limits, PasswordHasher } from "./ports.ts";
import { userView } from "./profile-views.ts";
import { findPerson, refuseImpossible } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { DeviceNames, Sessions } from "./sessions.ts";
import type { SignIns } from "./sign-ins.ts";

export interface AccountsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly hasher: PasswordHasher;
  readonly limits: Limits;
  readonly sessions: Pick<Sessions, "open">;
  readonly signIns: Pick<SignIns, "note">;
  readonly addresses: Pick<Addresses, "welcome">;
}

/** Where a request came from. */
export interface From {
  readonly ip: string;
}

export interface SignedIn {
  readonly user: UserView;
  readonly tokens: TokensView;
}

export type Accounts = ReturnType<typeof accounts>;

/** How somebody becomes one of us, and proves to be. */
export function accounts(deps: AccountsDeps) {
  const { database, clock, chance, hasher, limits, sessions, signIns, addresses } = deps;
  const guesses = guessesAt(limits);

  async function create(form: Register, passwordHash: string, from: From): Promise<SignedIn> {
    return database.transaction(async (em) => {
      const user = em.create(User, newcomer(form, passwordHash, clock.now(), chance));
      await em.flush();
      await addresses.welcome(em, user);
      return signIn(em, user, form, from, true);
    });
  }

  async function signIn(
    em: EntityManager,
    user: User,
    { deviceId, deviceName }: Partial<Login>,
    from: From,
    isFirst = false,
  ): Promise<SignedIn> {
    const device: DeviceNames = { deviceId: deviceId ?? null, deviceName: deviceName ?? null };
    await comeBack(deps, em, user);
    await signIns.note(em, user, device, from, isFirst);
    const tokens = await sessions.open(user, device);
    return { user: userView(user, clock.now()), tokens };
  }

  return {
    /** Throws AUTH_EMAIL_ALREADY_EXISTS, also for who asks at the same moment. */
    async register(form: Register, from: From): Promise<SignedIn & { readonly requiresEmailVerification: boolean }> {
      refuseImpossible(form, clock.now());
      const passwordHash = await hasher.hash(form.password);
      try {
        // Nothing waits for the address to be confirmed.
        return { ...(await create(form, passwordHash, from)), requiresEmailVerification: false };
      } catch (error) {
        if (!breaksUnique(error, "users_email_key")) throw error;
        throw new Refusal("AUTH_EMAIL_ALREADY_EXISTS", "This address has an account already");
      }
    },

    /** An address that nobody has takes as long, and gets the same answers, as one with another password. */
    async login({ email, password, ...device }: Login, { ip }: From): Promise<SignedIn> {
      const key = keyOf(email);
      await guesses.refuseSpent(key, ip);
      const known = await database.read((em) => findByKey(em, key));
      const isRight = await hasher.matches(known?.passwordHash ?? null, password);
      if (!known || !isRight) {
        await guesses.count(key, ip);
        throw new Refusal("AUTH_INVALID_CREDENTIALS", "Address or password is not right");
      }
      // While we looked, others may have spent the guesses; then this one is not answered either.
      await guesses.refuseSpent(key, ip);
      const signedIn = await database.transaction(async (em) => {
        const user = await findPerson(em, known.id, LockMode.PESSIMISTIC_WRITE);
        refuseUnwelcome(user, known);
        return signIn(em, user, device, { ip });
      });
      await guesses.forget(key);
      return signedIn;
    },

    me: ({ userId }: Caller): Promise<UserView> =>
      database.read(async (em) => userView(await lookAtPerson(em, userId), clock.now())),
  };
}

/** Only an address that a schema has let through comes here. */
export function keyOf(email: string): string {
  const key = emailKey(email);
  if (key === undefined) throw new Refusal("VALIDATION_ERROR", "email: must be an e-mail address");
  return key;
}

export const findByKey = (em: EntityManager, key: string, lockMode = LockMode.NONE): Promise<User | null> =>
  em.findOne(User, { emailKey: key, status: { $ne: "deleted" } }, { lockMode });

/** What may have changed since the password was looked at. */
function refuseUnwelcome({ status, passwordHash }: User, known: User): void {
  if (status === "suspended") throw new Refusal("ACCOUNT_SUSPENDED", "This account is suspended");
  if (status !== "active" || passwordHash !== known.passwordHash)
    throw new Refusal("AUTH_INVALID_CREDENTIALS", "Address or password is not right");
}

function newcomer(form: Register, passwordHash: string, now: number, chance: Chance) {
  const { email, password: _, deviceId: _id, deviceName: _name, ...profile } = form;
  const at = new Date(now);
  return {
    ...profile,
    otherTwinTypeDescription: profile.twinType === "other" ? profile.otherTwinTypeDescription : null,
    id: UserId.parse(chance.newId(now)),
    email,
    emailKey: keyOf(email),
    passwordHash,
    settings: {},
    lastSeenAt: null,
    createdAt: at,
    updatedAt: at,
  };
}

/**
 * Failed guesses at passwords: so many at an account, and so many from an address. A guess is answered only while there
 * are some left when its answer is known, so however many are made at once, no more than those learn anything.
 */
export function guessesAt(limits: Limits) {
  const lock = (retryAfterMs: number | undefined): Refusal =>
    new Refusal("AUTH_ACCOUNT_LOCKED", "Too many wrong passwords: try again later", { retryAfterMs });

  return {
    async refuseSpent(key: string, ip: string): Promise<void> {
      const [account, from] = await Promise.all([
        limits.look("login.account", secretOf(key)),
        limits.look("login.ip", ip),
      ]);
      if (from.remaining <= 0)
        throw new Refusal("RATE_LIMIT_EXCEEDED", "Too many wrong passwords from here", { retryAfterMs: from.resetMs });
      if (account.remaining <= 0) throw lock(account.resetMs);
    },

    async count(key: string, ip: string): Promise<void> {
      try {
        await limits.take("login.account", secretOf(key));
      } catch (error) {
        if (error instanceof Refusal && error.code === "RATE_LIMIT_EXCEEDED") throw lock(error.retryAfterMs);
        throw error;
      }
      await limits.take("login.ip", ip);
    },

    /** An account's own success makes up for its failures; not for those of the address. */
    forget: (key: string): Promise<void> => limits.clear("login.account", secretOf(key)),
  };
}

/** Where limits are kept, addresses need not be. */
export const secretOf = (key: string): string => createHash("sha256").update(key).digest("base64url");
