import { type Asked, atMost } from "../asked.ts";
import type { ChartSpec } from "../charts/spec.ts";
import type { QuestionFigures } from "../history.ts";
import type { HistorySize } from "../history-fill.ts";
import type { Part } from "../part.ts";
import type { Report } from "../report.ts";

const PAIR_ASKED = 100_000;

/** In milliseconds, for 99 of 100. */
const NEWEST_MS = 5;
const SEARCH_MS = 30;

/** What grows with a pair's messages by more than this is not as it should be. */
const MOST = 0.1;

export const history: Part = {
  name: "history",
  measures: "history and search in pairs of 10,000 and 100,000 messages, in a table of 1,000,000",
  takes: "3 min",
  run: async (report) => measure(report, (await import("../history.ts")).SIZES.usual),
};

export const historyLarge: Part = {
  name: "history-large",
  measures: "the same in a pair of 1,000,000 and a table of 10,000,000, on 12 GB of disk",
  takes: "30 min",
  isOnlyIfNamed: true,
  run: async (report) => measure(report, (await import("../history.ts")).SIZES.large),
};

async function measure(report: Report, size: HistorySize): Promise<void> {
  const { measureHistory } = await import("../history.ts");
  const figures = await measureHistory(size, report.progress);
  report.keep(figures);
  for (const { question, messages, p50Ms, p99Ms, databaseCpuMs, nodeCpuMs, buffers } of figures.questions) {
    const name = `${question}, of ${messages.toLocaleString("en-GB")}`;
    report.times(name, { p50: p50Ms, p99: p99Ms }, messages === PAIR_ASKED ? askedOf(question) : {});
    report.figure("… CPU of PostgreSQL", databaseCpuMs, "ms of CPU");
    report.figure("… CPU of Node", nodeCpuMs, "ms of CPU");
    report.figure("… pages looked at", buffers, "");
  }
  for (const { question, cpuExponent } of figures.growth)
    report.figure(`${question}: exponent of CPU over the pair's messages`, cpuExponent, "", atMost(MOST));
  report.chart(chartOf(figures.questions));
}

function askedOf(question: string): { readonly p99?: Asked } {
  if (question === "newest 50") return { p99: atMost(NEWEST_MS) };
  return question.includes("word") ? { p99: atMost(SEARCH_MS) } : {};
}

/** As many as can be told apart. */
const MOST_LINES = 6;

function chartOf(questions: readonly QuestionFigures[]): ChartSpec {
  const names = [...new Set(questions.map(({ question }) => question))].slice(0, MOST_LINES);
  return {
    kind: "lines",
    name: "history",
    title: "CPU of a question, over the messages of a pair",
    description:
      "PostgreSQL and Node together, one question after the other on one connection; flat is as it should be.",
    x: { label: "messages in the pair", unit: "", isLog: true },
    y: { label: "CPU of one", unit: "ms", isLog: true },
    series: names.map((label) => ({
      label,
      points: questions
        .filter(({ question }) => question === label)
        .map((one): [number, number] => [one.messages, one.databaseCpuMs + one.nodeCpuMs]),
    })),
  };
}
