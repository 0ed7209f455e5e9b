import { PairRoom } from "./pair-room.ts";
import type { PairRoomDeps } from "./pair-room-deps.ts";

/** Colyseus makes rooms from a class and hands them nothing; so the class brings along what they need. */
export function definePairRoom(deps: PairRoomDeps): new () => PairRoom {
  return class extends PairRoom {
    protected override readonly deps = deps;
  };
}
