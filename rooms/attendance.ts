import { CLOSE } from "../schema/wire/errors.ts";
import type { SessionId, UserId } from "../schema/wire/ids.ts";
import type { Device } from "./device.ts";

/** One look over all sockets of the process; a token is never honoured longer than this past its end. */
const LOOK_MS = 1000;

const WARNING_MS = 60_000;

/** Looks between two pings of a socket: well under the 100 s after which edges give up an idle connection. */
const LOOKS_A_BEAT = 20;

/** So a line that is dead is let go within two beats (40 s), and a ping that was lost costs nobody their socket. */
const REMINDED_AFTER = LOOKS_A_BEAT / 2;

/** Tokens of which something is to be said or done before their row's turn comes again are looked at every time. */
const SOON_MS = (LOOKS_A_BEAT + 2) * LOOK_MS;

/**
 * Every device connected to this process: tokens that end, and sessions that were ended, take their sockets with them.
 * Each is pinged at a look of its own, so that the sockets of a busy node are never pinged all at once.
 */
export class Attendance {
  readonly #devices = new Set<Device>();
  readonly #rows = Array.from({ length: LOOKS_A_BEAT }, () => new Set<Device>());
  #row = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #ending = new Set<Device>();
  readonly #renewed = (device: Device) => void this.#ending.add(device);
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Of each device, what was sent and has not left yet. */
  *waitingBytes(): Iterable<number> {
    for (const { waitingBytes } of this.#devices) yield waitingBytes;
  }

  arrive(device: Device): void {
    this.#devices.add(device);
    this.#emptiest().add(device);
    this.#ending.add(device);
    device.onRenewed = this.#renewed;
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  depart(device: Device): void {
    this.#devices.delete(device);
    this.#ending.delete(device);
    for (const row of this.#rows) if (row.delete(device)) break;
    if (this.#devices.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  endSessions(ended: readonly SessionId[]): void {
    for (const device of this.#devices) if (ended.includes(device.sid)) device.close(CLOSE.signedOut);
  }

  /** On every phone of theirs that is here, whatever room it is in. */
  tell(userId: UserId, event: string, payload: object): void {
    for (const device of this.#devices) if (device.userId === userId) device.tell(event, payload);
  }

  look(): void {
    const now = this.#now();
    // The process stood still, or the clock was put forward: whose turn it would have been, nobody knows.
    const isLate = now - this.#lookedAt > 2 * LOOK_MS;
    this.#lookedAt = now;
    for (const device of isLate ? this.#devices : this.#ending) this.#lookAt(device, now);
    this.#row = (this.#row + 1) % LOOKS_A_BEAT;
    for (const device of this.#rows[this.#row] ?? []) {
      device.beat();
      if (isSoon(device, now)) this.#ending.add(device);
    }
    for (const device of this.#rows[(this.#row + REMINDED_AFTER) % LOOKS_A_BEAT] ?? []) device.remind();
  }

  #emptiest(): Set<Device> {
    return this.#rows.reduce((least, row) => (row.size < least.size ? row : least));
  }

  #lookAt(device: Device, now: number): void {
    if (now >= device.expiresAt) return device.close(CLOSE.signedOut);
    if (isSoon(device, now)) this.#ending.add(device);
    else this.#ending.delete(device);
    if (device.isWarned || device.expiresAt - now > WARNING_MS) return;
    device.isWarned = true;
    device.tell("session.expiring", { at: new Date(device.expiresAt).toISOString() });
  }
}

const isSoon = ({ expiresAt, isWarned }: Device, now: number): boolean =>
  expiresAt - (isWarned ? 0 : WARNING_MS) - now <= SOON_MS;
