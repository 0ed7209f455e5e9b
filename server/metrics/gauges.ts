import { Gauge, type Registry } from "prom-client";
import { readInTime } from "./in-time.ts";

/** What is read when somebody asks, by name. What nobody reads is not shown. */
export const GAUGES = {
  twinship_ready: "1 if new work may come to this process, else 0",
  twinship_rooms: "Pairs' rooms open in this process",
  twinship_waiting_rooms: "Rooms of people who have no twin yet, in this process",
  twinship_connections: "Sockets whose rooms are in this process",
  twinship_joins_waiting: "Joins that wait for their turn, while everybody comes at once",
  twinship_waiting_bytes: "What was sent and not yet taken, of all sockets together",
  twinship_waiting_max_bytes: "What was sent and not yet taken, of the socket that reads the least",
  twinship_clock_offset_seconds: "How far the database's clock is ahead of this machine's",
  twinship_partitions_ahead_months: "Months after the present one that messages have a place for",
  twinship_neighbours: "Other processes of the cluster that are alive",
  twinship_neighbours_unreachable: "Those of them that this process has no way to",
  twinship_redis_up: "1 if Redis answers, else 0; not shown where none is configured",
} as const;

export type GaugeName = keyof typeof GAUGES;

/** undefined: it is not known, and not shown. */
export type Reading = number | undefined;

export type Read = () => Reading | Promise<Reading>;

/** All gauges that are one number, each read by whoever knows it. */
export function gauges(registry: Registry): (name: GaugeName, read: Read) => void {
  const reads = new Map<string, Read>();
  for (const [name, help] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await readInTime(reads.get(name));
        if (value === undefined || !Number.isFinite(value)) this.remove();
        else this.set(value);
      },
    });
  }
  return (name, read) => void reads.set(name, read);
}
