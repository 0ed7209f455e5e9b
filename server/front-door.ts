import type { Pool } from "pg";
import { arriving } from "../domain/arriving.ts";
import type { AccessTokens, Authenticate, Clock, SessionCopies } from "../domain/ports.ts";
import type { SessionStandings } from "../domain/session-standings.ts";
import type { StandInLine } from "../http/routes/room.ts";
import type { Arrivals, Place } from "../rooms/arrivals.ts";
import { databaseArrivals } from "./adapters/database/arrivals.ts";
import { Line } from "./adapters/realtime/line.ts";

export interface FrontDoorDeps {
  readonly accessTokens: AccessTokens;
  /** Made after the rooms are, and before anybody comes. */
  readonly standings: () => SessionStandings;
  readonly copies: SessionCopies | undefined;
  readonly clock: Clock;
  readonly pool: Pool;
}

export interface FrontDoor {
  readonly line: Line;
  /** Who asks for a seat. */
  readonly arrive: Authenticate;
  readonly arrivals: Arrivals;
  /** Nobody takes up room in the line with a token that is none. */
  readonly standInLine: StandInLine;
}

/** What everybody passes who comes to a room: the line, and the one look at who they are and where they belong. */
export function frontDoor({ accessTokens, standings, copies, clock, pool }: FrontDoorDeps): FrontDoor {
  const line = new Line({
    monotonic: () => performance.now(),
    nextTurn: (go) => void setImmediate(go),
    random: Math.random,
  });
  const { arrive, placeOf, isOurs } = arriving<Place>({
    accessTokens,
    standings: {
      known: (session) => standings().known(session),
      learn: (session, standing, seenAt) => standings().learn(session, standing, seenAt),
    },
    copies,
    clock,
    look: databaseArrivals(pool),
  });
  return {
    line,
    arrive,
    arrivals: {
      placeOf,
      liveUntil: (session) => standings().liveUntil(session),
      vouched: (session, until) => standings().vouched(session, until),
    },
    standInLine: async (token, isGone) => (isOurs(token) ? line.enter("seat", isGone) : () => undefined),
  };
}
