import { matchMaker } from "@colyseus/core";
import type { PairDoor, Receipt, Twin } from "../domain/ports.ts";
import { parse, Refusal } from "../domain/refusal.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { PairId } from "../schema/wire/ids.ts";
import { JoinOptions } from "../schema/wire/room.ts";
import type { Arrivals, Comer } from "./arrivals.ts";
import { type Claim, type Claims, type Ownership, type OwnershipDeps, ownership, type Ticket } from "./claims.ts";
import type { Seated } from "./device.ts";
import { NotDone } from "./durable/journal.ts";
import { LastErrors } from "./last-errors.ts";
import {
  Elsewhere,
  type Known,
  type Neighbours,
  type Owner,
  type Reservation,
  type RoomHealth,
  type RoomsOfOne,
} from "./neighbours.ts";
import { type OpenRoom, OpenRooms } from "./open-rooms.ts";
import type { PairRoom } from "./pair-room.ts";
import { type Report, refusalOf } from "./replies.ts";
import type { WaitingRooms } from "./waiting-room.ts";

export interface SeatsDeps extends OwnershipDeps {
  readonly claims: Claims;
  readonly neighbours: Neighbours;
  readonly arrivals: Arrivals;
  readonly waiting: WaitingRooms;
  /** Whether this process may own pairs. */
  readonly isAdmitted: () => boolean;
  readonly steppedDown: () => void;
  /** Names the line of history. */
  readonly line: () => string;
  readonly now: () => number;
  readonly report: Report;
}

/** A room that moves is found again within a few of these; what takes longer is a matter for whoever asked. */
const LOOKS = 12;

/** Between two looks: a little more each time, some three seconds in all. */
const LOOK_AGAIN_MS = 40;

type Found = { readonly open: OpenRoom } | { readonly ownership: Exclude<Ownership, { isOurs: true }> };

/**
 * One room a pair, on whichever node. Colyseus' own matchmaking may well make two, so it is not asked: who joins gets a
 * seat where the pair's row says, or in the room this process claimed. Should two rooms live for a moment all the same,
 * the epoch lets only one of them write.
 */
export class Seats {
  readonly #deps: SeatsDeps;
  readonly #rooms = new OpenRooms();
  readonly #errors: LastErrors;
  readonly #finding = new Map<PairId, Promise<Found>>();
  #isDraining = false;

  constructor(deps: SeatsDeps) {
    this.#deps = deps;
    this.#errors = new LastErrors(deps.now);
  }

  /** A seat for who is signed in, for `client.consumeSeatReservation`. Throws Refusal. */
  async reserve(comer: Comer, roomName: string, options: unknown): Promise<Reservation> {
    try {
      this.#mustStay();
      if (roomName === "waiting") return await this.#deps.waiting.reserve(comer, parse(JoinOptions, options ?? {}));
      if (roomName === "pair") return await this.#reservePair(comer, parse(JoinOptions, options ?? {}));
      throw new Refusal("NOT_FOUND", "There is no such room");
    } catch (error) {
      throw refusalOf(error, this.#deps.report);
    }
  }

  async #reservePair(comer: Comer, options: JoinOptions): Promise<Reservation> {
    const { userId, sessionId, expiresAt } = comer;
    const { arrivals } = this.#deps;
    const place = comer.place === undefined ? await arrivals.placeOf(comer) : comer.place;
    if (!place) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
    const { pairId, claim } = place;
    if (options.pairId && options.pairId !== pairId) throw new Refusal("NOT_FOUND", "There is no such pair");
    const { deviceId = null, deviceName = null, afterVersion, history } = options;
    // Nothing but what we read ourselves goes on; a device without a name of its own is known by its sign-in.
    const liveUntil = arrivals.liveUntil(sessionId);
    const seat: Seated = { userId, sid: sessionId, expiresAt, deviceId: deviceId ?? sessionId, deviceName, liveUntil };
    return this.#where(pairId, (rooms) => rooms.reserve(pairId, seat, { afterVersion, history }), claim);
  }

  /** Does it in the pair's room, opened if need be, wherever that is: for commands that did not come by socket. */
  readonly door: PairDoor = {
    execute: (twin, name, payload) => this.#where(twin.pairId, (rooms) => rooms.execute(twin, name, payload)),
    mark: (twin, what, upTo) => this.#where(twin.pairId, (rooms) => rooms.mark(twin, what, upTo)),
  };

