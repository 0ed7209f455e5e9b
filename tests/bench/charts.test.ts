import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { draw, drawAll } from "../../bench/charts/drawing.ts";
import { linearScale, logScale, roundStep, tickText } from "../../bench/charts/scale.ts";
import type { BarsSpec, ChartSpec, LinesSpec } from "../../bench/charts/spec.ts";
import { element, escaped, wrapped } from "../../bench/charts/svg.ts";
import type { Results } from "../../bench/results.ts";

const BARS: BarsSpec = {
  kind: "bars",
  name: "cost",
  title: "Messages & <costs>",
  description: "Each of two ways.",
  unit: "ms",
  groups: [
    {
      label: "closed loop",
      bars: [
        { label: "ours", value: 10 },
        { label: "theirs", value: 40 },
      ],
    },
    {
      label: "open loop",
      bars: [
        { label: "ours", value: 20 },
        { label: "theirs", value: 20 },
      ],
    },
  ],
};

const LINES: LinesSpec = {
  kind: "lines",
  name: "growth",
  title: "Growth",
  description: "What a send costs.",
  x: { label: "rooms", unit: "", isLog: true },
  y: { label: "CPU", unit: "ms" },
  series: [
    {
      label: "a send",
      points: [
        [100, 1],
        [1000, 1],
        [10_000, 2],
      ],
    },
    {
      label: "a join",
      points: [
        [100, 4],
        [1000, 4],
        [10_000, 4],
      ],
    },
  ],
};

const parsed = (svg: string) => new JSDOM(svg, { contentType: "image/svg+xml" }).window.document;

const numbers = (found: Element | undefined, ...names: string[]) =>
  names.map((name) => Number(found?.getAttribute(name)));

describe("scales", () => {
  it("[CP5] a linear scale goes from zero to a round number that holds all values", () => {
    const scale = linearScale([3, 47], [0, 100]);
    assert.deepEqual(scale.ticks, [0, 10, 20, 30, 40, 50]);
    assert.deepEqual([0, 25, 50].map(scale.at), [0, 50, 100]);
  });

  it("[CP5] a linear scale holds values below zero, none at all, and only zeros", () => {
    assert.deepEqual(linearScale([-15, 20], [0, 1]).ticks, [-20, -10, 0, 10, 20]);
    assert.deepEqual(linearScale([], [0, 1]).ticks, [0, 0.2]);
    assert.equal(linearScale([0], [0, 10]).at(0), 0);
  });

  it("[CP5] ticks of small steps are the numbers that are meant", () => {
    assert.deepEqual(linearScale([0.3], [0, 1]).ticks, [0, 0.1, 0.2, 0.3]);
    assert.deepEqual([0.00031, 1, 1.1, 2, 4.9, 50, 51].map(roundStep), [0.0005, 1, 2, 2, 5, 50, 100]);
  });

  it("[CP5] a scale of factors has equal distances between powers of ten", () => {
    const scale = logScale([10, 1_000_000], [0, 100]);
    assert.deepEqual(scale.ticks, [10, 100, 1000, 10_000, 100_000, 1_000_000]);
    assert.deepEqual([10, 100, 1_000_000].map(scale.at), [0, 20, 100]);
  });

  it("[CP5] a scale of few factors has ticks between, and holds its values", () => {
    assert.deepEqual(logScale([3, 40], [0, 1]).ticks, [1, 2, 5, 10, 20, 50, 100]);
    assert.deepEqual(logScale([100, 100], [0, 1]).ticks, [100, 200, 500, 1000]);
    assert.deepEqual(logScale([0.001, 0.009], [0, 1]).ticks, [0.001, 0.002, 0.005, 0.01]);
  });

  it("[CP5] what is nothing lies at the edge of a scale of factors", () => {
    assert.equal(logScale([0, 10, 100], [0, 100]).at(0), 0);
    assert.deepEqual(logScale([0], [0, 1]).ticks, [1, 2, 5, 10]);
  });

  it("[CP5] large ticks are short", () => {
    const told = [0, 0.05, 1.5, 9000, 10_000, 250_000, 1_000_000, 2e9].map(tickText);
    assert.deepEqual(told, ["0", "0.05", "1.5", "9,000", "10 k", "250 k", "1 M", "2 G"]);
  });
});

