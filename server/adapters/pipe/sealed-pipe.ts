import { type PipeSecret, type Side, sealer, unsealer } from "./sealed-chunks.ts";
import { SocketLike } from "./socket-like.ts";

/** How many bytes may be on their way, or wait for the reader, in one direction. */
export const WINDOW_BYTES = 256 * 1024;

/** The most that one chunk carries: others of the same process get their turn in between. */
const MOST_BYTES = 64 * 1024;

/** The other end is told of what was read once it is this much, so that short exchanges cost nothing. */
const CREDIT_BYTES = WINDOW_BYTES / 2;

/** Ticks without a word of ours after which the other end hears that we live. */
const PING_TICKS = 6;

/** Ticks without a word of theirs after which they are gone. */
export const GONE_TICKS = 20;

/** What a chunk says, in its first byte. */
const SAYS = { bytes: 0, end: 1, credit: 2, ping: 3, left: 4, broken: 5 } as const;

/** A pipe that ended otherwise than by both ends having said all. */
export class PipeBroken extends Error {
  override readonly name = "PipeBroken";
  /** As a socket has it. */
  readonly code = "ECONNRESET";
}

export interface SealedPipeDeps {
  readonly secret: PipeSecret;
  readonly side: Side;
  /** Carries a frame to the other end, in order if at all. */
  readonly send: (frame: Buffer) => void;
  /** The first thing that the other end proved to have said. */
  readonly proven?: () => void;
  readonly closed: () => void;
}

/**
 * One end of a pipe over something that may lose, double, move or invent what it carries: then the pipe ends, at both
 * ends, and what was read up to there is true.
 */
export class SealedPipe extends SocketLike {
  readonly #deps: SealedPipeDeps;
  readonly #seal: (plain: Buffer) => Buffer;
  readonly #unseal: (frame: Buffer) => Buffer;
  #waiting: { bytes: Buffer; readonly done: (error?: Error | null) => void } | undefined;
  /** Bytes that we may still send. */
  #credit = WINDOW_BYTES;
  /** Bytes that came and that the other end was not told of as read. */
  #owed = 0;
  #isProven = false;
  #hasSaidAll = false;
  #hasHeardAll = false;
  /** The other end neither speaks nor listens any more. */
  #isAlone = false;
  #ticksSilent: number;
  #ticksUnheard = 0;

  constructor(deps: SealedPipeDeps) {
    super({ allowHalfOpen: true });
    this.#deps = deps;
    this.#seal = sealer(deps.secret, deps.side);
    this.#unseal = unsealer(deps.secret, deps.side);
    // Not all of a crowd that came at once are to speak in the same tick.
    this.#ticksSilent = (deps.secret.id[0] ?? 0) % PING_TICKS;
    // Whoever uses the pipe hears of it, too; a pipe that nobody uses yet must not end the process.
    this.on("error", () => undefined);
  }

  /** Shows the other end that we are who we say; and later, that we still live. */
  ping(): void {
    this.#say(SAYS.ping);
  }

  /** Time passes: counted instead of measured, so that a process that was frozen hears what waits for it first. */
  tick(): void {
    if (this.#isAlone) return;
    if (++this.#ticksUnheard > GONE_TICKS) return this.break("The other end is silent");
    if (++this.#ticksSilent >= PING_TICKS) this.ping();
  }

  receive(frame: Buffer): void {
    if (this.destroyed || this.#isAlone) return;
    let said: Buffer;
    try {
      said = this.#unseal(frame);
    } catch (error) {
      return this.break("A chunk is missing or forged", error);
    }
    this.#ticksUnheard = 0;
    if (!this.#isProven) {
      this.#isProven = true;
      this.#deps.proven?.();
    }
    this.#take(said[0], said.subarray(1));
  }

  #take(what: number | undefined, body: Buffer): void {
    if (what === SAYS.bytes) return this.#takeBytes(body);
    if (what === SAYS.end) return this.#takeEnd();
    if (what === SAYS.credit) return this.#takeCredit(body.readUInt32BE());
    if (what === SAYS.left) return this.#takeLeft();
    if (what === SAYS.broken) return this.break("The other end broke");
  }

  #takeBytes(bytes: Buffer): void {
    this.stirred();
    this.#owed += bytes.length;
    if (this.#owed > WINDOW_BYTES || this.#hasHeardAll) return this.break("The other end does not keep to the rules");
    if (this.push(bytes)) this.#giveCredit();
  }

  #takeEnd(): void {
    this.#hasHeardAll = true;
    this.push(null);
  }

  #takeCredit(bytes: number): void {
    this.#credit += bytes;
    this.#flush();
  }

  /** If they had said all, what waits to be read is still read; what we had to say nobody hears, as with any socket. */
  #takeLeft(): void {
    if (!this.#hasHeardAll) return this.break("The other end left");
    this.#isAlone = true;
    this.#flush();
    if (this.readableEnded) this.destroy();
    else this.once("end", () => this.destroy());
  }

  override _read(): void {
    this.#giveCredit();
  }

  #giveCredit(): void {
    if (this.#owed < CREDIT_BYTES) return;
    const body = Buffer.alloc(4);
    body.writeUInt32BE(this.#owed);
    this.#owed = 0;
    this.#say(SAYS.credit, body);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    const [first] = chunks;
    const bytes = first && chunks.length === 1 ? first.chunk : Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#waiting = { bytes, done };
    this.#flush();
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    while (waiting.bytes.length > 0 && this.#credit > 0 && !this.#isAlone && !this.destroyed) {
      const next = waiting.bytes.subarray(0, Math.min(this.#credit, MOST_BYTES));
      waiting.bytes = waiting.bytes.subarray(next.length);
      this.#credit -= next.length;
      this.#say(SAYS.bytes, next);
      this.stirred();
    }
    if (waiting.bytes.length > 0 && !this.#isAlone) return;
    this.#waiting = undefined;
    waiting.done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#hasSaidAll = true;
    this.#say(SAYS.end);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!(this.#hasSaidAll && this.#hasHeardAll)) this.#say(error ? SAYS.broken : SAYS.left);
    this.#isAlone = true;
    this.#deps.closed();
    super._destroy(error, done);
  }

  /** Ends it at once, at both ends if the other can be told. */
  break(why: string, cause?: unknown): void {
    this.destroy(new PipeBroken(why, { cause }));
  }

  #say(what: number, body: Buffer = NOTHING): void {
    if (this.#isAlone) return;
    this.#ticksSilent = 0;
    this.#deps.send(this.#seal(Buffer.concat([Buffer.of(what), body])));
  }
}

const NOTHING = Buffer.alloc(0);
