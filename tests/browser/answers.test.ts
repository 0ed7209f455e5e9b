import assert from "node:assert/strict";
import { NoAnswer, Refused } from "../../client/index.ts";
import {
  AssessmentId,
  type AssessmentView,
  type BankView,
  ITEM_IDS,
  type ItemResponse,
} from "../../schema/wire/assessments.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { Answers } from "../../web/assessment/answers.ts";
import { ENOUGH, sampleAnswers } from "../../web/assessment/sample-answers.ts";

const session: AssessmentView = {
  id: AssessmentId.parse("0198a000-0000-7000-8000-000000000001"),
  userId: UserId.parse("0198a000-0000-7000-8000-000000000002"),
  bankVersion: "1.0.0",
  startDate: "2026-01-01T00:00:00.000Z",
  completionDate: null,
  responses: [{ itemId: "IF001", value: 4 }],
  answered: 1,
  total: 150,
  currentProgress: 1,
  isComplete: false,
  status: "in_progress",
};

const bank: Pick<BankView, "items"> = {
  items: ITEM_IDS.map((id) => ({ id, category: "autonomy" as const, text: id })),
};

describe("answers on a phone", () => {
  it("[WB19] are drawn at once, and what was changed on its way is said again", async () => {
    const answers = new Answers(session);
    const told: (readonly ItemResponse[])[] = [];
    answers.give([{ itemId: "IF002", value: 2 }]);
    await answers.send(async (batch) => {
      if (told.push(batch) === 1) answers.give([{ itemId: "IF002", value: 6 }]);
    });
    assert.deepEqual(told, [[{ itemId: "IF002", value: 2 }], [{ itemId: "IF002", value: 6 }]]);
    const { values, waiting } = answers.now.get();
    assert.deepEqual(Object.fromEntries(values), { IF001: 4, IF002: 6 });
    assert.equal(waiting, 0);
  });

  it("[WB19] wait through a bad line, and say why they were refused", async () => {
    const answers = new Answers(session);
    answers.give([{ itemId: "IF003", value: 1 }]);
    await answers.send(() => Promise.reject(new NoAnswer("nobody there")));
    assert.deepEqual({ ...answers.now.get(), values: 0 }, { values: 0, waiting: 1, problem: undefined });
    await answers.send(() => Promise.reject(new Refused("GONE", "It was abandoned")));
    assert.equal(answers.now.get().problem, "It was abandoned");
    await answers.send(() => Promise.resolve());
    assert.deepEqual({ ...answers.now.get(), values: 0 }, { values: 0, waiting: 0, problem: undefined });
  });

  it("[WB19] are newer than what the server had when it was asked, and older than nothing else", () => {
    const answers = new Answers(session);
    answers.give([{ itemId: "IF001", value: 7 }]);
    answers.learn({ ...session, responses: [...session.responses, { itemId: "AU001", value: 3 }] });
    assert.deepEqual(Object.fromEntries(answers.now.get().values), { AU001: 3, IF001: 7 });
  });

  it("[WB20] given for whoever only tries it out make 105 with their own, some of each part, all on the scale", () => {
    const given = new Map([
      ["IF001" as const, 4],
      ["NE010" as const, 1],
    ]);
    const sample = sampleAnswers(bank, given, "somebody");
    assert.equal(new Set([...given.keys(), ...sample.map(({ itemId }) => itemId)]).size, ENOUGH);
    assert.ok(sample.every(({ value }) => Number.isInteger(value) && value >= 1 && value <= 7));
    assert.equal(new Set(sample.map(({ itemId }) => itemId.slice(0, 2))).size, 15);
    assert.deepEqual(sampleAnswers(bank, given, "somebody"), sample);
    assert.notDeepEqual(sampleAnswers(bank, given, "somebody else"), sample);
  });
});
