import { type IRoomCache, LocalDriver } from "@colyseus/core";
import { every } from "../../every.ts";
import type { OpenedRedis } from "../redis/open.ts";
import type { Report } from "../redis/sparingly.ts";
import { Listings } from "./listings.ts";

/** So soon it is noticed that Redis lost what it was told. */
const CHECK_MS = 5000;

/** So soon is forgotten what a process that was killed could not take back. */
const SWEEP_MS = 600_000;

export interface MirrorDeps {
  readonly redis: Pick<OpenedRedis, "commands" | "isThere" | "onBack">;
  /** The ids of the processes on the list; what others have in Redis is nobody's. */
  readonly living: () => Promise<ReadonlySet<string>>;
  /** Told of answers that make no sense, once a minute; that Redis is away is said elsewhere. */
  readonly report: Report;
  readonly checkMs?: number;
  readonly sweepMs?: number;
}

/**
 * The list of rooms that Colyseus keeps. What counts is the list of this process, so joining, leaving and disposing wait
 * for nobody; Redis is told of it behind their backs, as @colyseus/redis-driver would tell it.
 */
export function mirroredDriver(deps: MirrorDeps): LocalDriver {
  return new MirroredDriver(deps);
}

class MirroredDriver extends LocalDriver {
  readonly #listings: Listings;
  readonly #stops: (() => unknown)[];

  constructor({ redis, living, report, checkMs = CHECK_MS, sweepMs = SWEEP_MS }: MirrorDeps) {
    super();
    this.#listings = new Listings(redis, report);
    this.#stops = [
      redis.onBack(() => void this.#listings.writeAll()),
      every(checkMs, () => this.#listings.check(), report),
      every(sweepMs, () => this.#listings.sweep(living), report),
    ];
  }

  override async insert(room: IRoomCache): Promise<boolean> {
    const isNew = await super.insert(room);
    if (isNew) this.#listings.put(room);
    return isNew;
  }

  override persist(room: IRoomCache, create?: boolean): boolean {
    const isDone = super.persist(room, create);
    this.#changed(room);
    return isDone;
  }

  override update(room: IRoomCache, operations: Parameters<LocalDriver["update"]>[1]): boolean {
    const isDone = super.update(room, operations);
    this.#changed(room);
    return isDone;
  }

  override remove(roomId: string): boolean {
    this.#listings.drop(roomId);
    return super.remove(roomId);
  }

  override clear(): void {
    for (const { roomId } of this.rooms) this.#listings.drop(roomId);
    super.clear();
  }

  /** Takes back what Redis was told, if it is there to hear it. */
  override async shutdown(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
    await this.#listings.takeBack();
  }

  /** Rooms go on changing a little after they were disposed. */
  #changed(room: IRoomCache): void {
    if (this.has(room.roomId)) this.#listings.put(room);
  }
}
