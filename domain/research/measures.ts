import { Category, Composite } from "../../schema/wire/assessments.ts";
import type { AssessmentGiven, ScaleReport } from "../../schema/wire/contributions.ts";
import type { TwinType } from "../../schema/wire/people.ts";
import type { Source } from "../../schema/wire/research.ts";
import { ITEMS, reverse } from "../scoring/keys.ts";
import { cronbachAlpha, mean, variance } from "./alpha.ts";
import { COUNT_BANDS, countBand, DIFFERENCE_BANDS, differenceBand, SCORE_BANDS, scoreBand } from "./bands.ts";
import { FEWEST_PAIRS } from "./cells.ts";
import type { CountedPair, Measure } from "./cohorts.ts";

/** What somebody gave, as far as it is counted. */
export interface Giver {
  readonly twinType: TwinType | null;
  readonly born: string | null;
  /** The last one. */
  readonly assessment: AssessmentGiven | null;
  /** On each day that had any. */
  readonly messages: readonly number[];
  readonly moments: readonly number[];
  readonly events: readonly number[];
}

/** One or two people, as they are counted. */
export interface GivingPair {
  readonly key: string;
  readonly people: readonly Giver[];
}

const SCALES = [...Composite.options, ...Category.options] as const;

type Scale = (typeof SCALES)[number];

const scoresOn = ({ people }: GivingPair, scale: Scale): readonly (number | null)[] =>
  people.map(({ assessment }) => {
    if (!assessment) return null;
    const composite = Composite.safeParse(scale);
    if (composite.success) return assessment.composites[composite.data];
    return assessment.subscales[Category.parse(scale)];
  });

interface Question extends Measure {
  readonly source: Source;
  bandOf(pair: GivingPair): string;
}

const daysOf = (pair: GivingPair, which: "messages" | "moments" | "events"): number[] =>
  pair.people.flatMap((person) => person[which]);

const QUESTIONS: readonly Question[] = [
  ...SCALES.flatMap((scale): Question[] => [
    {
      ...{ name: scale, source: "assessments", bands: SCORE_BANDS },
      bandOf: (pair) => scoreBand(scoresOn(pair, scale)),
    },
    {
      ...{ name: `${scale} apart`, source: "assessments", bands: DIFFERENCE_BANDS },
      bandOf: (pair) => differenceBand(scoresOn(pair, scale)),
    },
  ]),
  {
    ...{ name: "messages on a day", source: "messages", bands: COUNT_BANDS },
    bandOf: (pair) => countBand(daysOf(pair, "messages")),
  },
  {
    ...{ name: "moments on a day", source: "twintuition", bands: COUNT_BANDS },
    bandOf: (pair) => countBand(daysOf(pair, "moments")),
  },
  {
    ...{ name: "events on a day", source: "telemetry", bands: COUNT_BANDS },
    bandOf: (pair) => countBand(daysOf(pair, "events")),
  },
];

/** What a study that collects this counts pairs by. */
export const measuresOf = (collects: readonly Source[]): readonly Measure[] =>
  QUESTIONS.filter(({ source }) => collects.includes(source)).map(({ name, bands }) => ({ name, bands }));

/** Twins who differ in what they call themselves are something else; the decade is that of the older. */
export function countedPair(pair: GivingPair): CountedPair {
  const types = new Set(pair.people.map(({ twinType }) => twinType));
  const [type = null] = types;
  const [born = null] = pair.people.flatMap((person) => person.born ?? []).sort();
  const bands = Object.fromEntries(QUESTIONS.map(({ name, bandOf }) => [name, bandOf(pair)]));
  return { key: pair.key, twinType: types.size > 1 ? "other" : type, born, bands };
}

/** Whoever gave nothing is not counted. */
export const hasGiven = ({ people }: GivingPair): boolean =>
  people.some(
    ({ assessment, messages, moments, events }) =>
      assessment !== null || [messages, moments, events].some((days) => days.length > 0),
  );

const ITEMS_OF = Map.groupBy(ITEMS, ({ category }) => category);

/** Of each scale what 11 pairs or more have; pairs count once, by the mean of the two. */
export const scaleReports = (pairs: readonly GivingPair[]): ScaleReport[] =>
  SCALES.map((scale) => {
    const scores = pairs.flatMap((pair) => meanOf(scoresOn(pair, scale)) ?? []);
    const alpha = alphaOf(pairs, scale);
    if (scores.length < FEWEST_PAIRS) return { scale, mean: null, deviation: null, alpha };
    return { scale, mean: Math.round(mean(scores)), deviation: Math.round(Math.sqrt(variance(scores))), alpha };
  });

function meanOf(scores: readonly (number | null)[]): number | undefined {
  const known = scores.filter((score) => score !== null);
  return known.length === 0 ? undefined : mean(known);
}

/** Of a subscale, by all people who answered each of its items; of composites, which mix scales, it says nothing. */
function alphaOf(pairs: readonly GivingPair[], scale: Scale): number | null {
  const category = Category.safeParse(scale);
  if (!category.success) return null;
  const rows = pairs.map(({ people }) => people.flatMap((person) => completeRow(person, category.data)));
  if (rows.filter((ofPair) => ofPair.length > 0).length < FEWEST_PAIRS) return null;
  const alpha = cronbachAlpha(rows.flat());
  return alpha === null ? null : Math.round(alpha * 100) / 100;
}

function completeRow({ assessment }: Giver, category: Category): number[][] {
  const items = ITEMS_OF.get(category) ?? [];
  const row = items.flatMap(({ id, reversed }) => {
    const value = assessment?.values[id];
    return value === undefined ? [] : reversed ? reverse(value) : value;
  });
  return row.length === items.length ? [row] : [];
}
