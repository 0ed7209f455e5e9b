import assert from "node:assert/strict";
import { asText, atLeast, atMost, below, isMet, numberText } from "../../bench/asked.ts";
import { flat } from "../../bench/flat.ts";
import { isQuiet } from "../../bench/machine.ts";
import { measuring } from "../../bench/measuring.ts";
import type { Part } from "../../bench/part.ts";
import { PARTS } from "../../bench/parts/index.ts";
import { Report, tableOf } from "../../bench/report.ts";
import { results } from "../../bench/results.ts";

const reporting = () => new Report(() => undefined);

const partOf = (run: Part["run"]): Part => ({ name: "tried", measures: "what is tried", takes: "1 s", run });

describe("what a figure was asked to be", () => {
  it("[CP1] a figure meets what was asked of it at the bound, but for one that is to stay below it", () => {
    assert.deepEqual(
      [4.99, 5, 5.01].map((value) => [isMet(atMost(5), value), isMet(atLeast(5), value), isMet(below(5), value)]),
      [
        [true, false, true],
        [true, true, false],
        [false, true, false],
      ],
    );
  });

  it("[CP1] what could not be measured was missed", () => {
    const report = reporting();
    report.figure("something", Number.NaN, "ms", atMost(5));
    assert.deepEqual(report.found.figures, [
      { name: "something", value: null, unit: "ms", asked: "≤ 5", isMet: false },
    ]);
  });

  it("[CP1] numbers have as many digits as mean something", () => {
    const told = [0.05123, 0.5, 1.2345, 12.345, 123.45, 12_345.6, 0, 7, null, Number.POSITIVE_INFINITY];
    assert.deepEqual(told.map(numberText), ["0.051", "0.5", "1.23", "12.3", "123", "12,346", "0", "7", "–", "–"]);
    assert.equal(asText(below(4000)), "< 4,000");
  });
});

describe("what a part reports", () => {
  it("[CP1] a table says of each figure what it is in, what was asked for, and whether that was met", () => {
    const report = reporting();
    report.times("a join", { p50: 4.25, p99: 31 }, { p99: atMost(30) });
    report.figure("rooms", 10_000, "");
    assert.equal(
      tableOf(report.found.figures),
      [
        "|             | measured |     | asked for |        |",
        "|-------------|---------:|-----|-----------|--------|",
        "| a join, p50 |     4.25 | ms  |           |        |",
        "| a join, p99 |       31 | ms  | ≤ 30      | missed |",
        "| rooms       |   10,000 |     |           |        |",
      ].join("\n"),
    );
  });

  it("[CP1] a table of which nothing was asked has no columns for it", () => {
    const report = reporting();
    report.figure("rooms", 3, "");
    assert.equal(tableOf(report.found.figures).split("\n")[0], "|       | measured |     |");
  });

  it("[CP2] plain figures are reported by their names, whose ends are their units", () => {
    const figures = {
      newest: { p99Ms: 3.5, count: 4 },
      heapKiB: 12,
      sendCpuMs: 0.7,
      commandsAJoin: 9,
      p50: 1,
      perSecond: 11_000,
      note: "not a number",
      sides: [{ what: "200 pairs, closed loop", walRatio: 1.4 }, { walBytes: 300 }],
    };
    assert.deepEqual(
      flat(figures).map(({ path, name, value, unit }) => [path, name, value, unit]),
      [
        ["newest.p99Ms", "newest p99", 3.5, "ms"],
        ["newest.count", "newest count", 4, ""],
        ["heapKiB", "heap", 12, "KiB"],
        ["sendCpuMs", "send", 0.7, "ms of CPU"],
        ["commandsAJoin", "commands a join", 9, ""],
        ["p50", "p50", 1, "ms"],
        ["perSecond", "per second", 11_000, "/s"],
        ["sides.0.walRatio", "sides 200 pairs, closed loop wal", 1.4, "times"],
        ["sides.1.walBytes", "sides 1 wal", 300, "bytes"],
      ],
    );
    const report = reporting();
    report.all(figures, { "newest.p99Ms": atMost(5) });
    assert.deepEqual(report.found.figures[0], {
      ...{ name: "newest p99", value: 3.5, unit: "ms" },
      ...{ asked: "≤ 5", isMet: true },
    });
    assert.deepEqual(report.found.raw, [figures]);
  });
});

describe("measuring a part", () => {
  const machine = { cpu: "some", cores: 2, memoryGiB: 24, system: "Linux" };

  it("[CP3] the results for machines hold when it was, how loaded the machine was before and after, and every figure", async () => {
    const part = partOf(async (report) => {
      report.figure("rooms", 3, "", atMost(4));
      report.figure("nothing", null, "ms");
      report.cost("nodeKiBARoom", 12);
      report.keep({ whatever: true });
    });
    const measured = await measuring(part, () => undefined);
    const written: unknown = JSON.parse(JSON.stringify({ machine, versions: {}, command: "", parts: [measured] }));
    assert.deepEqual(results.parse(written), written);
    assert.equal(measured.failure, undefined);
    assert.deepEqual([measured.loadBefore.length, measured.loadAfter.length], [3, 3]);
    assert.deepEqual(measured.costs, { nodeKiBARoom: 12 });
    assert.deepEqual(measured.figures, [
      { name: "rooms", value: 3, unit: "", asked: "≤ 4", isMet: true },
      { name: "nothing", value: null, unit: "ms" },
    ]);
  });

  it("[CP3] a part that fails says so, and what it had found by then is kept", async () => {
    const part = partOf(async (report) => {
      report.figure("rooms", 3, "");
      throw new Error("the server went away");
    });
    const { figures, failure } = await measuring(part, () => undefined);
    assert.equal(figures.length, 1);
    assert.match(failure ?? "", /the server went away/);
  });

  it("[CP3] who waits is told of what, by which part, and since when", async () => {
    const told: string[] = [];
    await measuring(
      partOf(async ({ progress }) => progress("joining")),
      (line) => told.push(line),
    );
    assert.deepEqual(told, ["… tried, 0 s: joining"]);
  });

  it("[CP3] a machine is quiet while others use a quarter of it at most", () => {
    assert.deepEqual(
      [[0.5], [0.51], []].map((load) => isQuiet(load, 2)),
      [true, false, true],
    );
  });
});

describe("the parts", () => {
  it("[CP4] each has a name of its own, says in a line what it measures and how long that takes", () => {
    assert.equal(new Set(PARTS.map(({ name }) => name)).size, PARTS.length);
    for (const { name, measures, takes } of PARTS) {
      assert.match(name, /^[a-z-]+$/);
      assert.match(measures, /^.{10,100}$/);
      assert.match(takes, /^\d+ (?:s|min|h)$/);
    }
  });
});
