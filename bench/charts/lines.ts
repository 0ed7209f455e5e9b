import { numberText } from "../asked.ts";
import { frameOf, MARGIN, WIDTH } from "./frame.ts";
import { linearScale, logScale, type Scale, tickText } from "./scale.ts";
import type { Axis, LinesSpec } from "./spec.ts";
import { element, line, text, widthOf } from "./svg.ts";

const HEIGHT = 300;
const LEGEND_STEP = 20;
const SAMPLE = 34;
const GAP = 26;
const LEFT = 76;
const AXIS = 62;

/** With more than these, points are a line. */
const MOST_MARKS = 20;

const DASHES = ["none", "8 4", "2 3", "12 4 2 4", "5 2", "1 5"];

type Series = LinesSpec["series"][number];

/** Points over a common axis, joined by lines. */
export function drawLines(spec: LinesSpec): string {
  const frame = frameOf(spec);
  const legend = legendOf(spec.series, frame.top + 12);
  const top = legend.bottom + 42;
  const [bottom, right] = [top + HEIGHT, WIDTH - MARGIN - 16];
  const points = spec.series.flatMap((series) => series.points);
  const x = scaleOf(spec.x)(
    points.map(([across]) => across),
    [LEFT, right],
  );
  const y = scaleOf(spec.y)(
    points.map(([, up]) => up),
    [bottom, top],
  );
  const grid = [
    ...y.ticks.flatMap((tick) => [
      line(LEFT, y.at(tick), right, y.at(tick), "grid"),
      text(tickText(tick), LEFT - 8, y.at(tick) + 4, "end"),
    ]),
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), bottom, x.at(tick), bottom + 5, "axis"),
      text(tickText(tick), x.at(tick), bottom + 20, "middle"),
    ]),
    line(LEFT, bottom, right, bottom, "axis"),
    text(named(spec.y), MARGIN, top - 12, "start", "ink"),
    text(named(spec.x), (LEFT + right) / 2, bottom + 42, "middle", "ink"),
  ];
  const drawn = spec.series.flatMap((series, n) => seriesOf(series, n, x, y));
  return frame.close(bottom + AXIS, [...grid, ...legend.drawn, ...drawn], spokenOf(spec));
}

const scaleOf = ({ isLog = false }: Axis) => (isLog ? logScale : linearScale);

const named = ({ label, unit }: Axis): string => (unit === "" ? label : `${label} (${unit})`);

/** One after the other, in as many lines as that takes. */
function legendOf(series: readonly Series[], top: number): { drawn: string[]; bottom: number } {
  const drawn: string[] = [];
  let [x, y] = [MARGIN, top];
  series.forEach(({ label }, n) => {
    const width = SAMPLE + 8 + widthOf(label);
    if (x > MARGIN && x + width > WIDTH - MARGIN) [x, y] = [MARGIN, y + LEGEND_STEP];
    const sample = { x1: x, y1: y - 4, x2: x + SAMPLE, y2: y - 4 };
    drawn.push(
      element("line", { ...sample, class: `series s${n}`, "stroke-dasharray": DASHES[n] ?? "none" }),
      mark(n, x + SAMPLE / 2, y - 4),
      text(label, x + SAMPLE + 8, y, "start", "ink"),
    );
    x += width + GAP;
  });
  return { drawn, bottom: y };
}

function seriesOf({ points }: Series, n: number, x: Scale, y: Scale): string[] {
  const placed = points.map(([across, up]): [number, number] => [x.at(across), y.at(up)]);
  const path = placed.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(" ");
  const drawn = element("polyline", { points: path, class: `series s${n}`, "stroke-dasharray": DASHES[n] ?? "none" });
  return [drawn, ...(placed.length > MOST_MARKS ? [] : placed.map(([px, py]) => mark(n, px, py)))];
}

/** A shape for each series. */
function mark(n: number, x: number, y: number): string {
  if (n % 3 === 0) return element("circle", { class: `f${n}`, cx: x, cy: y, r: 4 });
  const corners = n % 3 === 1 ? SQUARE : TRIANGLE;
  return element("polygon", {
    class: `f${n}`,
    points: corners.map(([dx, dy]) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`).join(" "),
  });
}

type Corner = readonly [number, number];
const SQUARE: readonly Corner[] = [
  [-4, -4],
  [4, -4],
  [4, 4],
  [-4, 4],
];
const TRIANGLE: readonly Corner[] = [
  [0, -5],
  [5, 4],
  [-5, 4],
];

/** First, middle and last of each line, for who does not see them. */
function spokenOf({ series, x, y }: LinesSpec): string {
  const point = ([across, up]: readonly [number, number]) =>
    `${numberText(up)} ${y.unit} at ${numberText(across)} ${x.unit}`.replace(/\s+/g, " ").trim();
  return series
    .map(({ label, points }) => {
      const told = new Set([0, Math.floor((points.length - 1) / 2), points.length - 1]);
      return `${label}: ${points
        .filter((_, n) => told.has(n))
        .map(point)
        .join(", ")}.`;
    })
    .join(" ");
}
