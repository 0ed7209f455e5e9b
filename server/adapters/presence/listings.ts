import { setTimeout } from "node:timers/promises";
import type { IRoomCache } from "@colyseus/core";
import { RedisDriver } from "@colyseus/redis-driver";
import type { OpenedRedis } from "../redis/open.ts";
import { type Report, sparingly } from "../redis/sparingly.ts";

/** So many are on their way to Redis at a time. */
const AT_ONCE = 100;

/** Nobody who leaves waits longer for what is only a courtesy. */
const LEAVING_MS = 2000;

/**
 * This process' rooms, as Redis shall list them. The latest state of each is written in the background; what could not be
 * written is due until it is. Nothing here throws.
 */
export class Listings {
  readonly #redis: Pick<OpenedRedis, "commands" | "isThere">;
  readonly #complain: Report;
  readonly #rooms = new Map<string, IRoomCache>();
  /** What Redis may have been told of and not been told to forget. */
  readonly #told = new Set<string>();
  readonly #due = new Set<string>();
  #writing: Promise<void> | undefined;
  #next: Iterator<string> = [].values();

  constructor(redis: Pick<OpenedRedis, "commands" | "isThere">, report: Report) {
    this.#redis = redis;
    this.#complain = sparingly(report);
  }

  put(room: IRoomCache): void {
    this.#rooms.set(room.roomId, room);
    this.#due.add(room.roomId);
    void this.#write();
  }

  drop(roomId: string): void {
    this.#rooms.delete(roomId);
    if (this.#told.has(roomId)) this.#due.add(roomId);
    else this.#due.delete(roomId);
    void this.#write();
  }

  /** Whatever Redis knows by now. */
  writeAll(): Promise<void> {
    for (const id of [...this.#rooms.keys(), ...this.#told]) this.#due.add(id);
    return this.#write();
  }

  /** Looks some of them up, in turn: if one is missing, so may be others. Writes what could not be written before. */
  check(): Promise<void> {
    if (this.#due.size > 0) return this.#write();
    const some = this.#someInTurn();
    return this.#carefully(async () => {
      const found = some.length > 0 && (await this.#driver().findByIds(some));
      if (found && some.some((id) => this.#rooms.has(id) && !found.has(id))) await this.writeAll();
    });
  }

  /** Forgets the rooms of processes that are on no list: they were killed, and could not do it. */
  sweep(living: () => Promise<ReadonlySet<string>>): Promise<void> {
    return this.#carefully(async () => {
      const listed = await this.#driver().query({});
      const known = await living();
      for (const { roomId, processId } of listed) {
        if (!known.has(processId) && !this.#rooms.has(roomId)) await this.#driver().remove(roomId);
      }
    });
  }

  /** At the end; what is told after this is not written. */
  async takeBack(): Promise<void> {
    this.#rooms.clear();
    await Promise.race([this.writeAll(), setTimeout(LEAVING_MS, undefined, { ref: false })]);
  }

  /** A new one each time: after a failure, one goes on answering with it. */
  #driver(): RedisDriver {
    return new RedisDriver(this.#redis.commands);
  }

  /** One at a time, and for all that is due by then. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeDue();
    return this.#writing;
  }

  async #writeDue(): Promise<void> {
    // What changes in one turn goes together.
    await undefined;
    try {
      while (this.#due.size > 0 && this.#redis.isThere()) await this.#writeSome();
    } catch (error) {
      this.#failed(error);
    }
    // Nothing may come between this and the last look at what is due.
    this.#writing = undefined;
  }

  async #carefully(work: () => Promise<void>): Promise<void> {
    if (!this.#redis.isThere()) return;
    try {
      await work();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#redis.isThere()) this.#complain(error);
  }

  /** Throws if one of them could not be written; it stays due. */
  async #writeSome(): Promise<void> {
    const some = [...this.#due].slice(0, AT_ONCE);
    for (const id of some) this.#due.delete(id);
    const written = await Promise.allSettled(some.map((id) => this.#writeOne(id)));
    let failure: unknown;
    for (const [n, id] of some.entries()) {
      const each = written[n];
      if (each?.status !== "rejected") continue;
      this.#due.add(id);
      failure = each.reason;
    }
    if (failure !== undefined) throw failure;
  }

  async #writeOne(id: string): Promise<void> {
    const room = this.#rooms.get(id);
    if (room) {
      this.#told.add(id);
      await this.#driver().persist(room);
      return;
    }
    await this.#driver().remove(id);
    this.#told.delete(id);
  }

  #someInTurn(): string[] {
    const some: string[] = [];
    while (some.length < Math.min(AT_ONCE, this.#rooms.size)) {
      const { value, done } = this.#next.next();
      if (done) this.#next = this.#rooms.keys();
      else some.push(value);
    }
    return some;
  }
}
