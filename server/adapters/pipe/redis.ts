import type { Duplex } from "node:stream";
import type { Logger } from "../../logger.ts";
import type { ClusterKey } from "./cluster-key.ts";
import { patience } from "./patience.ts";
import { ANSWER_MS, type Neighbour, NoWay, type NoWayWhy, type Pipes } from "./pipe.ts";
import { RedisChannels, type RedisSource } from "./redis-channels.ts";
import { type Asked, answerOpen, askToOpen, GREETING, type Greeting, readGreeting } from "./redis-greetings.ts";
import { addresseeOf, CHUNK, endName, type PipeSecret, type Side } from "./sealed-chunks.ts";
import { SealedPipe } from "./sealed-pipe.ts";

/** Twice a second it is asked who still listens, and each pipe counts how long it heard nothing. */
const TICK_MS = 500;

/** Pipes that were asked for and not used: more than a crowd that comes at once, and no flood. */
const MOST_UNPROVEN = 10_000;

export interface RedisPipesDeps {
  readonly redis: RedisSource;
  readonly processId: string;
  readonly key: ClusterKey;
  /** Takes the other end of a pipe as a connection of the HTTP server's. */
  readonly accept: (duplex: Duplex) => void;
  readonly log: Pick<Logger, "warn">;
  readonly answerMs?: number;
  readonly tickMs?: number;
}

export interface RedisPipes extends Pipes {
  /** Resolves once others can reach us, or once it is known that Redis is away: then they can as soon as it is back. */
  start(): Promise<void>;
}

/** Where nodes cannot reach each other: sealed and numbered chunks over Redis' channels. Redis may lose them or lie. */
export const redisPipes = (deps: RedisPipesDeps): RedisPipes => new PipesOverRedis(deps);

interface Opening extends Asked {
  readonly neighbour: string;
  opened(secret: PipeSecret): void;
  failed(why: NoWayWhy): void;
  isWithStranger: boolean;
}

interface End {
  readonly neighbour: string;
  readonly pipe: SealedPipe;
}

class PipesOverRedis implements RedisPipes {
  readonly #deps: RedisPipesDeps;
  readonly #channels: RedisChannels;
  readonly #openings = new Map<string, Opening>();
  readonly #ends = new Map<string, End>();
  readonly #unproven = new Set<string>();
  #ticking: NodeJS.Timeout | undefined;

  constructor(deps: RedisPipesDeps) {
    this.#deps = deps;
    this.#channels = new RedisChannels({
      redis: deps.redis,
      processId: deps.processId,
      heard: (frame) => this.#heard(frame),
      broken: () => this.#endAll("Redis went away"),
      left: (processId) => this.#left(processId),
    });
  }

  async start(): Promise<void> {
    this.#ticking = setInterval(() => this.#tick(), this.#deps.tickMs ?? TICK_MS).unref();
    await this.#channels.start();
  }

  async open(to: Neighbour, signal?: AbortSignal, answerMs = this.#deps.answerMs ?? ANSWER_MS): Promise<Duplex> {
    if (!this.#channels.isThere()) throw new NoWay("unreachable", to);
    if (signal?.aborted) throw new NoWay("silent", to);
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    const asked = askToOpen(this.#deps.key, { from: this.#deps.processId, to: to.processId });
    const name = endName(asked.id, "opener");
    const opening: Opening = {
      ...asked,
      neighbour: to.processId,
      isWithStranger: false,
      opened: (secret) => {
        if (this.#openings.delete(name)) resolve(this.#opened(secret, to.processId));
      },
      failed: (why) => {
        if (this.#openings.delete(name)) reject(new NoWay(opening.isWithStranger ? "stranger" : why, to));
      },
    };
    const giveUp = () => opening.failed("silent");
    const answered = patience(answerMs, giveUp);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#openings.set(name, opening);
    this.#channels.publish(to.processId, asked.frame).catch(() => opening.failed("unreachable"));
    try {
      return await promise;
    } finally {
      answered();
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking);
    for (const opening of this.#openings.values()) opening.failed("unreachable");
    for (const { pipe } of this.#ends.values()) pipe.destroy();
    await this.#channels.close();
  }

  #heard(frame: Buffer): void {
    if (frame[0] === CHUNK) return this.#ends.get(addresseeOf(frame))?.pipe.receive(frame);
    const greeting = frame[0] === GREETING ? readGreeting(frame) : undefined;
    if (greeting?.says === "open") return this.#asked(greeting);
    if (greeting) return this.#answered(greeting);
  }

  /** Whoever recorded a question can ask it again, but not prove itself with the first chunk: only then it is accepted. */
  #asked(greeting: Extract<Greeting, { says: "open" }>): void {
    const name = endName(greeting.id, "acceptor");
    if (this.#ends.has(name) || this.#unproven.size >= MOST_UNPROVEN) return;
    const { from } = greeting;
    const { frame, secret } = answerOpen(this.#deps.key, greeting, { from, to: this.#deps.processId });
    if (secret) {
      this.#unproven.add(name);
      const pipe = this.#end(secret, "acceptor", from, () => {
        this.#unproven.delete(name);
        this.#accept(pipe);
      });
    }
    this.#channels.publish(from, frame).catch(() => this.#ends.get(name)?.pipe.destroy());
  }

  #accept(pipe: SealedPipe): void {
    try {
      this.#deps.accept(pipe);
    } catch (error) {
      this.#deps.log.warn({ err: error }, "a pipe could not be accepted");
      pipe.destroy();
    }
  }

  #answered(greeting: Exclude<Greeting, { says: "open" }>): void {
    const opening = this.#openings.get(endName(greeting.id, "opener"));
    if (!opening) return;
    const secret = greeting.says === "opened" ? opening.secretBy(greeting) : undefined;
    // Anybody can say that it is a stranger: who is none may still answer.
    if (secret === undefined) opening.isWithStranger = true;
    else opening.opened(secret);
  }

  #opened(secret: PipeSecret, neighbour: string): SealedPipe {
    const pipe = this.#end(secret, "opener", neighbour);
    pipe.ping();
    return pipe;
  }

  #end(secret: PipeSecret, side: Side, neighbour: string, proven?: () => void): SealedPipe {
    const name = endName(secret.id, side);
    const pipe = new SealedPipe({
      secret,
      side,
      send: (frame) => this.#channels.publish(neighbour, frame).catch((error: Error) => void pipe.destroy(error)),
      closed: () => {
        this.#ends.delete(name);
        this.#unproven.delete(name);
      },
      ...(proven && { proven }),
    });
    this.#ends.set(name, { neighbour, pipe });
    return pipe;
  }

  #tick(): void {
    for (const { pipe } of this.#ends.values()) pipe.tick();
    const neighbours = new Set([...this.#ends.values()].map(({ neighbour }) => neighbour));
    this.#channels.count([...neighbours]).catch(() => undefined);
  }

  /** Nobody will answer there any more. */
  #left(processId: string): void {
    for (const opening of [...this.#openings.values()]) if (opening.neighbour === processId) opening.failed("silent");
    this.#endAll("The other process left", processId);
  }

  #endAll(why: string, neighbour?: string): void {
    for (const end of [...this.#ends.values()]) {
      if (neighbour === undefined || neighbour === end.neighbour) end.pipe.break(why);
    }
  }
}
