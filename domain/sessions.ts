import { type EntityManager, LockMode } from "@mikro-orm/core";
import { RefreshToken } from "../schema/entities/refresh-token.ts";
import { Session } from "../schema/entities/session.ts";
import type { User } from "../schema/entities/user.ts";
import type { Logout, Refresh, SessionView, TokensView } from "../schema/wire/accounts.ts";
import { SessionId, type UserId } from "../schema/wire/ids.ts";
import { auditing } from "./audit.ts";
import { noticing } from "./notices.ts";
import type {
  AccessTokens,
  AfterCommit,
  Authenticate,
  Caller,
  Chance,
  Clock,
  Database,
  LiveSession,
  Notices,
  SessionCopies,
} from "./ports.ts";
import { hashOf, newRefreshToken, seal, unseal } from "./refresh-tokens.ts";
import { Refusal } from "./refusal.ts";
import { refuse, type SessionFacts, SessionStandings, type Standing, standingAt } from "./session-standings.ts";

const DAY_MS = 86_400_000;

/** Within that an answer that was lost on the way is given again. */
const SAME_ANSWER_MS = 10_000;

/** More devices than anybody has; signing in on one more ends the session that was used longest ago. */
const MOST_SESSIONS = 100;

/** How long an ended session's token is still told why. */
const REMEMBERED_MS = 7 * DAY_MS;

export interface SessionsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly accessTokens: AccessTokens;
  readonly notices: Notices;
  readonly refreshTokenDays: number;
  /** What nodes tell each other; without any, each asks the database. */
  readonly copies?: SessionCopies | undefined;
}

/** What a device says of itself when somebody signs in on it. */
export interface DeviceNames {
  readonly deviceId: string | null;
  readonly deviceName: string | null;
}

export type Sessions = ReturnType<typeof sessions>;

