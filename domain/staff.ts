import { type EntityManager, LockMode } from "@mikro-orm/core";
import { StaffMember } from "../schema/entities/staff-member.ts";
import { StaffRoleGrant } from "../schema/entities/staff-role-grant.ts";
import { StaffSession } from "../schema/entities/staff-session.ts";
import { User } from "../schema/entities/user.ts";
import { SessionId, type UserId } from "../schema/wire/ids.ts";
import type { StaffGrant, StaffLogin, StaffMemberView, StaffToken } from "../schema/wire/staff.ts";
import { type From, findByKey, guessesAt, keyOf, secretOf } from "./accounts.ts";
import { auditing } from "./audit.ts";
import type { AccessTokens, Chance, Clock, Database, Limits, PasswordHasher } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { networkOf } from "./sign-ins.ts";
import type { StaffCaller } from "./staff-permissions.ts";

/** How long it is remembered that somebody was signed in. */
const REMEMBERED_MS = 90 * 86_400_000;

/** What an authenticator is asked. A code is of half a minute, and told a moment late or early it still counts. */
export interface Authenticators {
  /** In base32, as people type it. */
  newSecret(): Promise<string>;
  /** What a phone's camera reads: whose it is, and the secret. */
  uriOf(secret: string, account: string): Promise<string>;
  /** The step that the code is of; undefined if it is of none near `at` (milliseconds since 1970). */
  stepOf(secret: string, code: string, at: number): Promise<number | undefined>;
}

export interface StaffDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly hasher: Pick<PasswordHasher, "matches">;
  readonly limits: Limits;
  readonly secrets: Pick<Secrets, "open">;
  readonly authenticators: Pick<Authenticators, "stepOf">;
  /** Of an audience of their own: they open nothing of a twin's, nor do a twin's open anything here. */
  readonly staffTokens: AccessTokens;
}

export type Staff = ReturnType<typeof staff>;

