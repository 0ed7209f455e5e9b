import assert from "node:assert/strict";
import type { Alert, Press, TwinMoment, Twintuition } from "../../domain/room/twintuition-history.ts";
import type { MemoryJournal } from "../support/memory-journal.ts";
import type { Random } from "../support/random.ts";

type History = ReturnType<MemoryJournal["history"]>;

/** What a twin does beside talking. */
export function feltWish(random: Random): readonly [name: string, input: object] {
  const feeling = random.percent(50) ? { feeling: random.pick(["joy", "calm"]) } : {};
  return random.percent(70) ? ["twintuition.press", feeling] : ["twintuition.alert", { kind: "thought" }];
}

/** A message now and then tells of a moment. */
export const tellingWords = (random: Random): string => (random.percent(20) ? " telepathy" : "");

/** [TW2] [TW7] Each press and alert is spent once, on a moment of the two; none that could have met another is left. */
export function checkTwintuition({ rows, felt, messages, head }: History): void {
  const facts = [...felt.values()];
  const moments = facts.flatMap((fact) => (fact.fact === "moment" ? fact : []));
  const parts = new Map(facts.flatMap((fact) => (fact.fact === "moment" ? [] : [[String(fact.id), fact] as const])));
  checkNumbers(moments);
  for (const moment of moments) checkParts(moment, parts);
  for (const part of parts.values()) {
    const spentOn = moments.filter(({ parts }) => parts.includes(part.id));
    assert.deepEqual(
      spentOn.map(({ id }) => id),
      part.momentId === null ? [] : [part.momentId],
      "spent twice, or on nothing",
    );
    if (part.fact === "press" && part.momentId) assert.equal(part.feeling, null, "a told word is kept twice");
  }
  checkLeft([...parts.values()]);
  const told = [...rows].filter(({ event }) => event.type === "chat.message_sent" && isTelling(event.body.text));
  const byWords = moments.flatMap(({ messageId }) => messageId ?? []);
  assert.deepEqual(
    byWords,
    [...told].map(({ event }) => event.id),
    "words that were told twice, or not",
  );
  for (const { event, seq } of told) assert.ok(messages.has(event.id) || (seq ?? 0) < head.firstSeq);
}

const isTelling = (text: string | null): boolean => text?.includes("telepathy") ?? false;

/** What the last room remembers is what is written. */
export function checkFelt(memory: Twintuition | undefined, { felt }: History): void {
  const open = (kind: string) =>
    [...felt.values()].filter((fact) => fact.fact === kind && fact.fact !== "moment" && fact.momentId === null);
  assert.deepEqual(memory?.presses, open("press"), "remembers other presses than are open");
  assert.deepEqual(memory?.alerts, open("alert"), "remembers other alerts than are open");
  assert.deepEqual(
    memory?.latest,
    [...felt.values()].findLast((fact) => fact.fact === "moment"),
  );
}

function checkNumbers(moments: readonly TwinMoment[]): void {
  assert.deepEqual(
    moments.map(({ number, ofDay }) => [number, ofDay]),
    moments.map(({ day }, n) => [n + 1, moments.slice(0, n + 1).filter((one) => one.day === day).length]),
    "moments are not numbered one after the other",
  );
}

function checkParts({ algorithm, parts, feelings }: TwinMoment, all: ReadonlyMap<string, Press | Alert>): void {
  const of = parts.map((id) => all.get(id));
  assert.equal(parts.length, algorithm === "words" ? 0 : 2);
  if (algorithm === "words") return;
  assert.ok(of.every((part) => part?.fact === (algorithm === "press" ? "press" : "alert")));
  assert.equal(new Set(of.map((part) => part?.userId)).size, 2, "a moment of one alone");
  for (const { userId } of feelings) assert.ok(of.some((part) => part?.userId === userId));
}

/** Everything here happens within one window, so whatever is left is of one of the two. */
function checkLeft(parts: readonly (Press | Alert)[]): void {
  for (const kind of ["press", "alert"]) {
    const left = parts.filter((part) => part.fact === kind && part.momentId === null);
    assert.ok(new Set(left.map(({ userId }) => userId)).size <= 1, `two of kind ${kind} that never met`);
  }
}
