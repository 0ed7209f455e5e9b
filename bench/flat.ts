export interface Leaf {
  /** As it is written in code: `newest.p99Ms`. */
  readonly path: string;
  /** As it is read: `newest p99`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** How the name of a figure ends, and what that means. The longer endings come before those they end in. */
const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ["PerCpuSecond", "/CPU s"],
  ["PerSecond", "/s"],
  ["CpuMs", "ms of CPU"],
  ["CpuSeconds", "s of CPU"],
  ["Ms", "ms"],
  ["Us", "µs"],
  ["Seconds", "s"],
  ["PercentOfCore", "% of a core"],
  ["Kib", "KiB"],
  ["KiB", "KiB"],
  ["GiB", "GiB"],
  ["MiB", "MiB"],
  ["Bytes", "bytes"],
  ["Percent", "%"],
  ["Ratio", "times"],
];

interface Step {
  readonly key: string;
  readonly said: string;
}

/** Every number that plain figures hold, however deep. An entry of a list goes by the first of its words. */
export function flat(figures: unknown): Leaf[] {
  return leaves(figures, []);
}

function leaves(figures: unknown, steps: readonly Step[]): Leaf[] {
  if (typeof figures === "number") return [leaf(steps, figures)];
  if (typeof figures !== "object" || figures === null) return [];
  const isList = Array.isArray(figures);
  return Object.entries(figures).flatMap(([key, value]) => {
    const said = isList ? (calledOf(value) ?? key) : key;
    return leaves(value, [...steps, { key, said }]);
  });
}

/** What it is, whatever that is called: an offer, a question, a step. */
function calledOf(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  return Object.values(entry).find((value) => typeof value === "string");
}

function leaf(steps: readonly Step[], value: number): Leaf {
  const last = steps.at(-1)?.said ?? "";
  const [ending, unit] = UNITS.find(([end]) => last.endsWith(end) || last === lowered(end)) ?? ["", unitOf(last)];
  const bare = last.slice(0, last.length - ending.length) || last;
  const name = [...steps.slice(0, -1).map(({ said }) => said), bare].map(words).join(" ");
  return { path: steps.map(({ key }) => key).join("."), name, value, unit };
}

const lowered = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

/** Percentiles of times are told in milliseconds here, whether they say so or not. */
const unitOf = (name: string): string => (/^p\d+$/.test(name) ? "ms" : "");

const words = (name: string): string =>
  /\s/.test(name) ? name : name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`).trim();
