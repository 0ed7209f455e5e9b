import type { PairDoor } from "../domain/ports.ts";
import type { PairId } from "../schema/wire/ids.ts";
import type { Seated } from "./device.ts";

/** A process that a pair's row names as its owner. */
export interface Owner {
  readonly processId: string;
  /** Where it said it can be reached; null if it is on no list any more. */
  readonly address: string | null;
  /** How long ago it said that it lives, by the database's clock; null if it is on no list any more. */
  readonly silentMs: number | null;
}

/** What a phone that joins says it has. */
export interface Known {
  readonly afterVersion?: number | null | undefined;
  readonly history?: string | null | undefined;
}

/** A seat in a room, for the SDK; it has fields of its own that are none of ours. */
export interface Reservation {
  readonly name: string;
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId?: string;
}

/** What last went wrong in a pair's room: what whoever asked was told, what kind of error it was, and when. No words. */
export interface LastError {
  readonly code: "UNAVAILABLE" | "INTERNAL_SERVER_ERROR";
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How a room is doing: no word of what is said in it. */
export interface RoomHealth {
  /** False if it is not open, and all there is to tell is what went wrong. */
  readonly isOpen?: boolean | undefined;
  readonly devices: number;
  /** Commands that are decided and not written yet. */
  readonly queue: number;
  readonly lastError?: LastError | null | undefined;
}

/** What one process does for another in a room that runs there. Throws Elsewhere if it does not run there. */
export interface RoomsOfOne extends PairDoor {
  /** How the pair's room is doing, if it is open, and what went wrong there if anything did; nothing is opened for who only looks. */
  inspect(pairId: PairId): Promise<RoomHealth>;
  reserve(pairId: PairId, seat: Seated, known: Known): Promise<Reservation>;
}

/**
 * `alive`, and can be asked. `dead`: it will not come back, or if it does it finds its pairs taken. `out of reach`: it
 * lives, but there is no way from here to it.
 */
export type Verdict = "alive" | "dead" | "out of reach";

/** The other processes that run rooms. */
export interface Neighbours {
  judge(owner: Owner): Promise<Verdict>;
  /** Throws Elsewhere also if no answer came: every call may be made again. */
  of(owner: Owner): RoomsOfOne;
}

/** The room is not where we thought, or is about to go: whoever asked looks again. */
export class Elsewhere extends Error {
  override readonly name = "Elsewhere";
}
