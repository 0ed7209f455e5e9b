import { EventEmitter } from "node:events";
import { type Client, ClientState } from "@colyseus/core";
import { Device } from "../../rooms/device.ts";
import type { SessionId, UserId } from "../../schema/wire/ids.ts";
import { SessionId as SessionIdSchema } from "../../schema/wire/ids.ts";

class FakeSocket extends EventEmitter {
  bufferedAmount = 0;
  isCut = false;
  terminate(): void {
    this.isCut = true;
  }
}

/** One end of a socket, without the wire: what was sent to it, and how it was closed. */
export class FakeClient implements Client {
  declare "~messages": Record<string, unknown>;
  readonly ref = new FakeSocket();
  state: ClientState = ClientState.JOINED;
  readonly sessionId: string;
  readonly reconnectionToken = "";
  readonly sent: [event: string, payload: unknown][] = [];
  closedWith: number | undefined;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  raw(): void {}
  enqueueRaw(): void {}
  sendBytes(): void {}
  error(): void {}
  close(): void {}
  send(event: PropertyKey, ...[payload]: unknown[]): void {
    this.sent.push([String(event), payload]);
  }
  leave(code?: number): void {
    this.closedWith = code;
  }
}

export const sessionId = (n: number): SessionId =>
  SessionIdSchema.parse(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);

let sockets = 0;
let words = 0;

export function fakeDevice(userId: UserId, deviceId: string, now: () => number, session = sessionId(1)) {
  const client = new FakeClient(`socket-${++sockets}`);
  const seat = { userId, sid: session, expiresAt: now() + 3_600_000, deviceId, deviceName: null };
  return { client, device: new Device(client, seat, { now, newWord: () => `word ${++words}` }) };
}
