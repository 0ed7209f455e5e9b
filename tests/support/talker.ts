import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import type { Entrance, SignedUp } from "./entrance.ts";
import type { Heard, Observation, Place } from "./history-checker.ts";
import { Random } from "./random.ts";

const PATIENCE_MS = 2000;
const AGAIN_MS = 10;

/** Sooner than the server asks for, so that what is measured is the server and not the phone's patience. */
const NOT_NOW_MS = 50;
const SYNCED_AT_ONCE = 200;

/** A phone that knows nothing comes in sooner or later; a few tries are enough on a healthy server. */
const SETTLING_TRIES = 20;

/** Codes of the server's own with which it lets a socket go. */
const MOVED = 4412;
const DRAINING = 4503;

export interface TalkerOptions {
  readonly seed: number;
  readonly record: Observation[];
  readonly until: AbortSignal;
  /** Between an answer and the next command; 0: none. */
  readonly pauseMs?: number | (() => number);
  /** Its name among the person's devices; by default the person's only one. */
  readonly device?: string;
}

/** How a socket ended that the phone had not ended itself. */
export interface Farewell {
  readonly code: number;
  /** The server had said when to come again. */
  readonly wasTold: boolean;
}

interface Command {
  readonly key: string;
  readonly name: string;
  readonly body: object;
}

/**
 * A phone with nothing but the stock SDK that says one thing after the other, each under its key until it is answered,
 * comes back where it left off, and writes down all that it asked, was answered and heard.
 */
export class Talker {
  readonly who: SignedUp;
  readonly pair: string;
  readonly record: Observation[];
  acknowledged = 0;
  /** Each time it could not go on: milliseconds from its first retry to the next acknowledgement. */
  readonly gaps: number[] = [];
  readonly farewells: Farewell[] = [];
  readonly #server: Entrance;
  readonly #random: Random;
  readonly #until: AbortSignal;
  readonly #pauseMs: () => number;
  readonly #device: string;
  /** Its commands' keys begin so: a person's devices share one set of keys. */
  readonly #keys: string;
  #room: Room | undefined;
  #place: Place;
  #connections = 0;
  #asks = 0;
  /** The newest change it knows of, and the line of history that belongs to. */
  #version = 0;
  #history: string | undefined;
  #lastSent: string | undefined;
  #newestSeq = 0;
  /** It was answering and does not any more. */
  #isCutOff = false;
  #retriedAt: number | undefined;
  #comeBackAt = 0;

  constructor(server: Entrance, who: SignedUp, pair: string, of: TalkerOptions) {
    this.#server = server;
    this.who = who;
    this.pair = pair;
    this.record = of.record;
    this.#random = new Random(of.seed);
    this.#until = of.until;
    const { pauseMs = 0 } = of;
    this.#pauseMs = typeof pauseMs === "number" ? () => pauseMs : pauseMs;
    this.#device = of.device ?? who.userId;
    this.#keys = of.device ?? who.userId.slice(-4);
    this.#place = { pair, person: who.userId, device: this.#device, connection: "none" };
  }

  async talk(): Promise<void> {
    for (let n = 1; !this.#until.aborted; n++) {
      await this.#ask(this.#wish(`${this.#keys}-${n}`));
      if (this.#random.percent(20)) await this.#read();
      const pauseMs = this.#pauseMs();
      if (pauseMs > 0) await wait(pauseMs, undefined, { signal: this.#until }).catch(() => undefined);
    }
    if (this.#room) await within(PATIENCE_MS, this.#room.leave()).catch(() => undefined);
  }

  /** Connects once more as a phone that knows nothing, and has then heard all there is to hear. */
  async settle(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#settle();
      } catch (error) {
        if (tries === SETTLING_TRIES) throw error;
        await wait(AGAIN_MS * tries);
      }
    }
  }

  async #settle(): Promise<void> {
    this.#history = undefined;
    const room = await this.#join();
    await room.request("chat.history", { limit: 1 }, { timeout: PATIENCE_MS });
    this.#note({ type: "settled" });
    await within(PATIENCE_MS, room.leave()).catch(() => undefined);
  }

  #wish(key: string): Command {
    const messageId = this.#lastSent;
    const name = this.#random.pick(["chat.send", "chat.send", "chat.send", "chat.edit", "chat.react", "chat.delete"]);
    if (name === "chat.send" || !messageId) return { key, name: "chat.send", body: { text: `said under ${key}` } };
    const rest = {
      "chat.edit": { text: `edited under ${key}` },
      "chat.react": { emoji: "🙂", on: this.#random.percent(60) },
      "chat.delete": { for: "everyone" },
    };
    return { key, name, body: { messageId, ...rest[name] } };
  }

  /** Until it is answered, one way or the other, or the end. */
  async #ask({ key, name, body }: Command): Promise<void> {
    while (!this.#until.aborted) {
      const ask = `${this.who.userId}/${this.#device}/${++this.#asks}`;
      try {
        await this.#comesBack();
        this.#room ??= await this.#join();
        this.#note({ type: "invoked", ask, key, name, body });
        const answer = await this.#room.request(name, { key, ...body }, { timeout: PATIENCE_MS });
        this.#note({ type: "answered", ask, key, name, answer });
        this.#goesOn();
        this.#version = Math.max(this.#version, answer.version);
        if (name === "chat.send") this.#lastSent = answer.id;
        return;
      } catch (error) {
        const code = codeOf(error);
        this.#note({ type: "refused", ask, key, code });
        if (code === "GONE" || code === "FORBIDDEN") return;
        this.#isCutOff = true;
        if (code === "NO_ANSWER") this.#hangUp();
        await wait(code === "UNAVAILABLE" ? NOT_NOW_MS : AGAIN_MS);
      }
    }
  }

