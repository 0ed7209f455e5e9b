import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Archive } from "../../domain/history.ts";
import { LIMITS } from "../../domain/limits.ts";
import { pairHistory } from "../../domain/pair-history.ts";
import type { Caller, PairDoor, Receipt, Twin } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { type Message, noBody } from "../../domain/room/message.ts";
import { roomCommand } from "../../domain/room/rules.ts";
import { type HttpDeps, httpApp } from "../../http/app.ts";
import { MessageId, type PairId, SessionId, UserId } from "../../schema/wire/ids.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { ada, bea, countingChance, newYear, pair } from "./twins.ts";

const nobody = async (): Promise<never> => {
  throw new Refusal("NOT_FOUND", "Nobody lives here");
};

const notThere = (): never => {
  throw new Refusal("NOT_FOUND", "Nobody lives here");
};

const HOUR_MS = 3_600_000;

/** What was said in each pair, in memory; it answers as the real history does, by the same reader. */
export class SaidSoFar {
  readonly #said = new Map<PairId, Message[]>();
  #at = newYear;

  of = (pairId: PairId): readonly Message[] => this.#said.get(pairId) ?? [];

  say({ pairId, userId }: Twin, words: string, key = `key ${this.#at}`): Message {
    const at = ++this.#at;
    const seq = this.of(pairId).length + 1;
    const message: Message = {
      ...noBody,
      id: MessageId.parse(countingChance().newId(at)),
      seq,
      version: seq,
      key,
      senderId: userId,
      type: "text",
      text: words,
      replyTo: null,
      reactions: [],
      hides: [],
      pinned: false,
      sentAt: at,
      editedAt: null,
      deletedAt: null,
      salt: null,
    };
    this.#said.set(pairId, [...this.of(pairId), message]);
    return message;
  }

  /** Deletes it for that person. */
  hide({ pairId, userId }: Twin, seq: number): void {
    const hidden = this.of(pairId).map((one) =>
      one.seq === seq ? { ...one, hides: [{ userId, version: seq }] } : one,
    );
    this.#said.set(pairId, hidden);
  }

  readonly archive: Archive = {
    extent: async (pairId) => ({ version: this.of(pairId).length, firstSeq: 1, lastSeq: this.of(pairId).length }),
    bySeq: async (pairId, from, to) => this.of(pairId).filter(({ seq }) => seq >= from && seq <= to),
    byId: async (pairId, ids) => this.of(pairId).filter(({ id }) => ids.includes(id)),
    seqBefore: async (pairId, at) => this.of(pairId).findLast(({ sentAt }) => sentAt < at)?.seq ?? 0,
    changes: async () => [],
    withTerms: async () => [],
    marks: async () => new Map(),
  };
}

/** A room's door that reads commands as a room does, sends, and does nothing else. */
class SmallDoor implements PairDoor {
  readonly executed: { readonly name: string; readonly payload: unknown }[] = [];
  readonly #said: SaidSoFar;
  readonly #receipts = new Map<string, Receipt>();
  readonly #marks = new Map<UserId, number>();

  constructor(said: SaidSoFar) {
    this.#said = said;
  }

  async execute(twin: Twin, name: string, payload: unknown): Promise<Receipt> {
    this.executed.push({ name, payload });
    const { key, wish } = roomCommand(twin, name, payload, null);
    const known = this.#receipts.get(key);
    if (known) return { ...known, duplicate: true };
    if (name !== "chat.send") throw new Refusal("NOT_FOUND", "There is no such message");
    const { id, seq, version, sentAt } = this.#said.say(twin, String(Object(wish.input).text), key);
    const receipt = { id, seq, version, at: sentAt, duplicate: false };
    this.#receipts.set(key, receipt);
    return receipt;
  }

  async mark({ userId, pairId }: Twin, _what: "delivered" | "read", upTo: number): Promise<number> {
    const lastSeq = this.#said.of(pairId).length;
    const mark = Math.max(this.#marks.get(userId) ?? 0, Math.min(upTo, lastSeq));
    this.#marks.set(userId, mark);
    return mark;
  }
}

type Call = {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

/** The HTTP side alone, on a real socket, with everything behind it in memory. Tokens are names: "ada" and "bea", who are
 * twins, and "solo". */
export class HttpWorld {
  readonly said = new SaidSoFar();
  readonly door = new SmallDoor(this.said);
  readonly reported: { readonly error: unknown; readonly about: unknown }[] = [];
  readonly pairs = new Map<UserId, PairId>([
    [ada, pair(1)],
    [bea, pair(1)],
  ]);
  readonly former = new Map<UserId, PairId>();
  readonly http = createServer();
  port = 0;
  readonly deps: HttpDeps = this.#deps();

  static async open(overrides: Partial<HttpDeps> = {}): Promise<HttpWorld> {
    const world = new HttpWorld();
    world.http.on("request", httpApp({ ...world.deps, ...overrides }));
    world.http.listen(0, "127.0.0.1");
    await once(world.http, "listening");
    const address = world.http.address();
    world.port = typeof address === "object" && address ? address.port : 0;
    return world;
  }

  async close(): Promise<void> {
    this.http.close();
    this.http.closeAllConnections();
    await once(this.http, "close");
  }

  twin = (userId: UserId): Twin => ({ userId, pairId: this.pairs.get(userId) ?? pair(1) });

  async call(method: string, path: string, { as, body, headers = {} }: Call = {}) {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const said = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text: said,
      body: said.startsWith("{") ? JSON.parse(said) : {},
    };
  }

  /** Status and code, as one reads them at a glance. */
  async refusal(method: string, path: string, call: Call = {}): Promise<string> {
    const { status, body } = await this.call(method, path, call);
    return `${status} ${body.error?.code}`;
  }

  /** Bytes that no well-behaved client would send; what comes back until the server closes. */
  async raw(...pieces: (string | Uint8Array)[]): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    for (const piece of pieces) socket.write(piece);
    return text(socket);
  }

