import assert from "node:assert/strict";
import { atLeast } from "../../../domain/research/company.ts";

/** What is told of so many who take part, of all who ever agreed. */
type Telling = (pairs: number) => number | null;

/** The usual rule: a count from eleven on, and none below. */
const plainly: Telling = (pairs) => (pairs < 11 ? null : pairs);

const MOST = 80;

interface Truth {
  readonly participants: number;
  readonly consents: number;
}

const truths: readonly Truth[] = Array.from({ length: MOST }, (_, consents) =>
  Array.from({ length: consents + 1 }, (_none, participants) => ({ participants, consents })),
).flat();

const shown = (tell: Telling, { participants, consents }: Truth): string =>
  `${tell(participants)} of ${tell(consents)}`;

/** Whoever reads both figures lists all that may be true, works out `what` of each, and is left with so many answers at the least. */
function fewestAnswers(tell: Telling, what: (truth: Truth) => number): number {
  const possible = [...Map.groupBy(truths, (truth) => shown(tell, truth)).values()];
  // At the end of the list it is the list that leaves few.
  const whole = possible.filter((group) => group.every(({ consents }) => consents < MOST - 11));
  return Math.min(...whole.map((group) => new Set(group.map(what)).size));
}

/** Two looks at one figure: how many may have come or gone between them. */
function fewestChanges(tell: Telling): number {
  const counts = Array.from({ length: MOST - 14 }, (_, count) => count);
  const tellings = [...Map.groupBy(counts, tell).values()];
  return Math.min(
    ...tellings.flatMap((before) =>
      tellings.map((after) => new Set(before.flatMap((one) => after.map((other) => other - one))).size),
    ),
  );
}

describe("how many take part in a study", () => {
  it("[PP13] is told in elevens, and not at all below", () => {
    assert.deepEqual([0, 1, 10, 11, 12, 21, 22, 100].map(atLeast), [null, null, null, 11, 11, 11, 22, 99]);
  });

  it("[PP13] whoever lays both figures side by side is left with eleven answers or more to each question", () => {
    const questions: readonly ((truth: Truth) => number)[] = [
      ({ participants }) => participants,
      ({ consents }) => consents,
      // Who left, lapsed or may not any more.
      ({ participants, consents }) => consents - participants,
    ];
    for (const what of questions) assert.ok(fewestAnswers(atLeast, what) >= 11);
    // The usual rule is found out, which shows that this attacker can.
    for (const what of questions) assert.equal(fewestAnswers(plainly, what), 1);
  });

  it("[PP13] whoever looks before and after somebody joined is left with twenty-one answers to who it was at the least", () => {
    assert.equal(fewestChanges(atLeast), 21);
    assert.equal(fewestChanges(plainly), 1);
  });
});
