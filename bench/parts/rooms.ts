import { atMost, below } from "../asked.ts";
import type { Part } from "../part.ts";

const ROOMS = 1000;

export const rooms: Part = {
  name: "rooms",
  measures: "cold activation, joining, memory and CPU of 1,000 idle rooms with 2,000 connections",
  takes: "1 min",
  async run(report) {
    const { measureRooms } = await import("../rooms.ts");
    const figures = await measureRooms(ROOMS, report.progress);
    report.times("activating a cold room, by a stock client", figures.activation, { p50: below(40) });
    report.times("joining an open room, by a stock client", figures.join, { p50: below(15) });
    report.figure(`a room, of ${ROOMS}: heap and buffers`, figures.room, "KiB", atMost(24));
    report.figure("a connection: heap and buffers", figures.connection, "KiB", atMost(24));
    report.figure(`${ROOMS} idle rooms with ${2 * ROOMS} idle connections`, figures.idleCpu, "% of a core", below(1));
    report.cost("nodeKiBARoom", figures.room);
    report.cost("nodeKiBAConnection", figures.connection);
    report.keep(figures);
  },
};
