import type { Person } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Marks } from "../domain/room/marks.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Attendance } from "./attendance.ts";
import type { Device } from "./device.ts";
import { progressNews } from "./progress.ts";

const DEVICES_A_TWIN = 8;

/** The phones in one room, by their sockets. */
export class Devices {
  readonly #devices = new Map<string, Device>();
  readonly #attendance: Pick<Attendance, "arrive" | "depart">;
  readonly #left: (device: Device) => void;

  /** `left` hears of each that is gone, once. */
  constructor(attendance: Pick<Attendance, "arrive" | "depart">, left: (device: Device) => void) {
    this.#attendance = attendance;
    this.#left = left;
  }

  get size(): number {
    return this.#devices.size;
  }

  all(): Iterable<Device> {
    return this.#devices.values();
  }

  find(socketId: string): Device | undefined {
    return this.#devices.get(socketId);
  }

  /**
   * The same device again replaces its older socket; a ninth one takes the place of one that no longer answers. Throws
   * TOO_MANY_DEVICES if all eight do.
   */
  arrive(newcomer: Device, now: number): void {
    const own = [...this.#devices.values()].filter(({ userId }) => userId === newcomer.userId);
    const earlier = own.filter(({ deviceId }) => deviceId === newcomer.deviceId);
    const silent = own.find((device) => device.isSilent(now));
    const isFull = own.length - earlier.length >= DEVICES_A_TWIN;
    if (isFull && !silent) throw new Refusal("TOO_MANY_DEVICES", "Eight devices are connected already");
    for (const device of isFull && silent ? [...earlier, silent] : earlier) this.dismiss(device, CLOSE.replaced);
    this.#devices.set(newcomer.id, newcomer);
    this.#attendance.arrive(newcomer);
  }

  dismiss(device: Device, code: number): void {
    device.close(code);
    this.forget(device);
  }

  dismissAll(code: number): void {
    for (const device of [...this.#devices.values()]) this.dismiss(device, code);
  }

  forget(device: Device): void {
    if (!this.#devices.delete(device.id)) return;
    this.#attendance.depart(device);
    this.#left(device);
  }

  tell(event: string, payload: object): void {
    for (const device of this.#devices.values()) device.tell(event, payload);
  }

  /** How far these are with their assessment, to both twins' devices. */
  tellProgress(people: readonly Person[]): void {
    for (const person of people) this.tell("assessment.updated", progressNews(person));
  }

  /** How far one of the two has come: to their own devices as it is, to the twin's as far as they let it be known. */
  tellReceipt(userId: UserId, { deliveredSeq, readSeq, shownReadSeq }: Marks, from: string | null): void {
    for (const device of this.#devices.values()) {
      if (device.id === from) continue;
      const shown = device.userId === userId ? readSeq : shownReadSeq;
      device.tell("chat.receipt", { userId, deliveredSeq, readSeq: shown });
    }
  }

  /** Lets go of whoever does not read what was sent to all. */
  heed(): void {
    for (const device of this.#devices.values()) device.heed();
  }
}
