import assert from "node:assert/strict";
import { caughtUp } from "./history/caught-up.ts";
import { committed } from "./history/committed.ts";
import { watermarks } from "./history/marks.ts";
import { once } from "./history/once.ts";
import { oneHistory } from "./history/one-history.ts";
import { inOrder } from "./history/order.ts";
import type { Check, Observation, Promised, Truth, Violation } from "./history/record.ts";
import { groupBy } from "./history/views.ts";

export type { Heard, JournalRow, Observation, Place, Promised, Stored, Truth, Violation } from "./history/record.ts";

const CHECKS: Readonly<Record<Promised, Check>> = {
  P2: once,
  P3: inOrder,
  P4: oneHistory,
  P5: committed,
  P10: caughtUp,
  P11: watermarks,
};

const PROMISES = ["P2", "P3", "P4", "P5", "P10", "P11"] as const satisfies Promised[];

/**
 * What in a record is not as promised. `truths`: what each pair's history is in the end, by pair; without one, only what
 * contradicts itself is found.
 */
export function checkHistory(
  observations: readonly Observation[],
  truths: ReadonlyMap<string, Truth> = new Map(),
): Violation[] {
  const pairs = groupBy(observations, ({ pair }) => pair);
  for (const pair of truths.keys()) if (!pairs.has(pair)) pairs.set(pair, []);
  return [...pairs].flatMap(([pair, own]) => {
    const record = { observations: own, truth: truths.get(pair) };
    return PROMISES.flatMap((promise) => [...CHECKS[promise](record)].map((found) => ({ promise, pair, ...found })));
  });
}

const SHOWN = 20;

/** Throws with the first violations, in words. */
export function assertKept(observations: readonly Observation[], truths?: ReadonlyMap<string, Truth>): void {
  const violations = checkHistory(observations, truths);
  const words = violations
    .slice(0, SHOWN)
    .map(
      ({ promise, pair, device, says }) => `[${promise}] pair ${pair.slice(-4)}${device ? `, ${device}` : ""}: ${says}`,
    );
  assert.equal(
    violations.length,
    0,
    `${violations.length} violations in ${observations.length} observations:\n${words.join("\n")}`,
  );
}
