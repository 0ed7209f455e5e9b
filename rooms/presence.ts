import type { PresenceStatus } from "../schema/wire/room.ts";
import type { Device } from "./device.ts";

/** [P12] A phone that changes networks is not gone. */
const GRACE_MS = 30_000;

/** [P12] After a crash, whoever does not return within this is offline. */
const UNKNOWN_MS = 45_000;

/** Unless it is said again, nobody is typing any more. */
const TYPING_MS = 5000;

export interface PresenceDeps {
  readonly now: () => number;
  /** Something that shows changed. */
  readonly changed: () => void;
  /** They were there, at that time; `isFinal` once they are gone. */
  readonly seen: (at: number, isFinal: boolean) => void;
}

type TypingKind = "text" | "voice";

/** How one twin is, from what their devices say. Shown, expiring, never stored but for when they were last there. */
export class Presence {
  readonly #deps: PresenceDeps;
  readonly #devices = new Set<Device>();
  readonly #typing = new Map<Device, { readonly kind: TypingKind; readonly timer: NodeJS.Timeout }>();
  #status: PresenceStatus = "offline";
  #lastSeen: number | null;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: PresenceDeps, lastSeen: number | null, isUnknown: boolean) {
    this.#deps = deps;
    this.#lastSeen = lastSeen;
    if (!isUnknown) return;
    this.#status = "unknown";
    this.#timer = setTimeout(() => this.#gone(), UNKNOWN_MS).unref();
  }

  get status(): PresenceStatus {
    return this.#status;
  }

  get lastSeen(): number | null {
    return this.#lastSeen;
  }

  get devices(): number {
    return this.#devices.size;
  }

  get typing(): TypingKind | undefined {
    return this.#typing.values().next().value?.kind;
  }

  arrive(device: Device): void {
    clearTimeout(this.#timer);
    this.#devices.add(device);
    this.#see();
    this.#judge();
  }

  /** The last one leaves a grace behind: until it is over, nothing shows. */
  leave(device: Device): void {
    if (!this.#devices.delete(device)) return;
    this.#stopTyping(device);
    this.#see();
    if (this.#devices.size > 0) return this.#judge();
    this.#timer = setTimeout(() => this.#gone(), GRACE_MS).unref();
    this.#deps.changed();
  }

  say(device: Device, status: "online" | "away"): void {
    device.status = status;
    this.#see();
    this.#judge();
  }

  type(device: Device, on: boolean, kind: TypingKind): void {
    const was = this.typing;
    this.#stopTyping(device);
    if (on) {
      const timer = setTimeout(() => this.type(device, false, kind), TYPING_MS).unref();
      this.#typing.set(device, { kind, timer });
    }
    if (this.typing !== was) this.#deps.changed();
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
  }

  #judge(): void {
    const isActive = [...this.#devices].some(({ status }) => status === "online");
    this.#status = isActive ? "online" : "away";
    this.#deps.changed();
  }

  #gone(): void {
    if (this.#status !== "unknown" && this.#lastSeen !== null) this.#deps.seen(this.#lastSeen, true);
    this.#status = "offline";
    this.#deps.changed();
  }

  #see(): void {
    this.#lastSeen = this.#deps.now();
    this.#deps.seen(this.#lastSeen, false);
  }

  #stopTyping(device: Device): void {
    clearTimeout(this.#typing.get(device)?.timer);
    this.#typing.delete(device);
  }
}