  /** Not before the server said, if it did. */
  async #comesBack(): Promise<void> {
    const early = this.#comeBackAt - performance.now();
    if (early > 0) await wait(early, undefined, { signal: this.#until }).catch(() => undefined);
    if (this.#isCutOff) this.#retriedAt ??= performance.now();
  }

  #goesOn(): void {
    this.acknowledged += 1;
    if (this.#retriedAt !== undefined) this.gaps.push(performance.now() - this.#retriedAt);
    this.#retriedAt = undefined;
    this.#isCutOff = false;
  }

  #hangUp(): void {
    this.#room?.connection.close();
    this.#room = undefined;
  }

  async #read(): Promise<void> {
    try {
      this.#room ??= await this.#join();
      const { upTo } = await this.#room.request("chat.read", { upTo: this.#newestSeq }, { timeout: PATIENCE_MS });
      this.#note({ type: "marked", source: "answer", whose: this.who.userId, readSeq: upTo });
    } catch {
      // Marks are said again after the next join; that they were not heard is no harm.
      this.#isCutOff = true;
      this.#hangUp();
    }
  }

  async #join(): Promise<Room> {
    const known =
      this.#history && this.#random.percent(70) ? { afterVersion: this.#version, history: this.#history } : {};
    const room = await this.#take(this.#server.join(this.who, { deviceId: this.#device, ...known }));
    this.#connections += 1;
    this.#place = { ...this.#place, connection: `${this.who.userId}/${this.#device}/${this.#connections}` };
    try {
      await within(PATIENCE_MS, this.#listen(room, { ...this.#place }));
      return room;
    } catch (error) {
      room.connection.close();
      throw error;
    }
  }

  /** The SDK waits for ever; whoever comes in after the phone gave up goes again. */
  async #take(joining: Promise<Room>): Promise<Room> {
    try {
      return await within(PATIENCE_MS, joining);
    } catch (error) {
      joining.then(
        (room) => room.connection.close(),
        () => undefined,
      );
      throw error;
    }
  }

  /** Resolves once the phone has been told what it missed. */
  #listen(room: Room, place: Place): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isTold = false;
    room.onMessage("server.draining", ({ reconnectAfterMs }) => {
      isTold = true;
      this.#comeBackAt = performance.now() + reconnectAfterMs;
    });
    room.onLeave((code) => {
      this.#isCutOff = true;
      if (code === MOVED || code === DRAINING) this.farewells.push({ code, wasTold: isTold });
      reject(new Error("closed"));
    });
    room.onMessage("chat.window", ({ messages, version, history, firstSeq }) => {
      this.record.push({ ...place, type: "window", messages, version, history, firstSeq });
      this.#learn(messages, version, history);
      resolve();
    });
    room.onMessage("chat.resume", ({ from, to, hasMore, history, reset = false }) => {
      this.record.push({ ...place, type: "resumed", from, to, hasMore, history, reset });
      this.#learn([], to, history);
      if (hasMore) this.#sync(room, place, to).then(resolve, reject);
      else resolve();
    });
    room.onMessage("chat.message", ({ version, message }: { version: number; message: Heard }) => {
      this.record.push({ ...place, type: "told", version, message });
      this.#learn([message], version, this.#history);
    });
    room.onMessage("chat.receipt", ({ userId: whose, deliveredSeq, readSeq }) =>
      this.record.push({ ...place, type: "marked", source: "receipt", whose, deliveredSeq, readSeq }),
    );
    room.onMessage("*", () => undefined);
    return promise;
  }

  async #sync(room: Room, place: Place, from: number): Promise<void> {
    for (let after = from, hasMore = true; hasMore; ) {
      const query = { afterVersion: after, limit: SYNCED_AT_ONCE };
      const page = await room.request("chat.sync", query, { timeout: PATIENCE_MS });
      const { messages, version, history, reset = false } = page;
      this.record.push({
        ...place,
        type: "synced",
        afterVersion: after,
        messages,
        version,
        history,
        hasMore: page.hasMore,
        reset,
      });
      this.#learn(messages, version, history);
      ({ hasMore } = page);
      after = version;
    }
  }

  #learn(messages: readonly Heard[], version: number, history: string | undefined): void {
    this.#version = Math.max(this.#version, version);
    this.#history = history;
    this.#newestSeq = Math.max(this.#newestSeq, ...messages.map(({ seq }) => seq));
  }

  #note(what: Unplaced): void {
    this.record.push({ ...this.#place, ...what });
  }
}

type Unplaced =
  | { type: "settled" }
  | { type: "invoked"; ask: string; key: string; name: string; body: object }
  | { type: "answered"; ask: string; key: string; name: string; answer: { version: number } }
  | { type: "refused"; ask: string; key: string; code: string }
  | { type: "marked"; source: "answer"; whose: string; readSeq: number };

/** The word it was refused with, or that nobody answered. */
function codeOf(error: unknown): string {
  const { reason } = Object(error);
  return typeof reason?.code === "string" ? reason.code : "NO_ANSWER";
}

/** Or it has failed. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
