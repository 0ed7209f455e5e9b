import { type Client, ClientState } from "@colyseus/core";
import { sizeOf } from "../domain/history.ts";
import type { AnyMessageView } from "../schema/wire/chat.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { SessionId, UserId } from "../schema/wire/ids.ts";
import { Link, type LinkDeps } from "./link.ts";

/** [P8] What may wait for a device that does not read; resuming makes the close lossless. */
const WAITING_BYTES = 256 * 1024;

/** A socket told to close that does not answer is cut: its last words are still waiting in our memory. */
const FAREWELL_MS = 5000;

/** Longer without an answer to a ping, and its place may be taken: one ping interval and a slow train. */
const SILENT_MS = 25_000;

/** A socket that could be a phone: what is known of the connection it came by. */
export interface Seated {
  readonly userId: UserId;
  /** Not `sessionId`: Colyseus would take that for the number of the seat. */
  readonly sid: SessionId;
  readonly expiresAt: number;
  readonly deviceId: string;
  readonly deviceName: string | null;
  /** Between nodes: until when its sign-in may be taken to count, as the node found that asks for the seat. */
  readonly liveUntil?: number | undefined;
}

/** One phone in the room: what it was told, what waits for it, and whether it is still there. */
export class Device {
  readonly userId: UserId;
  readonly deviceId: string;
  readonly client: Client;
  /** Of the sign-in it came with; a refreshed token may renew it. */
  sid: SessionId;
  expiresAt: number;
  isWarned = false;
  /** For whoever watches over its token. */
  onRenewed: ((device: Device) => void) | undefined;
  status: "online" | "away" = "online";
  /** The newest change it was told; what is not above it is no news. */
  #version = 0;
  /** Changes that happen while it is still being brought up to date. */
  #held: (() => void)[] | undefined = [];
  #bytesBeforeJoined = 0;
  #isLeaving = false;

  readonly link: Link;

  constructor(client: Client, { userId, sid, expiresAt, deviceId }: Seated, deps: LinkDeps) {
    this.client = client;
    this.userId = userId;
    this.sid = sid;
    this.expiresAt = expiresAt;
    this.deviceId = deviceId;
    this.link = new Link(client.ref, deps);
  }

  get id(): string {
    return this.client.sessionId;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** It goes on with another token of the same person. */
  renew({ sid, expiresAt }: Pick<Seated, "sid" | "expiresAt">): void {
    this.sid = sid;
    this.expiresAt = expiresAt;
    this.isWarned = false;
    this.onRenewed?.(this);
  }

  isSilent(now: number): boolean {
    return now - this.link.answeredAt > SILENT_MS;
  }

  tell(event: string, payload: object): void {
    if (this.#isLeaving) return;
    // Until it has confirmed the join, Colyseus keeps what is sent to it in a list without an end.
    if (this.client.state !== ClientState.JOINED) this.#bytesBeforeJoined += sizeOf(payload);
    this.client.send(event, payload);
    this.heed();
  }

  /** A change of a message, once: a device that was told by its own answer, or by a resume, hears nothing twice. */
  tellChange(version: number, view: AnyMessageView): void {
    if (this.#held) this.#held.push(() => this.tellChange(version, view));
    else if (version > this.#version) {
      this.#version = version;
      this.tell("chat.message", { version, message: view });
    }
  }

  /** What is new and no message: nothing newer is heard before a device was brought up to date. */
  tellNews(event: string, payload: object): void {
    if (this.#held) this.#held.push(() => this.tell(event, payload));
    else this.tell(event, payload);
  }

  /** It knows of this change: it asked for it. */
  knows(version: number): void {
    this.#version = Math.max(this.#version, version);
  }

  /** It has been brought up to `version`; what happened meanwhile follows. */
  follow(version: number): void {
    this.knows(version);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const tellHeld of held) tellHeld();
  }

  /** [P8] A device that does not read is let go before it costs more than its share. */
  heed(): void {
    if (this.client.state === ClientState.JOINED) this.#bytesBeforeJoined = 0;
    if (bufferedBy(this.client) + this.#bytesBeforeJoined > WAITING_BYTES) this.close(CLOSE.tooSlow);
  }

  /** [P9] When to come again, each device at a time of its own. */
  sayDraining(reconnectAfterMs: number): void {
    this.tell("server.draining", { reconnectAfterMs });
  }

  depart(reconnectAfterMs: number): void {
    this.sayDraining(reconnectAfterMs);
    this.close(CLOSE.draining);
  }

  /** [P12] A socket that nobody answers at any more is cut: its phone is gone. */
  beat(): void {
    if (!this.link.beat()) cut(this.client.ref);
  }

  /** Half a turn after its beat. */
  remind(): void {
    this.link.remind();
  }

  /** What was sent to it and has not left yet. */
  get waitingBytes(): number {
    return bufferedBy(this.client);
  }

  close(code: number): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.client.leave(code);
    const { ref } = this.client;
    setTimeout(() => cut(ref), FAREWELL_MS).unref();
  }
}

function bufferedBy({ ref }: Client): number {
  return "bufferedAmount" in ref && typeof ref.bufferedAmount === "number" ? ref.bufferedAmount : 0;
}

function cut(socket: object): void {
  if ("terminate" in socket && typeof socket.terminate === "function") socket.terminate();
}