  callers(token: string | undefined): Caller {
    if (token === undefined) throw new Refusal("AUTH_REQUIRED", "Sign in first");
    const userId = PEOPLE.get(token);
    if (!userId) throw new Refusal("AUTH_TOKEN_INVALID", "This token is not ours");
    return { userId, sessionId: SessionId.parse(userId), expiresAt: newYear + HOUR_MS };
  }

  #deps(): HttpDeps {
    const { said, pairs, former, door } = this;
    const chance = countingChance();
    const people = { of: async () => [], seen: async () => undefined };
    return {
      authenticate: async (token) => this.callers(token),
      publicKeys: { keys: [] },
      accounts: { register: nobody, login: nobody, me: nobody },
      invitations: {
        ...{ invite: nobody, list: nobody, preview: nobody, accept: nobody },
        ...{ decline: nobody, resend: nobody, cancel: nobody },
      },
      pushTokens: { register: nobody, remove: nobody },
      providerReports: { mail: nobody, text: nobody },
      unsubscribes: { isKnown: () => false, unsubscribe: nobody },
      twintuition: {
        ...{ pressed: nobody, alerted: nobody, alert: nobody, see: nobody },
        ...{ alerts: nobody, moments: nobody, stats: nobody },
      },
      signatures: { sendgrid: undefined, twilio: undefined, revenuecat: undefined },
      subscriptions: { look: nobody, purchase: nobody, restore: nobody, hear: nobody },
      blocks: { block: nobody, list: nobody, unblock: nobody },
      reports: { file: nobody },
      addresses: { verify: nobody, resend: nobody, forgot: nobody, change: nobody },
      passwords: { reset: nobody, change: nobody },
      phones: { ask: nobody, prove: nobody },
      signIns: { list: nobody },
      sessions: { refresh: nobody, logout: async () => undefined, list: nobody, end: nobody },
      profiles: { read: nobody, replace: nobody, change: nobody, settings: nobody, changeSettings: nobody },
      pairing: {
        newCode: async () => ({ code: "ABCDEFGH", expiresAt: new Date(newYear + HOUR_MS).toISOString() }),
        redeem: nobody,
        unpair: nobody,
        activePair: async (userId) => pairs.get(userId) ?? null,
        isMember: async (pairId, userId) => pairs.get(userId) === pairId || former.get(userId) === pairId,
        current: async () => null,
        former: async () => [],
        news: async () => null,
      },
      exports: { ask: nobody, look: nobody, open: nobody },
      assessments: { start: nobody, list: nobody, look: nobody, respond: nobody, results: nobody },
      consents: { look: nobody, change: nobody },
      comparisons: { look: nobody },
      assessmentReports: { make: nobody },
      deletion: { ask: nobody },
      studies: { list: nobody, look: nobody },
      studyConsents: { give: nobody, withdraw: nobody, look: nobody },
      contributions: { list: nobody },
      telemetry: { take: nobody },
      releases: { studies: nobody, ask: nobody, approve: nobody, read: nobody },
      staff: { login: nobody, authenticate: nobody, me: notThere, logout: nobody },
      staffPeople: {
        ...{ find: nobody, suspend: nobody, restore: nobody, endSessions: nobody },
        ...{ resendVerification: nobody, startExport: nobody, startDeletion: nobody },
      },
      staffDeliveries: { report: nobody, suppressions: nobody, lift: nobody },
      staffOperations: { jobs: nobody, retry: nobody, room: nobody },
      staffAudit: { list: nobody },
      moderation: { list: nobody, decide: nobody },
      reportedMedia: { look: nobody, open: nobody },
      idempotency: { once: (_call, work) => work(), purge: async () => 0 },
      door,
      history: pairHistory({
        line: () => "line",
        archive: said.archive,
        lookup: said.archive,
        people,
      }),
      blobs: undefined,
      media: { announce: nobody, complete: nobody, look: nobody, open: nobody },
      stories: { write: nobody, change: nobody, remove: nobody, read: nobody, list: nobody },
      seats: {
        reserve: async (_token, name) => ({ name, roomId: "r", sessionId: "s", processId: "p" }),
      },
      limits: memoryLimits({ ...LIMITS, requests: QUICK, "requests.ip": QUICK }),
      clock: { now: () => newYear },
      chance,
      proxies: { trusted: [], header: undefined },
      origins: [],
      publicUrl: "https://api.example.org",
      version: "0.0.0",
      health: async () => ({
        status: "healthy",
        services: { database: "connected", redis: "not configured", realtime: "ready" },
      }),
      notReady: async () => [],
      report: (error, about) => void this.reported.push({ error, about }),
    };
  }
}

/** Nobody is to wait for limits that other tests are about. */
const QUICK = { points: 1_000_000, withinMs: 60_000 };

const PEOPLE = new Map<string, UserId>([
  ["ada", ada],
  ["bea", bea],
  ["solo", UserId.parse("00000000-0000-4000-8000-000000000003")],
]);

/** An answer's head and body, apart. */
export function parted(answer: string): { readonly head: string; readonly body: string } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 \d{3}/);
  return { head, body };
}
