import { matchMaker } from "@colyseus/core";
import type { Authenticate, Caller } from "../domain/ports.ts";
import { parse, Refusal } from "../domain/refusal.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { JoinOptions } from "../schema/wire/room.ts";
import type { Seated } from "./device.ts";
import { NotDone } from "./durable/journal.ts";
import type { PairRoom } from "./pair-room.ts";
import { type Report, refusalOf } from "./replies.ts";
import type { WaitingRooms } from "./waiting-room.ts";

/** The rows that say who owns which pair. */
export interface Claims {
  look(pairId: string): Promise<{ readonly epoch: number; readonly owner: string | null } | undefined>;
  /** Makes `owner` the owner under the next epoch, which it returns; undefined if another came first. */
  claim(pairId: string, epoch: number, owner: string): Promise<number | undefined>;
  /** Nobody owns the pair any more; does nothing if somebody else does by now. */
  giveBack(pairId: string, epoch: number): Promise<void>;
}

type Listing = Parameters<typeof matchMaker.reserveSeatFor>[0];
export type Reservation = ReturnType<typeof matchMaker.buildSeatReservation>;

interface Opened {
  readonly room: PairRoom;
  /** Colyseus' own note of it; good enough to reserve by, never asked who owns what. */
  readonly listing: Listing;
}

export interface SeatsDeps {
  readonly claims: Claims;
  /** This process, as the rows name it. */
  readonly owner: () => string;
  readonly authenticate: Authenticate;
  readonly activePair: (userId: UserId) => Promise<PairId | null>;
  readonly waiting: WaitingRooms;
  readonly report: Report;
}

/** Others may claim the same pair at the same time; whoever loses looks again. */
const MAX_CLAIMS = 5;

/**
 * One room a pair. Colyseus' own matchmaking may well make two, so it is not asked: who joins gets a seat in the room
 * this process claimed. Should two rooms live for a moment all the same, the epoch lets only one of them write.
 */
export class Seats {
  readonly #deps: SeatsDeps;
  readonly #opened = new Map<PairId, Promise<Opened>>();
  readonly #arrived = new Map<string, PairRoom>();
  readonly #present = new Map<PairId, PairRoom>();
  /** Rooms that finish what they were given; the next one opens after them. */
  readonly #retiring = new Map<PairId, Promise<void>>();

  #isDraining = false;

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
  }

  /** A seat for whoever holds the token, for `client.consumeSeatReservation`. Throws Refusal. */
  async reserve(accessToken: string | undefined, roomName: string, options: unknown): Promise<Reservation> {
    try {
      const caller = await this.#deps.authenticate(accessToken);
      this.#mustStay();
      if (roomName === "waiting") return await this.#deps.waiting.reserve(caller, parse(JoinOptions, options ?? {}));
      if (roomName === "pair") return await this.#reservePair(caller, parse(JoinOptions, options ?? {}));
      throw new Refusal("NOT_FOUND", "There is no such room");
    } catch (error) {
      throw refusalOf(error, this.#deps.report);
    }
  }

  async #reservePair({ userId, sessionId, expiresAt }: Caller, options: JoinOptions): Promise<Reservation> {
    const pairId = await this.#deps.activePair(userId);
    if (!pairId) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
    if (options.pairId && options.pairId !== pairId) throw new Refusal("NOT_FOUND", "There is no such pair");
    const { listing } = await this.#of(pairId);
    const { deviceId = null, deviceName = null, afterVersion, history } = options;
    // Nothing but what we read ourselves goes on; a device without a name of its own is known by its sign-in.
    const seat: Seated = { userId, sid: sessionId, expiresAt, deviceId: deviceId ?? sessionId, deviceName };
    return matchMaker.reserveSeatFor(listing, { afterVersion, history }, seat);
  }

  /** The pair's room, opened if need be: for commands that did not come by socket. */
  async room(pairId: PairId): Promise<PairRoom> {
    return (await this.#of(pairId)).room;
  }

  /** The room of a pair that is open here, if there is one. */
  async present(pairId: PairId): Promise<PairRoom | undefined> {
    return (await this.#opened.get(pairId)?.catch(() => undefined))?.room;
  }

  presentRooms(): PairRoom[] {
    return [...this.#present.values()];
  }

  /** A room says that it is there … */
  arrive(room: PairRoom): void {
    this.#arrived.set(room.roomId, room);
  }

  /** … and that it is about to go: whoever comes now waits for it to finish and opens the next one. */
  async retire(room: PairRoom, finish: () => Promise<void>): Promise<void> {
    const { pairId } = room;
    if (this.#present.get(pairId) === room) {
      this.#present.delete(pairId);
      this.#opened.delete(pairId);
    }
    const finished = finish();
    this.#retiring.set(
      pairId,
      finished.catch(() => undefined),
    );
    try {
      await finished;
    } finally {
      this.#retiring.delete(pairId);
    }
  }

  async giveBack(pairId: PairId, epoch: number): Promise<void> {
    await this.#deps.claims.giveBack(pairId, epoch);
  }

  /** [P9] The process goes: nobody sits down any more, and every room ends as it should. */
  async drain(reconnectAfterMs: () => number): Promise<void> {
    this.#isDraining = true;
    const rooms = this.presentRooms().map((room) => room.drain(reconnectAfterMs));
    await Promise.all([...rooms, this.#deps.waiting.drain(reconnectAfterMs)]);
    await Promise.all(this.#retiring.values());
  }

  /** The first who asks opens the room; all others wait for the same one. */
  async #of(pairId: PairId): Promise<Opened> {
    this.#mustStay();
    const opened = this.#opened.get(pairId) ?? this.#open(pairId);
    this.#opened.set(pairId, opened);
    return opened;
  }

  #mustStay(): void {
    if (this.#isDraining) throw new Refusal("UNAVAILABLE", "This server is about to stop", { retryAfterMs: 1000 });
  }

  async #open(pairId: PairId): Promise<Opened> {
    try {
      await this.#retiring.get(pairId);
      const listing = await matchMaker.handleCreateRoom("pair", await this.#claim(pairId));
      const room = this.#arrived.get(listing.roomId);
      if (!room) throw new Error("A room that was created has arrived");
      this.#arrived.delete(listing.roomId);
      this.#present.set(pairId, room);
      return { room, listing };
    } catch (error) {
      this.#opened.delete(pairId);
      throw error;
    }
  }

  /** `isUnknown`: the last owner did not give it back, so it died, and nobody can tell who was there. */
  async #claim(pairId: PairId): Promise<{ pairId: PairId; epoch: number; isUnknown: boolean }> {
    const { claims, owner } = this.#deps;
    for (let tries = 0; tries < MAX_CLAIMS; tries++) {
      const row = await claims.look(pairId);
      if (!row) throw new Refusal("NOT_FOUND", "There is no such pair");
      const epoch = await claims.claim(pairId, row.epoch, owner());
      if (epoch !== undefined) return { pairId, epoch, isUnknown: row.owner !== null };
    }
    throw new NotDone("unavailable");
  }
}
