import type { PairDoor } from "../domain/ports.ts";
import { Elsewhere, type RoomsOfOne } from "./neighbours.ts";
import { type Report, refusalOf } from "./replies.ts";

/** Lets in what did not come by socket: the same room, the same rules, the same answer. */
export function pairDoor(rooms: PairDoor, report: Report): PairDoor {
  return {
    execute: (...command) => answered(() => rooms.execute(...command), report),
    mark: (...mark) => answered(() => rooms.mark(...mark), report),
  };
}

/** Lets in what comes from another process, which has let it in there. */
export function neighboursDoor(rooms: RoomsOfOne, report: Report): RoomsOfOne {
  return {
    ...pairDoor(rooms, report),
    inspect: (pairId) => rooms.inspect(pairId),
    reserve: (...seat) => answered(() => rooms.reserve(...seat), report),
  };
}

/** Throws Refusal, or Elsewhere: a caller that can look again does. */
async function answered<T>(work: () => Promise<T>, report: Report): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Elsewhere ? error : refusalOf(error, report);
  }
}
