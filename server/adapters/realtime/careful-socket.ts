import { WebSocket } from "ws";
import { CLOSE } from "../../../schema/wire/errors.ts";

/** "Not consistent with the type of the message": what a socket is told whose frame could not be read (RFC 6455, 7.4.1). */
const UNREADABLE = 1007;

/** A burst that an app emptying its outbox after a flight makes, and then some. */
const BURST_SECONDS = 5;

export interface CarefulSocketDeps {
  readonly report: (error: unknown) => void;
  /** What a socket may go on sending for ever. */
  readonly framesPerSecond: number;
}

/**
 * A socket that survives what it is sent. Colyseus reads frames in the event handler itself, so noise would end the whole
 * process there; here it ends one socket. And whoever floods is let go before their frames are even read.
 */
export function carefulSocket({ report, framesPerSecond }: CarefulSocketDeps): typeof WebSocket {
  return class CarefulSocket extends WebSocket {
    #allowance = framesPerSecond * BURST_SECONDS;
    #countedAt = performance.now();

    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event !== "message") return super.emit(event, ...args);
      if (this.readyState !== WebSocket.OPEN) return false;
      if (!this.#mayGoOn()) return this.#leave(CLOSE.flooding);
      try {
        return super.emit(event, ...args);
      } catch (error) {
        report(error);
        return this.#leave(UNREADABLE);
      }
    }

    #mayGoOn(): boolean {
      const now = performance.now();
      const earned = ((now - this.#countedAt) / 1000) * framesPerSecond;
      this.#countedAt = now;
      this.#allowance = Math.min(framesPerSecond * BURST_SECONDS, this.#allowance + earned) - 1;
      return this.#allowance >= 0;
    }

    #leave(code: number): boolean {
      this.close(code);
      return false;
    }
  };
}
