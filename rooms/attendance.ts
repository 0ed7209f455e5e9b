import { CLOSE } from "../schema/wire/errors.ts";
import type { SessionId, UserId } from "../schema/wire/ids.ts";
import type { Device } from "./device.ts";

/** One look over all sockets of the process; a token is never honoured longer than this past its end. */
const LOOK_MS = 1000;

const WARNING_MS = 60_000;

/** Looks between two pings of a socket: well under the 100 s after which edges give up an idle connection. */
const LOOKS_A_BEAT = 20;

/**
 * Every device connected to this process: tokens that end, and sessions that were ended, take their sockets with them.
 * Each is pinged at a look of its own, so that the sockets of a busy node are never pinged all at once.
 */
export class Attendance {
  readonly #devices = new Set<Device>();
  readonly #rows = Array.from({ length: LOOKS_A_BEAT }, () => new Set<Device>());
  #row = 0;
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
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref();
  }

  depart(device: Device): void {
    this.#devices.delete(device);
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
    for (const device of this.#devices) this.#lookAt(device, now);
    this.#row = (this.#row + 1) % LOOKS_A_BEAT;
    for (const device of this.#rows[this.#row] ?? []) device.beat();
  }

  #emptiest(): Set<Device> {
    return this.#rows.reduce((least, row) => (row.size < least.size ? row : least));
  }

  #lookAt(device: Device, now: number): void {
    if (now >= device.expiresAt) return device.close(CLOSE.signedOut);
    if (device.isWarned || device.expiresAt - now > WARNING_MS) return;
    device.isWarned = true;
    device.tell("session.expiring", { at: new Date(device.expiresAt).toISOString() });
  }
}