/** Who of ours is signed in as such: by a password and an authenticator, for a quarter of an hour. */
export function staff(deps: StaffDeps) {
  const { database, clock, chance, hasher, limits, secrets, authenticators, staffTokens } = deps;
  const note = auditing(deps);
  const passwordGuesses = guessesAt(limits);
  const guesses = staffGuesses(limits);

  /** As it is when it is asked: the step of a code that opens it. */
  async function codeOf(member: StaffMember | null, code: string): Promise<number | undefined> {
    const sealed = member?.sealedSecret ?? null;
    const secret = sealed === null ? undefined : secrets.open("totp", sealed);
    return secret === undefined ? undefined : authenticators.stepOf(secret, code, clock.now());
  }

  /** Only of those who could have been: whoever guesses at strangers' addresses fills no log of ours. */
  async function failed(key: string, ip: string, member: StaffMember | null, isPassword: boolean): Promise<never> {
    if (member)
      await database.transaction(async (em) => note(em, { action: "staff.sign_in_failed", subject: member.userId }));
    await guesses.count(key);
    if (!isPassword) await passwordGuesses.count(key, ip);
    throw new Refusal("AUTH_INVALID_CREDENTIALS", "Address, password or code is not right");
  }

  /** Each code once: of two who come with the same one, the second finds it used. */
  async function takeStep(em: EntityManager, userId: UserId, step: number): Promise<void> {
    const changed = await em.nativeUpdate(StaffMember, { userId, lastStep: { $lt: step } }, { lastStep: step });
    if (changed === 0) throw usedCode();
  }

  function issue(em: EntityManager, userId: UserId, { ip }: From): StaffToken {
    const now = clock.now();
    const sessionId = SessionId.parse(chance.newId(now));
    const { token, expiresAt } = staffTokens.issue({ userId, sessionId }, now);
    const times = { createdAt: new Date(now), expiresAt: new Date(expiresAt), endedAt: null };
    em.create(StaffSession, { id: sessionId, userId, ...times, network: networkOf(ip) });
    note(em, { action: "staff.signed_in", subject: userId, about: sessionId });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }

  const signIn = (known: User, step: number, from: From): Promise<StaffToken> =>
    database.transaction(async (em) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true };
      const member = await em.findOneOrFail(StaffMember, { userId: known.id }, lock);
      const user = await em.findOneOrFail(User, { id: known.id }, { refresh: true });
      if (user.status === "suspended") throw new Refusal("ACCOUNT_SUSPENDED", "This account is suspended");
      if (!mayWork(user) || user.passwordHash !== known.passwordHash || (await grantsOf(em, user.id)).length === 0)
        throw new Refusal("AUTH_INVALID_CREDENTIALS", "Address, password or code is not right");
      await takeStep(em, member.userId, step);
      return issue(em, user.id, from);
    });

  return {
    /**
     * Says of nobody whether it was the address, the password or the code. Throws AUTH_INVALID_CREDENTIALS, or
     * AUTH_ACCOUNT_LOCKED after too many guesses.
     */
    async login({ email, password, totp }: StaffLogin, from: From): Promise<StaffToken> {
      const key = keyOf(email);
      const refuseSpent = async () => {
        await passwordGuesses.refuseSpent(key, from.ip);
        await guesses.refuseSpent(key);
      };
      await refuseSpent();
      const [user, member] = await database.read(async (em) => {
        const user = await findByKey(em, key);
        return [user, user && (await em.findOne(StaffMember, { userId: user.id }))] as const;
      });
      const isPassword = await hasher.matches(user?.passwordHash ?? null, password);
      const step = await codeOf(member, totp);
      if (!user || !member || !isPassword || step === undefined || step <= member.lastStep)
        return failed(key, from.ip, member, isPassword);
      // While we looked, others may have spent the guesses; then this one is not answered either.
      await refuseSpent();
      const token = await signIn(user, step, from);
      await guesses.forget(key);
      return token;
    },

    /** Whose staff token it is, and what they may by now. Throws AUTH_REQUIRED or AUTH_TOKEN_*. */
    async authenticate(token: string | undefined): Promise<StaffCaller> {
      if (!token) throw new Refusal("AUTH_REQUIRED", "Sign in first");
      const caller = staffTokens.verify(token, clock.now());
      return database.read(async (em) => {
        const session = await em.findOne(StaffSession, { id: caller.sessionId });
        const user = session && (await em.findOne(User, { id: session.userId }));
        if (!user || session.endedAt || session.userId !== caller.userId || !mayWork(user)) throw ended();
        const grants = await grantsOf(em, user.id);
        if (grants.length === 0) throw ended();
        return { ...caller, email: user.email, grants };
      });
    },

    me({ userId: id, email, grants, expiresAt }: StaffCaller): StaffMemberView {
      return { id, email, grants, expiresAt: new Date(expiresAt).toISOString() };
    },

    logout: ({ userId, sessionId }: StaffCaller): Promise<void> =>
      database.transaction(async (em) => {
        await em.nativeUpdate(StaffSession, { id: sessionId, endedAt: null }, { endedAt: new Date(clock.now()) });
        note(em, { action: "staff.signed_out", subject: userId, about: sessionId });
      }),

    /** Forgets sign-ins of long ago; to be called now and then. */
    sweep: (): Promise<number> =>
      database.transaction((em) =>
        em.nativeDelete(StaffSession, { expiresAt: { $lt: new Date(clock.now() - REMEMBERED_MS) } }),
      ),
  };
}

/** A code is guessed more easily than a password, so signing in elsewhere makes up for no guess of it. */
function staffGuesses(limits: Limits) {
  const locked = (retryAfterMs: number | undefined) =>
    new Refusal("AUTH_ACCOUNT_LOCKED", "Too many wrong passwords or codes: try again later", { retryAfterMs });
  return {
    async refuseSpent(key: string): Promise<void> {
      const left = await limits.look("login.staff", secretOf(key));
      if (left.remaining <= 0) throw locked(left.resetMs);
    },
    async count(key: string): Promise<void> {
      try {
        await limits.take("login.staff", secretOf(key));
      } catch (error) {
        if (error instanceof Refusal && error.code === "RATE_LIMIT_EXCEEDED") throw locked(error.retryAfterMs);
        throw error;
      }
    },
    forget: (key: string): Promise<void> => limits.clear("login.staff", secretOf(key)),
  };
}

/** Who is about to go, or was sent away, works here no more. */
const mayWork = ({ status, deletionDueAt }: User): boolean => status === "active" && deletionDueAt === null;

export const grantsOf = async (em: EntityManager, userId: UserId): Promise<StaffGrant[]> =>
  (await em.find(StaffRoleGrant, { userId }, { orderBy: { grantedAt: "asc", id: "asc" }, refresh: true })).map(
    ({ role, studyId }) => ({ role, studyId }),
  );

const ended = () => new Refusal("AUTH_TOKEN_REVOKED", "This sign-in was ended: sign in again");

const usedCode = () => new Refusal("AUTH_INVALID_CREDENTIALS", "Address, password or code is not right");
