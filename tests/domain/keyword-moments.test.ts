import assert from "node:assert/strict";
import { momentInWords } from "../../domain/room/keyword-moments.ts";

type Expected = [type: string, confidence: number, ...phrases: string[]] | undefined;

type Told = [rule: string, text: string, expected: Expected];

const texts: Told[] = [
  ["KW1", "We are so in sync", ["sync", 0.9, "in sync"]],
  ["KW1", "in sync, simultaneously", ["sync", 1, "simultaneously", "in sync"]],
  ["KW1", "you read my mind", ["intuition", 0.85, "read my mind"]],
  ["KW1", "telepathy! you read my mind", ["intuition", 1, "read my mind", "telepathy"]],
  ["KW1", "it must be our twin bond", ["connection", 0.7, "twin bond"]],
  ["KW1", "same vibes, same energy, twin bond", ["connection", 0.9, "twin bond", "same energy", "same vibes"]],
  ["KW1", "in sync in sync in sync", ["sync", 0.9, "in sync"]],
  // 0.8 + 0.2 and 0.7 + 0.3 are the same: the earlier group.
  ["KW2", "in sync at the same time, telepathy, sixth sense", ["sync", 1, "same time", "in sync"]],
  // 0.8 + 0.1 against 0.7 + 0.3: compared before the cap, the higher.
  ["KW2", "in sync: telepathy, sixth sense", ["intuition", 1, "telepathy", "sixth sense"]],
  // 0.8 + 0.3 = 1.1 against 0.7 + 0.45 = 1.15: the cap comes last.
  [
    "KW2",
    "same time, in sync, simultaneously; read my mind, telepathy, sixth sense",
    ["intuition", 1, "read my mind", "telepathy", "sixth sense"],
  ],
  ["KW2", "twin bond, but in sync", ["sync", 0.9, "in sync"]],
  ["KW3", "IN SYNC", ["sync", 0.9, "in sync"]],
  ["KW3", "Exactly  When\nyou called", ["sync", 0.9, "exactly when"]],
  ["KW3", "“Read my mind”?", ["intuition", 0.85, "read my mind"]],
  ["KW3", "ｔｅｌｅｐａｔｈｙ", ["intuition", 0.85, "telepathy"]],
  ["KW3", "in synchrony", undefined],
  ["KW3", "the same times", undefined],
  ["KW3", "cumin sync", undefined],
  ["KW3", "exactly whenever", undefined],
  ["KW3", "It is the same. Time flies", undefined],
  ["KW3", "in-sync", undefined],
  ["KW4", "twintuition", undefined],
  ["KW4", "That was a twintuition moment", undefined],
  ["KW4", "feeling feeling_sync thinking_of_you", undefined],
  ["KW4", "", undefined],
  ["KW4", "🙂", undefined],
];

describe("words in messages", () => {
  const of = (wanted: string) => texts.filter(([rule]) => rule === wanted);
  const what = ([, text, expected]: Told) =>
    `${JSON.stringify(text)} is ${expected ? `${expected[0]}, ${expected[1]}` : "no moment"}`;
  const check = ([, text, expected]: Told) => {
    const found = momentInWords(text);
    assert.deepEqual(found && [found.type, found.confidence, ...found.phrases], expected);
  };
  for (const told of of("KW1")) it(`[KW1] ${what(told)}`, () => check(told));
  for (const told of of("KW2")) it(`[KW2] ${what(told)}`, () => check(told));
  for (const told of of("KW3")) it(`[KW3] ${what(told)}`, () => check(told));
  for (const told of of("KW4")) it(`[KW4] ${what(told)}`, () => check(told));

  it("[KW1] the confidence is the sum itself, and no neighbour of it that a machine's fractions make", () => {
    assert.equal(momentInWords("same vibes, same energy")?.confidence, 0.8);
    assert.equal(momentInWords("soul connection")?.confidence, 0.7);
  });
});
