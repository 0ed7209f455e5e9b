import { numberText } from "../asked.ts";
import { frameOf, MARGIN, SERIES, WIDTH } from "./frame.ts";
import { linearScale, tickText } from "./scale.ts";
import type { BarsSpec } from "./spec.ts";
import { element, line, text, widthOf } from "./svg.ts";

const BAR = 20;
const BAR_STEP = 25;
const HEAD = 24;
const GROUP_GAP = 12;
const AXIS = 32;
const GAP = 10;
const MOST_LABEL = 300;

type Bar = BarsSpec["groups"][number]["bars"][number];

interface Placed extends Bar {
  readonly y: number;
  readonly style: number;
}

/** Lying bars in groups, each with its name before and its value behind it. */
export function drawBars(spec: BarsSpec): string {
  const frame = frameOf(spec);
  const bars = spec.groups.flatMap((group) => group.bars);
  const amountOf = ({ value }: Bar) => `${numberText(value)} ${spec.unit}`.trim();
  const left = MARGIN + Math.min(MOST_LABEL, Math.max(...bars.map(({ label }) => widthOf(label)))) + GAP;
  const right = WIDTH - MARGIN - Math.max(...bars.map((bar) => widthOf(amountOf(bar)))) - GAP;
  const values = bars.map(({ value }) => value);
  const scale = linearScale(values, [left, right]);
  const { heads, placed, spans, bottom } = placing(spec, frame.top);
  // Beside the bars only: names of groups are not crossed.
  const upright = (value: number, style: string) =>
    spans.map(([from, to]) => line(scale.at(value), from, scale.at(value), to, style));
  const grid = scale.ticks.flatMap((tick) => [
    ...upright(tick, "grid"),
    text(tickText(tick), scale.at(tick), bottom + 12, "middle"),
  ]);
  const drawn = placed.flatMap((bar) => [
    text(bar.label, left - GAP, bar.y + 14, "end", "ink"),
    barOf(bar, scale.at(0), scale.at(bar.value)),
    text(amountOf(bar), Math.max(scale.at(0), scale.at(bar.value)) + 6, bar.y + 14, "start", "strong"),
  ]);
  const spoken = spec.groups.map(
    ({ label, bars: own }) => `${label}: ${own.map((bar) => `${bar.label} ${amountOf(bar)}`).join(", ")}.`,
  );
  const body = [...grid, ...heads, ...drawn, ...upright(0, "axis")];
  return frame.close(bottom + AXIS, body, spoken.join(" "));
}

interface Placing {
  readonly heads: readonly string[];
  readonly placed: readonly Placed[];
  /** From where to where each group's bars are. */
  readonly spans: readonly (readonly [from: number, to: number])[];
  readonly bottom: number;
}

/** A bar of the same name has the same colour in every group. */
function placing({ groups }: BarsSpec, top: number): Placing {
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ label }) => label)))];
  const isNamed = groups.length > 1 || groups.some(({ label }) => label !== "");
  const heads: string[] = [];
  const placed: Placed[] = [];
  const spans: [number, number][] = [];
  let y = top + 4;
  for (const { label, bars } of groups) {
    if (isNamed) {
      heads.push(text(label, MARGIN, y + 14, "start", "strong"));
      y += HEAD;
    }
    spans.push([y - 3, y + bars.length * BAR_STEP - 2]);
    for (const bar of bars) {
      placed.push({ ...bar, y, style: names.indexOf(bar.label) % SERIES });
      y += BAR_STEP;
    }
    y += GROUP_GAP;
  }
  return { heads, placed, spans, bottom: y };
}

function barOf({ y, style }: Placed, from: number, to: number): string {
  return element("rect", {
    class: `f${style}`,
    x: Math.min(from, to),
    y,
    width: Math.max(1, Math.abs(to - from)),
    height: BAR,
    rx: 2,
  });
}
