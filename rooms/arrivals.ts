import type { Arrival } from "../domain/arriving.ts";
import type { Caller } from "../domain/ports.ts";
import type { PairId, SessionId } from "../schema/wire/ids.ts";
import type { Claim } from "./claims.ts";

/** Where somebody belongs: their pair, and whose that was when it was looked at. */
export interface Place {
  readonly pairId: PairId;
  /** undefined: there is no such pair, although they are in it. */
  readonly claim: Claim | undefined;
}

export type Comer = Arrival<Place>;

/** Who comes, as seats must know them. */
export interface Arrivals {
  placeOf(caller: Caller): Promise<Place | null>;
  /** Until when this process may take a session to live that it was told of, in milliseconds since 1970. */
  liveUntil(session: SessionId): number | undefined;
  /** Another node that may be believed took it to live until then. */
  vouched(session: SessionId, until: number): void;
}
