import type { Room } from "@colyseus/core";

/**
 * Nobody comes to a room that goes. Colyseus would keep it until the last seat that nobody took has run out, and whoever
 * wants the next room would wait all that time.
 */
export function dropReservedSeats(room: Room): void {
  const [seats, timers] = [room["_reservedSeats"], room["_reservedSeatTimeouts"]];
  for (const socketId of Object.keys(seats)) {
    clearTimeout(timers[socketId]);
    delete timers[socketId];
    delete seats[socketId];
  }
}
