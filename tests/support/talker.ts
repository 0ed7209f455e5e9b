import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import type { Heard, Observation, Place } from "./history-checker.ts";
import { Random } from "./random.ts";
import type { SignedUp, TestServer } from "./server.ts";

const PATIENCE_MS = 2000;
const AGAIN_MS = 10;
const SYNCED_AT_ONCE = 200;

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
  readonly #server: TestServer;
  readonly #random: Random;
  readonly #until: AbortSignal;
  #room: Room | undefined;
  #place: Place;
  #connections = 0;
  #asks = 0;
  /** The newest change it knows of, and the line of history that belongs to. */
  #version = 0;
  #history: string | undefined;
  #lastSent: string | undefined;
  #newestSeq = 0;

  constructor(
    server: TestServer,
    who: SignedUp,
    pair: string,
    of: { seed: number; record: Observation[]; until: AbortSignal },
  ) {
    this.#server = server;
    this.who = who;
    this.pair = pair;
    this.record = of.record;
    this.#random = new Random(of.seed);
    this.#until = of.until;
    this.#place = { pair, person: who.userId, device: who.userId, connection: "none" };
  }

  async talk(): Promise<void> {
    for (let n = 1; !this.#until.aborted; n++) {
      await this.#ask(this.#wish(`${this.who.userId.slice(-4)}-${n}`));
      if (this.#random.percent(20)) await this.#read();
    }
    await this.#room?.leave();
  }

  /** Connects once more as a phone that knows nothing, and has then heard all there is to hear. */
  async settle(): Promise<void> {
    this.#history = undefined;
    const room = await this.#join();
    await room.request("chat.history", { limit: 1 }, { timeout: PATIENCE_MS });
    this.#note({ type: "settled" });
    await room.leave();
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
      const ask = `${this.who.userId}/${++this.#asks}`;
      try {
        this.#room ??= await this.#join();
        this.#note({ type: "invoked", ask, key, name, body });
        const answer = await this.#room.request(name, { key, ...body }, { timeout: PATIENCE_MS });
        this.#note({ type: "answered", ask, key, name, answer });
        this.acknowledged += 1;
        this.#version = Math.max(this.#version, answer.version);
        if (name === "chat.send") this.#lastSent = answer.id;
        return;
      } catch (error) {
        const code = codeOf(error);
        this.#note({ type: "refused", ask, key, code });
        if (code === "GONE" || code === "FORBIDDEN") return;
        if (code === "NO_ANSWER") this.#room = undefined;
        await wait(AGAIN_MS);
      }
    }
  }

  async #read(): Promise<void> {
    try {
      this.#room ??= await this.#join();
      const { upTo } = await this.#room.request("chat.read", { upTo: this.#newestSeq }, { timeout: PATIENCE_MS });
      this.#note({ type: "marked", source: "answer", whose: this.who.userId, readSeq: upTo });
    } catch {
      // Marks are said again after the next join; that they were not heard is no harm.
      this.#room = undefined;
    }
  }

  async #join(): Promise<Room> {
    const known =
      this.#history && this.#random.percent(70) ? { afterVersion: this.#version, history: this.#history } : {};
    const room = await this.#server.join(this.who, { deviceId: this.who.userId, ...known });
    this.#connections += 1;
    this.#place = { ...this.#place, connection: `${this.who.userId}/${this.#connections}` };
    const caughtUp = this.#listen(room, { ...this.#place });
    await caughtUp;
    return room;
  }

  /** Resolves once the phone has been told what it missed. */
  #listen(room: Room, place: Place): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    room.onLeave(() => reject(new Error("closed")));
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