  /** What other processes may ask of the rooms here. Throws Elsewhere if the pair's room is not here. */
  readonly here: RoomsOfOne = {
    reserve: async (pairId, { liveUntil, ...seat }, known) => {
      if (liveUntil !== undefined) this.#deps.arrivals.vouched(seat.sid, liveUntil);
      return seatIn(await this.#ours(pairId), seat, known);
    },
    execute: async (twin, name, payload) => executeIn(await this.#ours(twin.pairId), twin, name, payload),
    inspect: async (pairId) => {
      const [room, lastError] = [this.present(pairId), this.#errors.of(pairId)];
      if (room) return { isOpen: true, devices: room.devices, queue: room.queue, lastError };
      if (lastError) return { isOpen: false, devices: 0, queue: 0, lastError };
      throw new Elsewhere("The pair's room is not open here");
    },
    mark: async (twin, what, upTo) => (await this.#ours(twin.pairId)).room.mark(twin.userId, what, upTo, null),
  };

  /** How the pair's room is doing, wherever it is open; undefined if it is nowhere, or nobody answers. */
  async inspect(pairId: PairId, owner: Owner | null): Promise<RoomHealth | undefined> {
    const isHere = owner === null || owner.processId === this.#deps.self();
    try {
      return await (isHere ? this.here : this.#deps.neighbours.of(owner)).inspect(pairId);
    } catch (error) {
      if (error instanceof Elsewhere) return undefined;
      throw error;
    }
  }

  /** The room of a pair that is open here, if there is one. */
  present(pairId: PairId): PairRoom | undefined {
    return this.#rooms.find(pairId)?.room;
  }

  presentRooms(): PairRoom[] {
    return this.#rooms.all();
  }

  /** Rooms that are being looked for, or opened here. */
  opening(): Iterable<Promise<unknown>> {
    return this.#finding.values();
  }

  arrive(room: PairRoom): void {
    this.#rooms.arrive(room);
  }

  fail(ticket: Ticket, reason: unknown): void {
    this.#errors.hear(ticket.pairId, reason);
    this.#rooms.fail(ticket, reason);
  }

  /** A command of the pair was not done: remembered, and thrown on to whoever asked. */
  notDone(pairId: PairId, error: unknown): never {
    this.#errors.hear(pairId, error);
    throw error;
  }

  /** Something went wrong in the pair's room that nobody waits for. */
  report(pairId: PairId, error: unknown): void {
    this.#errors.hear(pairId, error);
    this.#deps.report(error);
  }

  retire(room: PairRoom, finish: () => Promise<void>): Promise<void> {
    return this.#rooms.retire(room, finish);
  }

  async giveBack(pairId: PairId, epoch: number): Promise<void> {
    await this.#deps.claims.giveBack(pairId, epoch);
  }

  /** [P4] Rooms whose pair is another's by now have no business here: their devices join again. Returns how many. */
  async stepDown(): Promise<number> {
    const rooms = this.presentRooms();
    if (rooms.length === 0) return 0;
    const lost = await this.#deps.claims.lost(rooms.map(({ mine }) => mine));
    for (const { pairId, isClosed } of lost) {
      rooms.find((room) => room.pairId === pairId)?.superseded(isClosed);
      this.#deps.steppedDown();
    }
    return lost.length;
  }

  /** What is in memory may not be history any more: every room is opened anew, wherever its devices join again. */
  async moveAll(): Promise<void> {
    await Promise.all(this.presentRooms().map((room) => room.move(CLOSE.moved)));
  }

  /** [P9] The process goes: nobody sits down any more, and every room ends as it should. */
  async drain(reconnectAfterMs: () => number): Promise<void> {
    this.#isDraining = true;
    const drainRooms = () => Promise.all(this.presentRooms().map((room) => room.drain(reconnectAfterMs)));
    await Promise.all([drainRooms(), this.#deps.waiting.drain(reconnectAfterMs)]);
    // What was being opened just then.
    await Promise.allSettled(this.#finding.values());
    await drainRooms();
    await this.#rooms.restAll();
  }

  /**
   * Where the pair's room is may change between looking and asking: then it is looked for again. `seen`: how its row was
   * seen just now, if it was.
   */
  async #where<T>(pairId: PairId, ask: (rooms: RoomsOfOne) => Promise<T>, seen?: Claim): Promise<T> {
    for (let look = 0; look < LOOKS; look++) {
      this.#mustStay();
      try {
        const found = await this.#find(pairId, look === 0 ? seen : undefined);
        return await ask("open" in found ? this.here : this.#deps.neighbours.of(found.ownership.owner));
      } catch (error) {
        if (!(error instanceof Elsewhere)) throw error;
        await later(look * LOOK_AGAIN_MS);
      }
    }
    throw new NotDone("unavailable");
  }

  /** Of this process, or nobody's here. */
  async #ours(pairId: PairId): Promise<OpenRoom> {
    if (this.#isDraining || !this.#deps.isAdmitted()) throw new Elsewhere("This process takes no rooms now");
    const found = await this.#find(pairId);
    if (!("open" in found)) throw new Elsewhere("The pair's room is on another node");
    return found.open;
  }

  /** The first who asks claims and opens; all others wait for the same. */
  async #find(pairId: PairId, seen?: Claim): Promise<Found> {
    const open = this.#rooms.find(pairId);
    if (open) return { open };
    const finding = this.#finding.get(pairId) ?? this.#look(pairId, seen).finally(() => this.#finding.delete(pairId));
    this.#finding.set(pairId, finding);
    return finding;
  }

  async #look(pairId: PairId, seen?: Claim): Promise<Found> {
    await this.#rooms.rest(pairId);
    const line = this.#deps.line();
    const found = await ownership(this.#deps, pairId, seen);
    if (!found.isOurs) return { ownership: found };
    const open = await this.#rooms.open(found.ticket);
    if (line === this.#deps.line()) return { open };
    await open.room.move(CLOSE.moved);
    throw new Elsewhere("History went on from another place while the room was opened");
  }

  #mustStay(): void {
    const soon = { retryAfterMs: 1000 };
    if (this.#isDraining) throw new Refusal("UNAVAILABLE", "This server is about to stop", soon);
    if (!this.#deps.isAdmitted()) throw new Refusal("UNAVAILABLE", "This server is about to start", soon);
  }
}

/** Nothing but what we know ourselves goes into a seat; it is asked for again on the socket. */
const seatIn = ({ listing }: OpenRoom, seat: Seated, known: Known): Promise<Reservation> =>
  matchMaker.reserveSeatFor(listing, known, seat);

/** A room that loses its pair meanwhile cannot tell what became of the command; its key makes asking again safe. */
async function executeIn({ room }: OpenRoom, twin: Twin, name: string, payload: unknown): Promise<Receipt> {
  try {
    return await room.execute(twin, name, payload, null);
  } catch (error) {
    if (room.isRetiring && error instanceof NotDone && error.why === "unavailable") throw new Elsewhere("It moved");
    throw error;
  }
}

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
