import { once } from "node:events";
import type { Redis } from "ioredis";

/** A busy process may be late; a Redis that is later than that is not there. */
const ANSWER_MS = 3000;

const channelOf = (processId: string): string => `twinship:pipe:${processId}`;

/** Where to get connections of one's own: an OpenedRedis. */
export interface RedisSource {
  readonly commands: Pick<Redis, "duplicate">;
}

export interface ChannelsDeps {
  readonly redis: RedisSource;
  readonly processId: string;
  readonly heard: (frame: Buffer) => void;
  /** Whatever was on its way, in or out, may be lost. */
  readonly broken: () => void;
  /** Nobody listens any more on a channel where somebody did. The count of a Redis Cluster's node says no more than that. */
  readonly left: (processId: string) => void;
}

/** A channel for each process, on which it alone listens. */
export class RedisChannels {
  readonly #deps: ChannelsDeps;
  readonly #ours: string;
  readonly #out: Redis;
  readonly #in: Redis;
  readonly #listening = new Set<string>();
  #isSubscribed = false;

  constructor(deps: ChannelsDeps) {
    this.#deps = deps;
    this.#ours = channelOf(deps.processId);
    const { commands } = deps.redis;
    this.#in = commands.duplicate({ commandTimeout: ANSWER_MS, autoResubscribe: false });
    // What is said in a gap is a farewell: it is still worth saying after it.
    this.#out = commands.duplicate({ commandTimeout: ANSWER_MS, enableOfflineQueue: true, maxRetriesPerRequest: null });
    this.#in.on("messageBuffer", (_channel: Buffer, frame: Buffer) => deps.heard(frame));
    this.#in.on("ready", () => void this.#subscribe());
    for (const connection of [this.#in, this.#out]) connection.on("close", () => this.#broke());
  }

  /** Resolves once we listen, or once it is known that Redis is away: then we listen as soon as it is back. */
  async start(): Promise<void> {
    for (const connection of [this.#in, this.#out]) {
      if (connection.status !== "ready") await firstOf(connection, "ready", "close", "end");
    }
    await this.#subscribe();
  }

  isThere(): boolean {
    return this.#isSubscribed && this.#out.status === "ready";
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#in.subscribe(this.#ours);
      this.#isSubscribed = this.#in.status === "ready";
    } catch {
      // It is away again; the next "ready" comes.
    }
  }

  /** Rejects if Redis did not take it. */
  async publish(processId: string, frame: Buffer): Promise<void> {
    this.#counted(processId, await this.#out.publish(channelOf(processId), frame));
  }

  /** Asks who of them still listens. */
  async count(processIds: readonly string[]): Promise<void> {
    if (processIds.length === 0 || !this.isThere()) return;
    const answer = await this.#out.pubsub("NUMSUB", ...processIds.map(channelOf));
    for (const [at, processId] of processIds.entries()) this.#counted(processId, Number(answer[2 * at + 1]));
  }

  #counted(processId: string, listeners: number): void {
    if (listeners > 0) this.#listening.add(processId);
    else if (this.#listening.delete(processId)) this.#deps.left(processId);
  }

  #broke(): void {
    this.#isSubscribed = this.#isSubscribed && this.#in.status === "ready";
    this.#listening.clear();
    this.#deps.broken();
  }

  /** What was published before still goes out. */
  async close(): Promise<void> {
    await Promise.all([this.#in, this.#out].map(ended));
  }
}

async function ended(connection: Redis): Promise<void> {
  if (connection.status !== "ready") {
    // It says nothing and, between two attempts, would not tell us its end either.
    connection.disconnect();
    connection.stream?.destroy();
    return;
  }
  const end = once(connection, "end");
  connection.disconnect();
  await end;
}

async function firstOf(connection: Redis, ...events: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const event of events) connection.once(event, resolve);
  await promise;
  for (const event of events) connection.off(event, resolve);
}
