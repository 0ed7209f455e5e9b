/** Figures in Prometheus' text format, as a test looks at them. */
export interface Figures {
  /** By metric, as declared. */
  readonly types: ReadonlyMap<string, string>;
  /** Of the series of that name with at least these labels; undefined if there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  all(name: string): readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function figuresOf(text: string): Figures {
  const lines = text.split("\n");
  const samples = lines.flatMap((line) => sampleOf(line) ?? []);
  const all = (name: string) => samples.filter((sample) => sample.name === name);
  return {
    types: new Map(lines.flatMap((line) => (line.startsWith("# TYPE ") ? [typeOf(line)] : []))),
    all,
    value: (name, wanted = {}) =>
      all(name).find(({ labels }) => Object.entries(wanted).every(([key, word]) => labels[key] === word))?.value,
  };
}

function typeOf(line: string): [string, string] {
  const [, , name = "", type = ""] = line.split(" ");
  return [name, type];
}

function sampleOf(line: string): Sample | undefined {
  const [, name, labels = "", value] = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
  if (name === undefined || value === undefined) return undefined;
  const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = "", word = ""]) => [key, word]);
  return {
    name,
    labels: Object.fromEntries(pairs),
    value: value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value),
  };
}
