import { atLeast, atMost } from "../asked.ts";
import type { Part } from "../part.ts";
import type { Comparison, Round } from "../reference/compared.ts";
import type { Report } from "../report.ts";

/** Told figures are medians of these. */
const SIZE = { pairs: 200, rounds: 5, seconds: 5, rates: [200, 500, 1000] };

export const reference: Part = {
  name: "reference",
  measures: "messages over sockets, in turn with a reference of Express, Socket.IO and one INSERT each",
  takes: "6 min",
  async run(report) {
    const { measureReference } = await import("../reference/compared.ts");
    const comparisons = await measureReference(SIZE, report.progress);
    for (const comparison of comparisons) tell(report, comparison);
    report.keep(comparisons);
    report.chart(perCpuSecond(comparisons));
    report.chart(latency(comparisons));
  },
};

function tell(report: Report, { what, offered, twinship, reference, ...ratios }: Comparison): void {
  const isClosed = offered === null;
  report.figure(
    `${what}: acknowledged for a second of CPU, ours : theirs`,
    ratios.perCpuSecondRatio,
    "times",
    atLeast(isClosed ? 3 : 1),
  );
  if (isClosed) report.figure("… p99, ours : theirs", ratios.p99Ratio, "times", atMost(1));
  else report.figure("… p50, ours : theirs", ratios.p50Ratio, "times", atMost(1));
  report.figure("… bytes of WAL a message, ours : theirs", ratios.walRatio, "times", atMost(1.5));
  for (const [whose, round] of [
    ["ours", twinship],
    ["theirs", reference],
  ] as const)
    tellRound(report, whose, round);
}

function tellRound(report: Report, whose: string, round: Round): void {
  const { perSecond, p50Ms, p99Ms, perCpuSecond, nodeMs, postgresMs, redisMs, walBytes, commits, loadCores } = round;
  report.rate(`… … ${whose}: acknowledged`, { count: 0, perSecond, p50: p50Ms, p99: p99Ms });
  report.figure(`… … ${whose}: acknowledged for a second of CPU`, perCpuSecond, "");
  for (const [where, ms] of Object.entries({ Node: nodeMs, PostgreSQL: postgresMs, Redis: redisMs }))
    report.figure(`… … ${whose}: CPU a message, ${where}`, ms, "ms");
  report.figure(`… … ${whose}: WAL a message`, walBytes, "bytes");
  report.figure(`… … ${whose}: commits a message`, commits, "");
  report.figure(`… … ${whose}: of a core for the load, which is no bottleneck below 1`, loadCores, "cores");
}

const DESCRIPTION =
  "200 pairs, both twins connected, one of each talks; a second of CPU is that of server, PostgreSQL and Redis together. Medians of five rounds in turn.";

const perCpuSecond = (comparisons: readonly Comparison[]) => ({
  kind: "bars" as const,
  name: "reference-cpu",
  title: "Durable messages for a second of CPU",
  description: DESCRIPTION,
  unit: "messages",
  groups: comparisons.map(({ offered, twinship, reference }) => ({
    label: offered === null ? "closed loop" : `${offered} /s`,
    bars: [
      { label: "Twinship", value: Math.round(twinship.perCpuSecond) },
      { label: "reference", value: Math.round(reference.perCpuSecond) },
    ],
  })),
});

function latency(comparisons: readonly Comparison[]) {
  const offered = comparisons.flatMap((one) => (one.offered === null ? [] : [{ ...one, offered: one.offered }]));
  const of = (label: string, side: "twinship" | "reference", figure: "p50Ms" | "p99Ms") => ({
    label,
    points: offered.map((one): [number, number] => [one.offered, one[side][figure]]),
  });
  return {
    kind: "lines" as const,
    name: "reference-latency",
    title: "From a thumb to the acknowledgement",
    description: DESCRIPTION,
    x: { label: "offered", unit: "messages a second" },
    y: { label: "until acknowledged", unit: "ms" },
    series: [
      of("Twinship, p50", "twinship", "p50Ms"),
      of("Twinship, p99", "twinship", "p99Ms"),
      of("reference, p50", "reference", "p50Ms"),
      of("reference, p99", "reference", "p99Ms"),
    ],
  };
}
