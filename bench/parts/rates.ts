import type { Figures } from "../figures.ts";
import type { Part } from "../part.ts";

const SECONDS = 5;
const SETUP = { pairs: 200, rowsPerBatch: 500, lanes: 2 };
const RATES = [50, 100, 200, 500, 1000, 2000, 4000];

export const rates: Part = {
  name: "rates",
  measures: "how long an acknowledgement takes at so many messages a second, in process, open loop",
  takes: "50 s",
  async run(report) {
    const [{ temporaryDatabase }, { ChatBench }] = await Promise.all([
      import("../../tests/support/postgres.ts"),
      import("../chat.ts"),
    ]);
    const { pool, close } = await temporaryDatabase(20);
    try {
      const bench = new ChatBench(pool);
      await bench.closedLoop(SETUP, SECONDS);
      const measured: ({ readonly rate: number } & Figures)[] = [];
      for (const rate of RATES) {
        report.progress(`${rate} messages a second`);
        const figures = await bench.openLoop(SETUP, rate, SECONDS);
        report.times(`an acknowledgement at ${rate} messages a second`, figures);
        measured.push({ rate, ...figures });
      }
      report.keep(measured);
      const line = (label: string, of: "p50" | "p99") => ({
        label,
        points: measured.map((one): [number, number] => [one.rate, one[of]]),
      });
      report.chart({
        kind: "lines",
        name: "latency-over-rate",
        title: "From asking to the acknowledgement",
        description: `${SETUP.pairs} pairs in an open loop: room, committer and PostgreSQL in one process, without sockets.`,
        x: { label: "messages offered", unit: "/s", isLog: true },
        y: { label: "acknowledged after", unit: "ms", isLog: true },
        series: [line("half of them (p50)", "p50"), line("99 of 100 (p99)", "p99")],
      });
    } finally {
      await close();
    }
  },
};
