import type { PairDoor } from "../domain/ports.ts";
import { type Report, refusalOf } from "./replies.ts";
import type { Seats } from "./seats.ts";

/** Lets in what did not come by socket: the same room, the same rules, the same answer. */
export function pairDoor(seats: Pick<Seats, "room">, report: Report): PairDoor {
  const open = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw refusalOf(error, report);
    }
  };
  return {
    execute: (twin, name, payload) =>
      open(async () => (await seats.room(twin.pairId)).execute(twin, name, payload, null)),
    mark: (twin, what, upTo) => open(async () => (await seats.room(twin.pairId)).mark(twin.userId, what, upTo, null)),
  };
}