describe("a picture's text", () => {
  it("[CP5] whatever a label says, it stays a text", () => {
    assert.equal(escaped(`<b a="1">&\u0000\u0007é</b>`), "&lt;b a=&quot;1&quot;&gt;&amp;é&lt;/b&gt;");
    assert.equal(element("rect", { width: 1.26, label: 'a"b' }), '<rect width="1.3" label="a&quot;b"/>');
  });

  it("[CP5] long words are wrapped between words and lose none", () => {
    const words = "one two three four five six seven eight nine ten";
    const lines = wrapped(words, 100);
    assert.ok(lines.length > 2 && lines.every((line) => line.length <= 15));
    assert.equal(lines.join(" "), words);
  });
});

describe("a picture", () => {
  for (const spec of [BARS, LINES] satisfies ChartSpec[])
    it(`[CP6] of ${spec.kind} is an image with a title and a description that tells its values, for day and night`, () => {
      const svg = draw(spec);
      const root = parsed(svg).documentElement;
      assert.equal(root.getAttribute("role"), "img");
      const named = root.getAttribute("aria-labelledby")?.split(" ") ?? [];
      const [title, description] = named.map((id) => root.querySelector(`#${id}`)?.textContent ?? "");
      assert.equal(title, spec.title);
      assert.ok(description?.startsWith(spec.description));
      const told =
        spec.kind === "bars" ? /open loop: ours 20 ms, theirs 20 ms\./ : /a send: 1 ms at 100, 1 ms at 1,000, 2 ms/;
      assert.match(description ?? "", told);
      assert.match(root.querySelector("style")?.textContent ?? "", /@media \(prefers-color-scheme:dark\)/);
    });

  it("[CP6] bars are as long as their values, and those of one name have one colour", () => {
    const bars = [...parsed(draw(BARS)).querySelectorAll("rect:not(.back)")];
    const [first = 0, ...others] = bars.map((bar) => numbers(bar, "width")[0] ?? 0);
    assert.deepEqual(
      others.map((width) => Math.round((width / first) * 10) / 10),
      [4, 2, 2],
    );
    assert.deepEqual(
      bars.map((bar) => bar.getAttribute("class")),
      ["f0", "f1", "f0", "f1"],
    );
  });

  it("[CP6] lines go through their points, told apart by dash and mark as well as by colour", () => {
    const root = parsed(draw(LINES));
    const [sent, joined] = [...root.querySelectorAll("polyline")].map((one) =>
      (one.getAttribute("points") ?? "").split(" ").map((point) => point.split(",").map(Number)),
    );
    assert.deepEqual(new Set(joined?.map(([, y]) => y)).size, 1);
    assert.equal(sent?.[0]?.[1], sent?.[1]?.[1]);
    assert.ok((sent?.[2]?.[1] ?? 0) < (sent?.[1]?.[1] ?? 0), "what is more lies higher");
    const dashes = [...root.querySelectorAll("polyline")].map((one) => one.getAttribute("stroke-dasharray"));
    assert.equal(new Set(dashes).size, 2);
    assert.deepEqual([root.querySelectorAll("circle").length, root.querySelectorAll("polygon").length], [4, 4]);
  });
});

describe("pictures of results", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "twinship-charts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const foundAt = (startedAt: string, ...charts: ChartSpec[]): Results => ({
    machine: { cpu: "some", cores: 2, memoryGiB: 24, system: "Linux" },
    versions: {},
    command: "npm run bench",
    parts: [
      {
        ...{ name: "x", measures: "x", startedAt, seconds: 1, loadBefore: [0], loadAfter: [0] },
        ...{ figures: [], charts, costs: {}, raw: [] },
      },
    ],
  });

  it("[CP6] of several results of the same, the latest is drawn, with its day", () => {
    const older = foundAt("2026-10-01T00:00:00.000Z", { ...BARS, title: "older" }, LINES);
    const newer = foundAt("2026-11-01T00:00:00.000Z", { ...BARS, title: "newer" });
    const files = drawAll([newer, older], folder);
    assert.deepEqual(files.toSorted(), [join(folder, "cost.svg"), join(folder, "growth.svg")]);
    const root = parsed(readFileSync(join(folder, "cost.svg"), "utf8")).documentElement;
    assert.equal(root.querySelector("title")?.textContent, "newer");
    assert.match(root.querySelector("desc")?.textContent ?? "", /Measured on 2026-11-01\./);
  });
});
