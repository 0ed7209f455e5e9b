import { figuresOf, median } from "../figures.ts";
import { referenceSide, type Side, twinshipSide, type Used } from "./sides.ts";
import type { Talk } from "./talking.ts";

/** What one side did in one round. */
export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Acknowledged messages for each second of CPU of server, PostgreSQL and Redis together. */
  readonly perCpuSecond: number;
  /** Of one message, in milliseconds of CPU. */
  readonly nodeMs: number;
  readonly postgresMs: number;
  readonly redisMs: number;
  readonly walBytes: number;
  readonly commits: number;
  /** How much of a core the process that made the load took: below 1, it was not what was measured. */
  readonly loadCores: number;
}

export interface Comparison {
  readonly what: string;
  /** Messages a second that were offered; none in a closed loop. */
  readonly offered: number | null;
  /** Of the rounds, each figure's median. */
  readonly twinship: Round;
  readonly reference: Round;
  /** Ours over theirs of the same round, the median of all rounds. */
  readonly perCpuSecondRatio: number;
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  readonly walRatio: number;
  readonly rounds: number;
}

export interface ReferenceSize {
  readonly pairs: number;
  /** At least five for figures that are told to others. */
  readonly rounds: number;
  readonly seconds: number;
  /** Messages a second, of the open loops. */
  readonly rates: readonly number[];
}

/** Both sides in turn, in one run, on one machine: what is told of are ratios. */
export async function measureReference(size: ReferenceSize, progress: (done: string) => void): Promise<Comparison[]> {
  progress("starting both");
  const [twinship, reference] = [await twinshipSide(size.pairs), await referenceSide(size.pairs)];
  try {
    for (const side of [twinship, reference]) await side.talk({ seconds: size.seconds });
    const comparisons: Comparison[] = [];
    for (const perSecond of [undefined, ...size.rates]) {
      const rounds: { twinship: Round; reference: Round }[] = [];
      const talk = { seconds: size.seconds, ...(perSecond !== undefined && { perSecond }) };
      for (let round = 0; round < size.rounds; round++) {
        // Whoever is first in one round is second in the next.
        const first = round % 2 === 0 ? await roundOf(twinship, talk) : undefined;
        const theirs = await roundOf(reference, talk);
        rounds.push({ twinship: first ?? (await roundOf(twinship, talk)), reference: theirs });
        progress(`${whatOf(size, perSecond)}: round ${round + 1} of ${size.rounds}`);
      }
      comparisons.push(comparisonOf(whatOf(size, perSecond), perSecond ?? null, rounds));
    }
    return comparisons;
  } finally {
    await twinship.close();
    await reference.close();
  }
}

const whatOf = ({ pairs }: ReferenceSize, perSecond: number | undefined): string =>
  perSecond === undefined ? `${pairs} pairs, each as fast as it is answered` : `${perSecond} messages a second`;

async function roundOf(side: Side, talk: Talk): Promise<Round> {
  const before = await side.used();
  const { times, refused, told, seconds, cpuSeconds } = await side.talk(talk);
  const after = await side.used();
  if (refused > 0) throw new Error(`${refused} messages were refused`);
  if (told !== times.length) throw new Error(`${times.length} messages were told ${told} times`);
  const each = (what: keyof Used) => (after[what] - before[what]) / times.length;
  const { perSecond, p50, p99 } = figuresOf(times, seconds);
  const [node, postgres, redis] = [each("node"), each("postgres"), each("redis")];
  return {
    ...{ perSecond, p50Ms: p50, p99Ms: p99, perCpuSecond: 1 / (node + postgres + redis) },
    ...{ nodeMs: node * 1000, postgresMs: postgres * 1000, redisMs: redis * 1000 },
    ...{ walBytes: each("walBytes"), commits: each("commits"), loadCores: cpuSeconds / seconds },
  };
}

function comparisonOf(
  what: string,
  offered: number | null,
  rounds: readonly { readonly twinship: Round; readonly reference: Round }[],
): Comparison {
  const ratio = (figure: keyof Round) =>
    median(rounds.map(({ twinship, reference }) => twinship[figure] / reference[figure]));
  return {
    ...{ what, offered, rounds: rounds.length },
    twinship: middle(rounds.map(({ twinship }) => twinship)),
    reference: middle(rounds.map(({ reference }) => reference)),
    perCpuSecondRatio: ratio("perCpuSecond"),
    p50Ratio: ratio("p50Ms"),
    p99Ratio: ratio("p99Ms"),
    walRatio: ratio("walBytes"),
  };
}

function middle(rounds: readonly Round[]): Round {
  const of = (figure: keyof Round) => median(rounds.map((round) => round[figure]));
  return {
    ...{ perSecond: of("perSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms"), perCpuSecond: of("perCpuSecond") },
    ...{ nodeMs: of("nodeMs"), postgresMs: of("postgresMs"), redisMs: of("redisMs") },
    ...{ walBytes: of("walBytes"), commits: of("commits"), loadCores: of("loadCores") },
  };
}
