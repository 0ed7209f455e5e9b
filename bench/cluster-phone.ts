import { request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocket } from "ws";
import { backOff } from "../loadtest/answers.ts";

export interface LeanPhoneOptions {
  readonly port: number;
  readonly token: string;
  readonly deviceId: string;
  /** How far it knows what happened; without it, it is shown the window. */
  readonly known?: { readonly afterVersion: number; readonly history: string };
  /** Events after `chat.resume` without which it is not up to date. */
  readonly missed?: number;
}

/** Colyseus' frames begin with a byte that says what they are. */
const JOINED = 10;
export const DATA = 13;

/** For a seat, and then for being up to date. */
const PATIENCE_MS = 10_000;

/**
 * As little of a phone as takes part: asks for a seat, connects, hears what it missed, and then listens. It costs a fraction
 * of what the SDK does, whose machine the server shares here; the server cannot tell them apart.
 */
export class LeanPhone {
  readonly #options: LeanPhoneOptions;
  #socket: WebSocket | undefined;
  #hasGivenUp = false;
  retried = 0;
  /** Tries, among these, in which a node had no way for the socket to the one that has the seat. */
  turnedAway = 0;
  /** What the server has told it so far. */
  readonly heard = { frames: 0, bytes: 0 };

  constructor(options: LeanPhoneOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The one it is on. Throws before it has come. */
  get socket(): WebSocket {
    if (!this.#socket) throw new Error("This phone has not come");
    return this.#socket;
  }

  /** Until it is up to date, however often that takes. */
  async come(): Promise<void> {
    for (let tries = 1; !this.#hasGivenUp; tries++) {
      try {
        return await this.#join();
      } catch {
        this.cut();
        this.retried += 1;
        await wait(backOff(tries));
      }
    }
  }

  /** For good. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.cut();
  }

  /** A frame as Colyseus reads it. */
  say(frame: Buffer): void {
    this.#socket?.send(frame);
  }

  /** As when the network goes: no good-bye. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** What it is sent waits, first with the kernels between, then at the server. */
  stopReading(): void {
    this.#socket?.pause();
  }

  readOn(): void {
    this.#socket?.resume();
  }

  /** Resolves once the line is gone. */
  get gone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOpen) this.#socket?.once("close", () => resolve());
      else resolve();
    });
  }

  async #join(): Promise<void> {
    const { port, token } = this.#options;
    const { processId, roomId, sessionId } = await this.#seat();
    const url = `ws://127.0.0.1:${port}/${processId}/${roomId}?sessionId=${sessionId}&_authToken=${token}`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    const tooLate = setTimeout(() => socket.terminate(), PATIENCE_MS);
    await this.#upToDate(socket).finally(() => clearTimeout(tooLate));
  }

  #upToDate(socket: WebSocket): Promise<void> {
    const { missed = 0, known } = this.#options;
    const first = known ? "chat.resume" : "chat.window";
    let [isShown, heard] = [false, 0];
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("unexpected-response", (_asked, { statusCode }) => {
        if (statusCode === 503) this.turnedAway += 1;
        reject(new Error(`The socket was answered ${statusCode}`));
        socket.terminate();
      });
      socket.on("close", () => reject(new Error("The line was cut")));
      socket.on("message", (frame: Buffer) => {
        this.heard.frames += 1;
        this.heard.bytes += frame.length;
        if (frame[0] === JOINED) socket.send(Buffer.of(JOINED));
        if (frame[0] !== DATA) return;
        const name = nameOf(frame);
        if (name === first) isShown = true;
        if (name === "chat.message") heard += 1;
        if (isShown && heard >= missed) resolve();
      });
    });
  }

  /** A connection of its own, as each phone has. */
  #seat(): Promise<{ processId: string; roomId: string; sessionId: string }> {
    const { port, token, deviceId, known } = this.#options;
    const body = JSON.stringify({ deviceId, ...known });
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const how = {
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/matchmake/joinOrCreate/pair",
      agent: false,
      headers,
    };
    return new Promise((resolve, reject) => {
      const asked = request({ ...how, timeout: PATIENCE_MS }, async (answer) => {
        const said = Buffer.concat(await answer.toArray()).toString();
        if (answer.statusCode === 200) resolve(JSON.parse(said));
        else reject(new Error(said));
      });
      asked.on("timeout", () => asked.destroy());
      asked.on("error", reject);
      asked.end(body);
    });
  }
}

/** What a frame tells is named by a short string: a byte with a mark and its length, and the characters. */
export const nameOf = (frame: Buffer): string => frame.toString("latin1", 2, 2 + ((frame[1] ?? 0) & 0x1f));
