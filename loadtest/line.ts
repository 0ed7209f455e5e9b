import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { afterClose, backOff, isForNow, reasonOf } from "./answers.ts";
import type { Person } from "./people.ts";
import type { Tally } from "./tally.ts";

export interface LineOptions {
  /** ws: or http: */
  readonly endpoint: string;
  readonly roomName: string;
  readonly person: Person;
  readonly tally: Tally;
}

/** A phone that is not answered by then asks again, under the same key. */
const ANSWER_MS = 10_000;

/** A server that nobody can join at all is no server to measure. */
const PATIENCE_MS = 20_000;

const SYNCED_AT_ONCE = 200;

const DEVICE = { deviceId: "loadtest", deviceName: "Load test" };

interface Page {
  readonly version: number;
  readonly history: string;
  readonly hasMore: boolean;
}

/** One phone: in its room, up to date, and back as soon as it can be whenever the line is cut. */
export class Line {
  readonly #options: LineOptions;
  readonly #client: Client;
  #room = Promise.withResolvers<Room>();
  #present: Room | undefined;
  /** How far it knows what happened; nothing before it first joined. */
  #known: { afterVersion: number; history: string } | undefined;
  #reconnectAfterMs: number | undefined;
  #isOver = false;

  private constructor(options: LineOptions) {
    this.#options = options;
    this.#client = new Client(options.endpoint);
    this.#client.auth.token = options.person.accessToken;
  }

  /** Resolves once the phone is up to date; throws what it was refused for good with. */
  static async open(options: LineOptions): Promise<Line> {
    const line = new Line(options);
    await line.#persevere(performance.now() + PATIENCE_MS);
    options.tally.joined += 1;
    return line;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Says something, until it is acknowledged or refused for good. */
  async say(text: string): Promise<void> {
    const { tally } = this.#options;
    const key = newKey();
    const asked = performance.now();
    while (!this.#isOver) {
      try {
        const room = await this.#room.promise;
        const answer = await room.request("chat.send", { key, type: "text", text }, { timeout: ANSWER_MS });
        if (typeof answer?.seq !== "number") throw new Error("An acknowledgement without a seq");
        this.#hasHeard(answer.version);
        return tally.answers.add(performance.now() - asked);
      } catch (error) {
        if (!isForNow(error)) return tally.failure(`chat.send: ${reasonOf(error)}`);
        tally.retried += 1;
        await wait(backOff(1));
      }
    }
  }

  /** As when a train goes into a tunnel: without a good-bye, and it comes back by itself. */
  drop(): void {
    this.#present?.connection.close();
  }

  /** Leaves for good. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#present?.leave();
  }

  /** Joins, however often that takes. */
  async #persevere(until = Number.POSITIVE_INFINITY): Promise<void> {
    const { tally } = this.#options;
    for (let tries = 1; !this.#isOver; tries++) {
      try {
        return await this.#join();
      } catch (error) {
        if (!isForNow(error) || performance.now() > until) throw new Error(reasonOf(error), { cause: error });
        tally.retried += 1;
        await wait(backOff(tries));
      }
    }
  }

  async #join(): Promise<void> {
    const asked = performance.now();
    const { roomName, tally } = this.#options;
    const room = await this.#client.joinOrCreate(roomName, { ...DEVICE, ...this.#known });
    room.reconnection.enabled = false;
    await this.#catchUp(room);
    tally.joins.add(performance.now() - asked);
    this.#present = room;
    this.#room.resolve(room);
    if (this.#isOver) await room.leave();
  }

  /** Listens; resolves once the phone has been told what it missed. */
  #catchUp(room: Room): Promise<void> {
    const { tally, person } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    room.onMessage("chat.window", ({ version, history }: Page) => {
      this.#known = { afterVersion: version, history };
      resolve();
    });
    room.onMessage("chat.resume", ({ to, history, hasMore }: { to: number; history: string; hasMore: boolean }) => {
      this.#known = { afterVersion: to, history };
      if (hasMore) this.#sync(room).then(resolve, reject);
      else resolve();
    });
    room.onMessage("chat.message", ({ version, message }: { version: number; message: { key?: string } }) => {
      this.#hasHeard(version);
      const asked = askedAt(message.key ?? "");
      if (asked !== undefined) tally.deliveries.add(Math.max(0, now() - asked));
    });
    room.onMessage("server.draining", ({ reconnectAfterMs }: { reconnectAfterMs: number }) => {
      this.#reconnectAfterMs = reconnectAfterMs;
    });
    room.onMessage("*", () => undefined);
    room.onLeave((code) => {
      reject(new Error("The line was cut"));
      if (room === this.#present)
        void this.#lost(code).catch(({ message }) => tally.failure(`${person.email}: ${message}`));
    });
    return promise;
  }

  async #sync(room: Room): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const query = { afterVersion: this.#known?.afterVersion ?? 0, limit: SYNCED_AT_ONCE };
      const page: Page = await room.request("chat.sync", query, { timeout: ANSWER_MS });
      this.#known = { afterVersion: page.version, history: page.history };
      ({ hasMore } = page);
    }
  }

  async #lost(code: number): Promise<void> {
    const { tally } = this.#options;
    const lostAt = performance.now();
    this.#present = undefined;
    if (this.#isOver) return;
    tally.cut += 1;
    this.#room = Promise.withResolvers();
    const inMs = afterClose(code, this.#reconnectAfterMs);
    this.#reconnectAfterMs = undefined;
    if (inMs === undefined) {
      this.#isOver = true;
      throw new Error(`closed for good, ${code}`);
    }
    await wait(inMs);
    await this.#persevere();
    tally.returns.add(performance.now() - lostAt);
  }

  #hasHeard(version: number): void {
    if (this.#known && version > this.#known.afterVersion) this.#known = { ...this.#known, afterVersion: version };
  }
}

/** Of the machine, so that two processes on it agree. */
const now = (): number => performance.timeOrigin + performance.now();

/** Random, as a key must be; when it was asked is in front, for whoever hears it. */
const newKey = (): string => `lt.${Math.round(now() * 1000).toString(36)}.${randomBytes(12).toString("base64url")}`;

function askedAt(key: string): number | undefined {
  const [mark, at] = key.split(".");
  return mark === "lt" && at ? Number.parseInt(at, 36) / 1000 : undefined;
}
