import { Duplex } from "node:stream";

/**
 * A duplex that Node's HTTP takes for a socket. It has no address: nobody at its other end is on this machine, or a
 * proxy that is believed.
 */
export class SocketLike extends Duplex {
  readonly connecting = false;
  readonly remoteAddress: string | undefined = undefined;
  /** Milliseconds without a byte after which "timeout" is heard; undefined: never. */
  timeout: number | undefined;
  #idle: NodeJS.Timeout | undefined;

  setTimeout(ms: number, heard?: () => void): this {
    clearTimeout(this.#idle);
    this.timeout = ms;
    if (heard && ms > 0) this.once("timeout", heard);
    if (heard && ms === 0) this.removeListener("timeout", heard);
    this.#idle = ms > 0 && !this.destroyed ? setTimeout(() => this.emit("timeout"), ms).unref() : undefined;
    return this;
  }

  /** A byte came or went. */
  protected stirred(): void {
    this.#idle?.refresh();
  }

  /** What was written still goes out. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** Whether the other end lives is asked whatever is set here. */
  setKeepAlive(): this {
    return this;
  }

  /** Nothing waits for more to be said. */
  setNoDelay(): this {
    return this;
  }

  /** What carries it keeps the process running, or does not. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    done(error);
  }
}
