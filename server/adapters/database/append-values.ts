import { createHash } from "node:crypto";
import type { RoomEvent, RoomFact } from "../../../domain/room/rules.ts";
import type { Append, Ask } from "../../../rooms/durable/journal.ts";

export type RoomAppend = Append<RoomEvent, RoomFact>;

/** Answers with a row for each pair that got in. */
export type AppendQuery = [statement: string, values: unknown[]];

/** Rows to columns: PostgreSQL takes a batch of any size as one array a column. */
export function turned(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column]));
}

/** Proves that a repeat says the same, to whoever has the salt; once the words are erased it proves nothing. */
export function hashOf(salt: string, { print }: Ask): Buffer {
  return createHash("sha256").update(`${salt}${print}`).digest();
}