/** Who is signed in where: one session a device, each with a family of refresh tokens of its own. */
export function sessions({ database, clock, chance, accessTokens, notices, refreshTokenDays, copies }: SessionsDeps) {
  const standings = new SessionStandings(look, clock.now, copies);

  /** As the database has it; the other nodes hear that it lives. */
  async function look(id: SessionId): Promise<Standing> {
    const seenAt = clock.now();
    const session = await database.read((em) => findWithUser(em, id));
    const standing = session ? standingAt(factsOf(session), clock.now()) : "revoked";
    if (session && standing === "live") void copies?.live(liveSession(session, seenAt));
    return standing;
  }

  const tell = noticing({ clock, chance, notices });
  const note = auditing({ clock, chance });

  /** Hands out the next pair of a session's family; its refresh token is remembered by its hash. */
  function issue(em: EntityManager, afterCommit: AfterCommit, session: Session, now: number): TokensView {
    const refreshToken = newRefreshToken(chance);
    const expiresAt = new Date(now + refreshTokenDays * DAY_MS);
    em.create(RefreshToken, { hash: hashOf(refreshToken), session, expiresAt, usedAt: null, sealedAnswer: null });
    session.expiresAt = expiresAt;
    session.lastUsedAt = new Date(now);
    afterCommit(() => void copies?.live(liveSession(session, now)));
    const access = accessTokens.issue({ userId: session.user.id, sessionId: session.id }, now);
    return {
      accessToken: access.token,
      refreshToken,
      tokenType: "Bearer",
      expiresIn: access.lifeSeconds,
      accessTokenExpires: new Date(access.expiresAt).toISOString(),
      refreshTokenExpires: expiresAt.toISOString(),
    };
  }

  /** Everybody hears of it once it is true. */
  async function end(em: EntityManager, afterCommit: AfterCommit, ids: readonly SessionId[]): Promise<void> {
    if (ids.length === 0) return;
    await em.nativeUpdate(Session, { id: { $in: [...ids] }, revokedAt: null }, { revokedAt: new Date(clock.now()) });
    afterCommit(() => standings.ended(ids));
    tell(em, afterCommit, { what: "sessions.ended", sessionIds: ids });
  }

  async function rotate(
    em: EntityManager,
    afterCommit: AfterCommit,
    { session, token: used }: Family,
    token: string,
  ): Promise<TokensView> {
    const now = clock.now();
    const tokens = issue(em, afterCommit, session, now);
    const before = { session, usedAt: { $lt: new Date(now - SAME_ANSWER_MS) }, sealedAnswer: { $ne: null } };
    await em.nativeUpdate(RefreshToken, before, { sealedAnswer: null });
    used.usedAt = new Date(now);
    used.sealedAnswer = seal(token, tokens, chance);
    await em.flush();
    return tokens;
  }

  /** A refusal that comes back, and is not thrown, leaves something behind: the family is over. */
  async function exchange(
    em: EntityManager,
    afterCommit: AfterCommit,
    { refreshToken, deviceId }: Refresh,
  ): Promise<TokensView | Refusal> {
    const family = await lockFamily(em, refreshToken);
    const { session, token } = family;
    refuse(standingAt(factsOf(session), clock.now()));
    if (token.expiresAt.getTime() <= clock.now()) refuse("expired");
    if (token.usedAt === null) return rotate(em, afterCommit, family, refreshToken);
    const isSameDevice = (deviceId ?? session.deviceId) === session.deviceId;
    const isLately = clock.now() - token.usedAt.getTime() < SAME_ANSWER_MS;
    if (isSameDevice && isLately && token.sealedAnswer !== null) return unseal(refreshToken, token.sealedAnswer);
    await end(em, afterCommit, [session.id]);
    return new Refusal("AUTH_TOKEN_REVOKED", "This token was used before: sign in again");
  }

  async function endAll(em: EntityManager, afterCommit: AfterCommit, userId: UserId, but?: SessionId): Promise<void> {
    const living = await findLive(em, userId, clock.now());
    await end(em, afterCommit, idsOf(living.filter(({ id }) => id !== but)));
  }

  /** Whose session it is, by the one or the other token; beside an access token, one of somebody else says nothing. */
  async function leave(em: EntityManager, afterCommit: AfterCommit, caller: Caller | undefined, logout: Logout) {
    const token = logout.refreshToken ? await findToken(em, logout.refreshToken) : null;
    const named = token?.session.getEntity();
    const userId = caller?.userId ?? named?.user.id;
    if (userId === undefined && logout.refreshToken) throw new Refusal("AUTH_TOKEN_INVALID", "This token is not ours");
    if (userId === undefined) throw new Refusal("AUTH_REQUIRED", "Say who signs out, by either token");
    if (logout.everywhere) return endAll(em, afterCommit, userId);
    const ids = [caller?.sessionId, named?.user.id === userId ? named.id : undefined];
    await end(em, afterCommit, [...new Set(ids.filter((id) => id !== undefined))]);
  }

  const authenticate: Authenticate = async (accessToken) => {
    if (!accessToken) throw new Refusal("AUTH_REQUIRED", "Sign in first");
    const caller = accessTokens.verify(accessToken, clock.now());
    refuse(await standings.of(caller.sessionId));
    return caller;
  };

  return {
    /** Knows at once of sessions that were ended here; feed it what other nodes ended. */
    standings,
    authenticate,

    /**
     * Part of signing in: joins its transaction, which made this person or holds their row, so that sign-ins of one
     * person go one after the other. The same device again ends its session of before.
     */
    async open(user: User, { deviceId, deviceName }: DeviceNames): Promise<TokensView> {
      return database.transaction(async (em, afterCommit) => {
        const now = clock.now();
        const before = await findOnDevice(em, user.id, deviceId);
        const others = (await findLive(em, user.id, now)).filter((session) => !before.includes(session));
        await end(em, afterCommit, idsOf([...before, ...others.slice(MOST_SESSIONS - 1)]));
        const at = new Date(now);
        const id = SessionId.parse(chance.newId(now));
        const times = { createdAt: at, lastUsedAt: at, expiresAt: at, revokedAt: null };
        const session = em.create(Session, { id, user, deviceId, deviceName, ...times });
        const tokens = issue(em, afterCommit, session, now);
        await em.flush();
        return tokens;
      });
    },

    async refresh(asked: Refresh): Promise<TokensView> {
      const answer = await database.transaction((em, afterCommit) => exchange(em, afterCommit, asked));
      if (answer instanceof Refusal) throw answer;
      return answer;
    },

    /** By the access token, by a refresh token, or both. */
    logout: (caller: Caller | undefined, logout: Logout): Promise<void> =>
      database.transaction((em, afterCommit) => leave(em, afterCommit, caller, logout)),

    list: ({ userId, sessionId }: Caller): Promise<readonly SessionView[]> =>
      database.read(async (em) => {
        const live = await findLive(em, userId, clock.now());
        return live.map((session) => sessionView(session, session.id === sessionId));
      }),

    /** Ends one of the caller's sessions. */
    end: ({ userId }: Caller, id: SessionId): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const live = await findLive(em, userId, clock.now());
        if (!live.some((session) => session.id === id)) throw new Refusal("NOT_FOUND", "You have no such session");
        await end(em, afterCommit, [id]);
        note(em, { action: "session.ended", subject: userId, about: id });
      }),

    /** All of a person's, whoever decided so. */
    endAll: (userId: UserId, but?: SessionId): Promise<void> =>
      database.transaction((em, afterCommit) => endAll(em, afterCommit, userId, but)),

    /** Forgets what has ended long enough ago; to be called now and then. */
    sweep: (): Promise<void> =>
      database.transaction(async (em) => {
        const longAgo = { expiresAt: { $lt: new Date(clock.now() - REMEMBERED_MS) } };
        const stale = { usedAt: { $lt: new Date(clock.now() - SAME_ANSWER_MS) }, sealedAnswer: { $ne: null } };
        await em.nativeDelete(RefreshToken, longAgo);
        await em.nativeDelete(Session, longAgo);
        await em.nativeUpdate(RefreshToken, stale, { sealedAnswer: null });
      }),
  };
}

