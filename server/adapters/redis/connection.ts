import { Redis, type RedisOptions } from "ioredis";

/** No command waits longer for its answer: what asks has something else to go by. */
export const COMMAND_MS = 500;

const CONNECT_MS = 1000;

/** While it cannot be reached, tried again after so long: 50, 100, 200 … and then this. */
const RETRY_MS = { least: 50, most: 2000 };

/** Who did not answer is left alone for that long, or every request would wait for it once more. */
const SILENCE_MS = 1000;

/** So often it is asked whether it is still there: who only listens would never find out. */
const BEAT_MS = 1000;

/** A connection that is given up is not waited for longer than that. */
const GOODBYE_MS = 300;

/** What keeps an absent or frozen Redis from making anybody wait, or fall. */
const PATIENCE: RedisOptions = {
  commandTimeout: COMMAND_MS,
  connectTimeout: CONNECT_MS,
  disconnectTimeout: GOODBYE_MS,
  // Nothing waits for its return, and nothing is sent twice: a repeat would count twice.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  maxLoadingRetryTime: 1000,
  disableClientInfo: true,
  // After a failover the old address may answer as a standby.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
};

/**
 * A connection that comes back for ever. Once an answer is overdue it is closed, so that all who wait are told at once and
 * nobody asks again for a second; a beat finds that out where nothing is asked. Whoever subscribes does so again at each
 * "ready".
 */
export class RedisConnection extends Redis {
  readonly #open: Set<RedisConnection>;
  readonly #beat: NodeJS.Timeout;
  #wasSilent = false;

  /** Is one of the open ones until it has ended. */
  constructor(options: RedisOptions, open: Set<RedisConnection>) {
    super({ ...PATIENCE, ...options });
    this.#open = open.add(this);
    this.options.retryStrategy = (attempt) => this.#pause(attempt);
    this.#beat = setInterval(() => this.#beatOnce(), BEAT_MS).unref();
    this.on("ready", () => {
      this.#wasSilent = false;
    });
    this.on("connect", () => this.#listenCarefully());
    this.on("end", () => this.#forget());
    // Whoever cares listens for themselves; unheard, each would be printed.
    this.on("error", () => undefined);
  }

  /** Another one, with the same care. */
  override duplicate(override: Partial<RedisOptions> = {}): Redis {
    return new RedisConnection({ ...this.options, ...override }, this.#open);
  }

  override sendCommand(...[command, stream]: Parameters<Redis["sendCommand"]>): unknown {
    const { stream: line } = this;
    // Also what the client sends by itself, and awaits nowhere.
    command.promise.catch((error: unknown) => {
      if (isOverdue(error)) this.#giveUp(line);
    });
    return super.sendCommand(command, stream);
  }

  /** An answer that no Redis gives makes the client throw where nobody could catch it: it costs the connection instead. */
  #listenCarefully(): void {
    const { stream } = this;
    const listeners = stream.listeners("data");
    stream.removeAllListeners("data");
    stream.on("data", (chunk) => {
      try {
        for (const listen of listeners) Reflect.apply(listen, stream, [chunk]);
      } catch (cause) {
        stream.destroy(new Error("Redis answered what makes no sense", { cause }));
      }
    });
  }

  /** Of the connection that was asked, and no later one. */
  #giveUp(line: Redis["stream"] | undefined): void {
    if (line !== this.stream || line === undefined || line.destroyed) return;
    this.#wasSilent = true;
    line.destroy(new Error(`Redis did not answer within ${COMMAND_MS} ms`));
  }

  #beatOnce(): void {
    if (this.status === "ready") this.ping().catch(() => undefined);
  }

  #pause(attempt: number): number {
    if (this.#wasSilent) return SILENCE_MS;
    return Math.min(RETRY_MS.least * 2 ** Math.min(attempt - 1, 10), RETRY_MS.most);
  }

  /** For good, and without waiting for what is frozen. */
  close(): void {
    this.#forget();
    this.disconnect();
    this.stream?.destroy();
  }

  #forget(): void {
    clearInterval(this.#beat);
    this.#open.delete(this);
  }
}

const isOverdue = (error: unknown): boolean => error instanceof Error && error.message === "Command timed out";
