import type { AssessmentProgress, Chance } from "../../domain/ports.ts";
import { type Circumstances, type RoomCommand, roomCommand } from "../../domain/room/rules.ts";
import { PairId, UserId } from "../../schema/wire/ids.ts";

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const ada = UserId.parse(uuid(1));
export const bea = UserId.parse(uuid(2));
export const pair = (n: number): PairId => PairId.parse(uuid(1000 + n));
export const newYear = Date.UTC(2026, 0, 1);

/** A seal that everybody can read: for who tests something else. */
export const plainSeal = {
  seal: (text: string): string => `sealed ${text}`,
  open: (sealed: string): string | undefined => (sealed.startsWith("sealed ") ? sealed.slice(7) : undefined),
};

export const notBegun: AssessmentProgress = {
  ...{ sessionId: null, bankVersion: null, answered: 0, total: 0, status: "none", updatedAt: null },
};

/** Ids of the asked millisecond, numbered, so a failing test names the same thing every run. */
export function countingChance(): Pick<Chance, "newId" | "newSalt"> & typeof plainSeal {
  let count = 0;
  const next = () => String(++count).padStart(12, "0");
  const hex = (at: number) => at.toString(16).padStart(12, "0");
  return {
    ...plainSeal,
    newId: (at) => `${hex(at).slice(0, 8)}-${hex(at).slice(8)}-7000-8000-${next()}`,
    newSalt: () => next().padStart(32, "0"),
  };
}

/** As a device would ask. */
export function commandOf(
  actor: UserId,
  name: string,
  key: string,
  input: object,
  pairId = pair(1),
  circumstances: Circumstances = {},
): RoomCommand {
  return roomCommand({ userId: actor, pairId }, name, { key, ...input }, null, circumstances);
}
