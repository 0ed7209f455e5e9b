import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { CLOSE } from "../../../schema/wire/errors.ts";

/** "Not consistent with the type of the message": what a socket is told whose frame could not be read (RFC 6455, 7.4.1). */
const UNREADABLE = 1007;

/** A burst that an app emptying its outbox after a flight makes, and then some. */
const BURST_SECONDS = 5;

type Said = Parameters<WebSocket["send"]>[0];
type How = Parameters<WebSocket["send"]>[1];
type Done = (error?: Error) => void;

export interface CarefulSocketDeps {
  readonly report: (error: unknown) => void;
  /** What a socket may go on sending for ever. */
  readonly framesPerSecond: number;
}

/** A socket that is told what it writes to. */
export interface CarefulSocket extends WebSocket {
  writesTo(line: Duplex): void;
}

/**
 * A socket that survives what it is sent. Colyseus reads frames in the event handler itself, so noise would end the whole
 * process there; here it ends one socket. And whoever floods is let go before their frames are even read.
 *
 * What it says in one turn of the event loop (an answer, a message, the state's step) leaves in one write: the system's
 * part of a write costs more than all that a frame costs us.
 */
export function carefulSocket({ report, framesPerSecond }: CarefulSocketDeps) {
  return class extends WebSocket implements CarefulSocket {
    #allowance = framesPerSecond * BURST_SECONDS;
    #countedAt = performance.now();
    #line: Duplex | undefined;
    #isGathering = false;

    writesTo(line: Duplex): void {
      this.#line = line;
    }

    override send(data: Said, done?: Done): void;
    override send(data: Said, how: How, done?: Done): void;
    override send(data: Said, how?: How | Done, done?: Done): void {
      this.#gather();
      if (typeof how === "function") super.send(data, how);
      else super.send(data, how ?? {}, done);
    }

    #gather(): void {
      const line = this.#line;
      if (!line || this.#isGathering) return;
      this.#isGathering = true;
      line.cork();
      setImmediate(() => {
        this.#isGathering = false;
        line.uncork();
      });
    }

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