/** As it was handed out, whatever became of it; a made-up one is nobody's. */
const findToken = (em: EntityManager, refreshToken: string): Promise<RefreshToken | null> =>
  em.findOne(RefreshToken, { hash: hashOf(refreshToken) }, { populate: ["session"], refresh: true });

interface Family {
  readonly session: Session;
  readonly token: RefreshToken;
}

/**
 * The session a refresh token belongs to, locked, and the token as it stands once we have the lock: of two that come with
 * the same token, the second finds it used.
 */
async function lockFamily(em: EntityManager, refreshToken: string): Promise<Family> {
  const known = await findToken(em, refreshToken);
  if (!known) throw new Refusal("AUTH_TOKEN_INVALID", "This token is not ours");
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true };
  const session = await em.findOneOrFail(Session, { id: known.session.id }, lock);
  await em.populate(session, ["user"]);
  const token = await em.findOneOrFail(RefreshToken, { hash: known.hash }, { refresh: true });
  return { session, token };
}

/** The one used last, first. */
const findLive = (em: EntityManager, userId: UserId, now: number): Promise<Session[]> =>
  em.find(
    Session,
    { user: userId, revokedAt: null, expiresAt: { $gt: new Date(now) } },
    { orderBy: { lastUsedAt: "desc", id: "desc" } },
  );

/** Expired ones too: a device has one that was not ended, at most. */
const findOnDevice = async (em: EntityManager, userId: UserId, deviceId: string | null): Promise<Session[]> =>
  deviceId === null ? [] : em.find(Session, { user: userId, deviceId, revokedAt: null });

const idsOf = (sessions: readonly Session[]): readonly SessionId[] => sessions.map(({ id }) => id);

const findWithUser = (em: EntityManager, id: SessionId): Promise<Session | null> =>
  em.findOne(Session, { id }, { populate: ["user"], strategy: "joined" });

const factsOf = ({ revokedAt, expiresAt, user }: Session): SessionFacts => ({
  isRevoked: revokedAt !== null,
  expiresAt: expiresAt.getTime(),
  userStatus: user.getEntity().status,
});

const liveSession = ({ id, expiresAt, lastUsedAt }: Session, seenAt: number): LiveSession => ({
  id,
  seenAt,
  expiresAt: expiresAt.getTime(),
  rotation: lastUsedAt.getTime(),
});

function sessionView({ id, deviceId, deviceName, createdAt, lastUsedAt }: Session, current: boolean): SessionView {
  return {
    id,
    deviceId,
    deviceName,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    current,
  };
}
