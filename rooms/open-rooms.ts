import { matchMaker } from "@colyseus/core";
import type { PairId } from "../schema/wire/ids.ts";
import type { Mine, Ticket } from "./claims.ts";
import { NotDone } from "./durable/journal.ts";
import { Elsewhere } from "./neighbours.ts";
import type { PairRoom } from "./pair-room.ts";

type Listing = Parameters<typeof matchMaker.reserveSeatFor>[0];

export interface OpenRoom {
  readonly room: PairRoom;
  /** Colyseus' own note of it; good enough to reserve by, never asked who owns what. */
  readonly listing: Listing;
}

/** A claim's own: a zombie and its successor share nothing. */
export const roomIdOf = ({ pairId, epoch }: Mine): string => `${pairId}_${epoch}`;

/** The pairs' rooms in this process, from the claim to the last word. */
export class OpenRooms {
  readonly #arrived = new Map<string, PairRoom>();
  readonly #failed = new Map<string, unknown>();
  readonly #open = new Map<PairId, OpenRoom>();
  /** Rooms that finish what they were given; the next one opens after them. */
  readonly #retiring = new Map<PairId, Promise<void>>();

  find(pairId: PairId): OpenRoom | undefined {
    return this.#open.get(pairId);
  }

  all(): PairRoom[] {
    return [...this.#open.values()].map(({ room }) => room);
  }

  /** Throws Elsewhere if the pair was claimed again meanwhile. */
  async open(ticket: Ticket): Promise<OpenRoom> {
    const listing = await this.#create(ticket);
    const room = this.#arrived.get(listing.roomId);
    if (!room) throw new Error("A room that was created has arrived");
    this.#arrived.delete(listing.roomId);
    const opened = { room, listing };
    this.#open.set(ticket.pairId, opened);
    return opened;
  }

  async #create(ticket: Ticket): Promise<Listing> {
    try {
      return await matchMaker.handleCreateRoom("pair", ticket);
    } catch (error) {
      // Colyseus hands on nothing but the words of what went wrong.
      const reason = this.#failed.get(roomIdOf(ticket)) ?? error;
      this.#failed.delete(roomIdOf(ticket));
      throw reason instanceof NotDone ? new Elsewhere("The pair was claimed again", { cause: reason }) : reason;
    }
  }

  /** A room could not be opened. */
  fail(ticket: Ticket, reason: unknown): void {
    this.#failed.set(roomIdOf(ticket), reason);
  }

  /** A room says that it is there … */
  arrive(room: PairRoom): void {
    this.#arrived.set(room.roomId, room);
  }

  /** … and that it is about to go: whoever comes now waits for it to finish and opens the next one. */
  async retire(room: PairRoom, finish: () => Promise<void>): Promise<void> {
    const { pairId } = room;
    if (this.#open.get(pairId)?.room === room) this.#open.delete(pairId);
    const finished = finish();
    const told = finished.catch(() => undefined);
    this.#retiring.set(pairId, told);
    try {
      await finished;
    } finally {
      if (this.#retiring.get(pairId) === told) this.#retiring.delete(pairId);
    }
  }

  /** Until the pair's last room here is gone. */
  async rest(pairId: PairId): Promise<void> {
    await this.#retiring.get(pairId);
  }

  async restAll(): Promise<void> {
    await Promise.all(this.#retiring.values());
  }
}
