import { atLeast, below } from "../asked.ts";
import { median } from "../figures.ts";
import type { Part } from "../part.ts";

const SECONDS = 5;
const ROUNDS = 3;
const PAIRS = 200;

const TOGETHER = { pairs: PAIRS, rowsPerBatch: 500, lanes: 2 };
const APART = { pairs: PAIRS, rowsPerBatch: 1, lanes: 2 };

export const chat: Part = {
  name: "chat",
  measures: "durable chat in process: rows of all pairs in one commit beside one message a commit",
  takes: "90 s",
  async run(report) {
    const [{ temporaryDatabase }, { ChatBench }] = await Promise.all([
      import("../../tests/support/postgres.ts"),
      import("../chat.ts"),
    ]);
    const { pool, close } = await temporaryDatabase(20);
    try {
      const bench = new ChatBench(pool);
      await bench.closedLoop(TOGETHER, SECONDS);
      const ratios: number[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        report.progress(`round ${round} of ${ROUNDS}`);
        const together = await bench.closedLoop(TOGETHER, SECONDS);
        const apart = await bench.closedLoop(APART, SECONDS);
        ratios.push(together.perSecond / apart.perSecond);
        report.rate(`${PAIRS} pairs, rows of all in one commit (${round})`, together);
        report.rate(`${PAIRS} pairs, one message a commit (${round})`, apart);
        const half = apart.perSecond / 2;
        report.rate("… the first at half the second's rate, open loop", await bench.openLoop(TOGETHER, half, SECONDS));
        report.rate("… the second at half its rate, open loop", await bench.openLoop(APART, half, SECONDS));
      }
      report.figure(`together : apart (median of ${ROUNDS})`, median(ratios), "times", atLeast(3));
      const alone = await bench.closedLoop({ ...TOGETHER, pairs: 1 }, SECONDS);
      const bare = await bench.bareCommit();
      report.rate("one pair alone", alone);
      report.figure("a bare commit of one row, p50", bare.p50, "ms");
      report.figure("an acknowledgement above that, p50", alone.p50 - bare.p50, "ms", below(2));
    } finally {
      await close();
    }
  },
};
