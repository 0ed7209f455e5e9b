import type { EntityManager } from "@mikro-orm/core";
import type { AssessmentId } from "../schema/wire/assessments.ts";
import type {
  AnyMessageView,
  HistoryPage,
  ReadHistory,
  Search,
  SearchPage,
  Sync,
  SyncPage,
} from "../schema/wire/chat.ts";
import type { MediaId, MessageId, PairId, SessionId, UserId } from "../schema/wire/ids.ts";
import type { Job } from "../schema/wire/jobs.ts";
import type { Channel, Outgoing, PushText } from "../schema/wire/letters.ts";
import type { News } from "../schema/wire/news.ts";
import type { Entitlement } from "../schema/wire/subscriptions.ts";

/** What the domain asks of the outside world: only what has two implementations, or crosses a wall. */

export interface Clock {
  /** Milliseconds since 1970, UTC, by the database's clock. */
  now(): number;
}

/** Chance comes in through here, so that a rule gives the same answer each time it is asked. */
export interface Chance {
  /** A UUIDv7 of that millisecond. */
  newId(at: number): string;
  /** 16 random bytes, in hex. */
  newSalt(): string;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

/** What is handed to it runs once the outermost transaction is committed, and not at all if it is not. */
export type AfterCommit = (effect: () => void) => void;

/** Where accounts, pairs and sessions live. It is PostgreSQL, embedded or served; MikroORM is how the domain speaks to it. */
export interface Database {
  /** For looking only. */
  read<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /** All or nothing. Inside another transaction of the same call chain it joins that one. */
  transaction<T>(work: (em: EntityManager, afterCommit: AfterCommit) => Promise<T>): Promise<T>;
}

/** Who is signed in; made from an access token, never from a payload. */
export interface Caller {
  readonly userId: UserId;
  readonly sessionId: SessionId;
  /** When the access token ends, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Who holds an access token. Throws AUTH_REQUIRED, AUTH_TOKEN_INVALID, AUTH_TOKEN_EXPIRED or AUTH_TOKEN_REVOKED; revoked
 * means that its session was, on whichever node.
 */
export type Authenticate = (accessToken: string | undefined) => Promise<Caller>;

/** A person in their pair's room. */
export interface Twin {
  readonly userId: UserId;
  readonly pairId: PairId;
}

/** The place a command took in history. */
export interface Receipt {
  readonly id: string;
  readonly seq: number | null;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The command had taken effect before it was asked this time. */
  readonly duplicate: boolean;
}

/** How a command reaches the pair's room from outside it, wherever that room runs. */
export interface PairDoor {
  /**
   * A durable command (`chat.send` …), its payload as a device would send it, `key` included; or one of who decides
   * reports (`chat.remove`), who is then named in place of a twin. Throws Refusal.
   */
  execute(twin: Twin, name: string, payload: unknown): Promise<Receipt>;
  /** Moves a watermark; answers with where it stands now. Never back, never beyond the newest message. */
  mark(twin: Twin, what: "delivered" | "read", upTo: number): Promise<number>;
}

/** What live rooms, waiting phones and memories must hear of, on whichever node. */
export interface Notices {
  /** Called after the commit; never throws. Under one id it is one piece of news: hearing it twice changes nothing. */
  hear(news: News, id: string): void;
}

/** Work for later: a row in the transaction that made it necessary, done at least once by whichever worker comes to it. */
export interface Jobs {
  /** Rolled back with `em`'s transaction. `afterMs`: not before so many milliseconds from now. */
  put(em: EntityManager, job: Job, when?: { readonly afterMs?: number }): Promise<void>;
}

/** What a message is for, so that whoever wrote it hears what becomes of it. */
export interface DeliveryPurpose {
  readonly userId: UserId | null;
  /** An id of the sender's own: an invitation's, say. */
  readonly about?: string;
}

/** Mail, text messages and pushes leave by here, once the transaction that asked for them is committed. */
export interface Outbox {
  /** The delivery's id. An address that wants nothing of us any more gets nothing, and nobody is told here. */
  send(em: EntityManager, message: Outgoing, purpose: DeliveryPurpose): Promise<string>;
  /** Whoever got it has done what it asked of them. */
  answered(em: EntityManager, about: string): Promise<void>;
}

/** `sent`: a provider took it. `delivered`: it arrived. `failed`: it never will, by any attempt. */
export interface DeliveryNews {
  readonly deliveryId: string;
  readonly about: string | null;
  readonly channel: Channel;
  readonly state: "sent" | "delivered" | "failed";
  /** Why it failed, in the provider's words. */
  readonly reason: string | null;
  /** How often it was tried by now. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Told in the transaction that notes it; may come twice, and in any order. */
export type FollowDelivery = (em: EntityManager, afterCommit: AfterCommit, news: DeliveryNews) => Promise<void>;

/** By the provider's own id of a message it reports what became of it. */
export interface Sent {
  readonly providerId: string;
}

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Comes back with every report. */
  readonly deliveryId: string;
  /** For what one can be tired of. */
  readonly unsubscribeLink: string | null;
}

export interface TextMessage {
  readonly to: string;
  readonly text: string;
  readonly deliveryId: string;
}

/** All of these throw Undeliverable when trying again cannot help, and anything else when it may. */
export interface Mailer {
  send(mail: Mail): Promise<Sent>;
}

export interface Texter {
  send(message: TextMessage): Promise<Sent>;
}

export interface Push {
  /** A device's token with the provider. */
  readonly to: string;
  readonly text: PushText;
  readonly deliveryId: string;
}

/** What became of a push in the end. */
export type PushFate = { readonly isDelivered: true } | { readonly isDelivered: false; readonly reason: string };

export interface PushSender {
  send(push: Push): Promise<Sent>;
  /** Of those of the providerIds of which it is known by now. */
  receipts(providerIds: readonly string[]): Promise<ReadonlyMap<string, PushFate>>;
}

/** What the database said of a session that lives. */
export interface LiveSession {
  readonly id: SessionId;
  /** Before it was asked, in milliseconds since 1970. */
  readonly seenAt: number;
  readonly expiresAt: number;
  /** When its tokens were last renewed: what was said after a later one counts. */
  readonly rotation: number;
}

/**
 * What all nodes tell each other of sessions, so that few of them ask the database. It says yes, for some seconds, or
 * nothing; a no is the database's to say. Nothing here throws.
 */
export interface SessionCopies {
  /** Until when the session may be taken to live, in milliseconds since 1970; undefined: ask the database. */
  liveUntil(id: SessionId): Promise<number | undefined>;
  live(session: LiveSession): Promise<void>;
  /** For good: whoever heard before that they live is not believed after. */
  ended(ids: readonly SessionId[]): Promise<void>;
}

/** Every limit's numbers are in limits.ts. */
export interface Limits {
  /** Takes one (or `points`). Throws RATE_LIMIT_EXCEEDED with retryAfterMs when there is none left. */
  take(limit: string, key: string, points?: number): Promise<Allowance>;
  /** What `take` would find, without taking. */
  look(limit: string, key: string): Promise<Allowance>;
  /** Forgets what was taken. */
  clear(limit: string, key: string): Promise<void>;
}

export interface Allowance {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** What was said in a pair, as one of the two may see it: hidden rows stand as such, marks respect the other's settings. */
export interface History {
  page(reader: Twin, query: ReadHistory): Promise<HistoryPage>;
  sync(reader: Twin, query: Sync): Promise<SyncPage>;
  search(reader: Twin, query: Search): Promise<SearchPage>;
  /** Those of the messages that are of this pair, in seq order. */
  messages(reader: Twin, ids: readonly MessageId[]): Promise<readonly AnyMessageView[]>;
  /** Where a pair's history begins and ends; lastSeq is firstSeq - 1 when it is empty. */
  extent(pairId: PairId): Promise<{ readonly firstSeq: number; readonly lastSeq: number }>;
  /** The seq of the newest message sent before that millisecond; 0 if there is none. */
  seqBefore(pairId: PairId, at: number): Promise<number>;
}

/** One of the two, as their room must know them. */
export interface Person {
  readonly userId: UserId;
  readonly name: string;
  readonly accentColor: string;
  readonly avatar: MediaId | null;
  readonly showsLastSeen: boolean;
  readonly sendsReadReceipts: boolean;
  /** Whether a phone of theirs can be told while the app is not open. */
  readonly canRing: boolean;
  /** As they set it; the smaller of the two counts. */
  readonly windowMs: number;
  readonly keywordMoments: boolean;
  readonly timezone: string;
  /** Milliseconds since 1970. */
  readonly lastSeen: number | null;
  readonly assessment: AssessmentProgress;
}

/** How far somebody is with the questions; never what they answered. */
export interface AssessmentProgress {
  readonly sessionId: AssessmentId | null;
  readonly bankVersion: string | null;
  readonly answered: number;
  readonly total: number;
  readonly status: "none" | "in_progress" | "completed";
  /** Milliseconds since 1970. */
  readonly updatedAt: number | null;
}

export interface PairPeople {
  /** The two, in a fixed order. */
  of(pairId: PairId): Promise<readonly Person[]>;
  /** They were there at that time, in milliseconds since 1970; an earlier time than the stored one changes nothing. */
  seen(userId: UserId, at: number): Promise<void>;
}

/** Passwords come in their normal form. Throws UNAVAILABLE when too many are waiting. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** For nobody (null) it takes as long as for somebody, and says no. */
  matches(hash: string | null, password: string): Promise<boolean>;
}

export interface IssuedToken {
  readonly token: string;
  readonly lifeSeconds: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Tokens that anybody can check who has the public keys. `at` is now, in milliseconds since 1970. */
export interface AccessTokens {
  issue(holder: Pick<Caller, "userId" | "sessionId">, at: number): IssuedToken;
  /** Throws AUTH_TOKEN_INVALID or AUTH_TOKEN_EXPIRED. Knows nothing of sessions that were ended. */
  verify(token: string, at: number): Caller;
}

/** What somebody may do beyond what everybody may. */
export interface Entitlements {
  /** Of one's own subscription alone: whatever the twin has opens nothing. */
  of(userId: UserId): Promise<ReadonlySet<Entitlement>>;
}
