import type { Report } from "./emitter.ts";
import type { Platform } from "./platform.ts";
import type { Snapshot } from "./position.ts";
import { readItem, type Storage, writeItem } from "./storage/port.ts";
import { isMessage, isRecord } from "./wire.ts";

/** What is known of a pair while the app is closed: enough to draw at once, and to ask only for what changed since. */
export interface Kept {
  readonly pairId: string;
  readonly readUpTo: number;
  readonly snapshot: Snapshot | undefined;
}

/** A burst of messages is written down once. What a crash takes is told again by the server. */
const SOON_MS = 500;

/** Writes down, now and then, where a device stands. */
export class Keeper {
  readonly #storage: Storage;
  readonly #name: string;
  readonly #platform: Platform;
  readonly #standing: () => Kept | undefined;
  readonly #report: Report;
  #cancel: (() => void) | undefined;

  constructor(deps: {
    storage: Storage;
    name: string;
    platform: Platform;
    standing: () => Kept | undefined;
    report: Report;
  }) {
    this.#storage = deps.storage;
    this.#name = deps.name;
    this.#platform = deps.platform;
    this.#standing = deps.standing;
    this.#report = deps.report;
  }

  async read(): Promise<Kept | undefined> {
    const kept = await readItem(this.#storage, this.#name);
    return isKept(kept) ? kept : undefined;
  }

  soon(): void {
    this.#cancel ??= this.#platform.after(SOON_MS, () => void this.now().catch(this.#report));
  }

  async now(): Promise<void> {
    this.#stop();
    const standing = this.#standing();
    if (standing) await writeItem(this.#storage, this.#name, standing);
  }

  async forget(): Promise<void> {
    this.#stop();
    await this.#storage.removeItem(this.#name);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

const isKept = (value: unknown): value is Kept =>
  isRecord(value) &&
  typeof value["pairId"] === "string" &&
  typeof value["readUpTo"] === "number" &&
  (value["snapshot"] === undefined || isSnapshot(value["snapshot"]));

const isSnapshot = (value: unknown): value is Snapshot =>
  isRecord(value) &&
  typeof value["afterVersion"] === "number" &&
  typeof value["history"] === "string" &&
  typeof value["firstSeq"] === "number" &&
  typeof value["hasMore"] === "boolean" &&
  Array.isArray(value["messages"]) &&
  value["messages"].every(isMessage);
