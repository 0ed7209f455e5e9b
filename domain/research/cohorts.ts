import type { TwinType } from "../../schema/wire/people.ts";
import { UNKNOWN } from "./bands.ts";
import { FEWEST_PAIRS, toldOf } from "./cells.ts";

/** A question that each pair is counted for in one of its bands. */
export interface Measure {
  readonly name: string;
  readonly bands: readonly string[];
}

/** A pair as it is counted. */
export interface CountedPair {
  readonly key: string;
  readonly twinType: TwinType | null;
  /** A decade, like `1990s`. */
  readonly born: string | null;
  /** Its band in each measure; unknown where there is none. */
  readonly bands: Readonly<Record<string, string>>;
}

export interface Cell {
  readonly band: string;
  /** How many pairs; null where it is withheld. */
  readonly pairs: number | null;
}

export interface Table {
  readonly measure: string;
  readonly cells: readonly Cell[];
}

/** Pairs of one kind; "all" where they are not told apart. */
export interface Group {
  readonly twinType: string;
  readonly born: string;
  readonly pairs: number;
  readonly tables: readonly Table[];
}

const ALL = "all";

/** Only groups in which a table of five bands would still tell something are worth telling apart. */
const WORTH_A_GROUP = 5 * FEWEST_PAIRS;

type Kind = Pick<Group, "twinType" | "born">;

/** Ways to tell pairs apart, the finest first. */
const GROUPINGS: readonly ((pair: CountedPair) => Kind)[] = [
  ({ twinType, born }) => ({ twinType: twinType ?? UNKNOWN, born: born ?? UNKNOWN }),
  ({ twinType }) => ({ twinType: twinType ?? UNKNOWN, born: ALL }),
];

const together = (): Kind => ({ twinType: ALL, born: ALL });

const grouped = (pairs: readonly CountedPair[], kindOf: (pair: CountedPair) => Kind): readonly CountedPair[][] => [
  ...Map.groupBy(pairs, (pair) => JSON.stringify(kindOf(pair))).values(),
];

/** The finest that leaves every group large; no pair is in two groups, so no group can be taken from another. */
function finest(pairs: readonly CountedPair[]): (pair: CountedPair) => Kind {
  const fits = (kindOf: (pair: CountedPair) => Kind) =>
    grouped(pairs, kindOf).every((group) => group.length >= WORTH_A_GROUP);
  return GROUPINGS.find(fits) ?? together;
}

/**
 * The counts of pairs that were never counted before and never will be again: of whoever is in a cohort nothing else is
 * told, in no other release either, so that no two releases can be subtracted. Undefined if they are too few.
 */
export function cohortOf(pairs: readonly CountedPair[], measures: readonly Measure[]): readonly Group[] | undefined {
  if (pairs.length < FEWEST_PAIRS) return undefined;
  const kindOf = finest(pairs);
  return grouped(pairs, kindOf)
    .map((group) => tabulated(group, kindOf, measures))
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = ({ twinType, born }: Kind): string => `${twinType} ${born}`;

function tabulated(
  group: readonly CountedPair[],
  kindOf: (pair: CountedPair) => Kind,
  measures: readonly Measure[],
): Group {
  const [first] = group;
  const tables = measures.map(({ name, bands }) => {
    const inBand = Map.groupBy(group, (pair) => pair.bands[name] ?? UNKNOWN);
    const told = toldOf(bands.map((band) => inBand.get(band)?.length ?? 0));
    return { measure: name, cells: bands.map((band, at) => ({ band, pairs: told[at] ?? null })) };
  });
  return { ...(first ? kindOf(first) : together()), pairs: group.length, tables };
}

/** What could tell people apart, for whoever has to say yes to a release. */
export interface Identifiability {
  readonly pairs: number;
  readonly classes: number;
  readonly smallestClass: number;
  /** Classes of fewer than may be told of. */
  readonly classesTooSmall: number;
  /** How the pairs are told apart in the end. */
  readonly groups: number;
  readonly cells: number;
  readonly cellsWithheld: number;
}

/** How many pairs are alike in what others may know of them, before anything is left out. */
export function identifiabilityOf(pairs: readonly CountedPair[], groups: readonly Group[]): Identifiability {
  const classes = Object.groupBy(pairs, ({ twinType, born }) => `${twinType} ${born}`);
  const sizes = Object.values(classes).map((members) => members?.length ?? 0);
  const cells = groups.flatMap(({ tables }) => tables.flatMap((table) => table.cells));
  return {
    pairs: pairs.length,
    classes: sizes.length,
    smallestClass: Math.min(...sizes),
    classesTooSmall: sizes.filter((size) => size < FEWEST_PAIRS).length,
    groups: groups.length,
    cells: cells.length,
    cellsWithheld: cells.filter((cell) => cell.pairs === null).length,
  };
}

/** What a release must be, whatever made it: whoever finds a fault here has found a bug. */
export function faultsIn(groups: readonly Group[]): string[] {
  return groups.flatMap(({ pairs, tables }) => [
    ...(pairs < FEWEST_PAIRS ? [`a group of ${pairs}`] : []),
    ...tables.flatMap(({ measure, cells }) => {
      const told = cells.flatMap((cell) => cell.pairs ?? []);
      const rest = pairs - told.reduce((sum, count) => sum + count, 0);
      const isOpen = told.length < cells.length;
      return [
        ...(told.some((count) => count < FEWEST_PAIRS) ? [`a small cell of ${measure}`] : []),
        ...((isOpen ? rest < FEWEST_PAIRS : rest !== 0) ? [`what is left of ${measure} is ${rest}`] : []),
      ];
    }),
  ]);
}
