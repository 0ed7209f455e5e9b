import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CountedPair,
  cohortOf,
  faultsIn,
  type Group,
  identifiabilityOf,
} from "../../../domain/research/cohorts.ts";
import { type Cohort, composed } from "../../../domain/research/composition.ts";

const BANDS = ["low", "moderate", "high", "unknown"];
const MEASURES = [
  { name: "one", bands: BANDS },
  { name: "other", bands: BANDS },
];

const pairOf = (key: string, one: number, other: number, kind = 0): CountedPair => ({
  key,
  twinType: kind % 2 === 0 ? "identical" : "fraternal",
  born: kind < 2 ? "1980s" : "1990s",
  bands: { one: BANDS[one % 3] ?? "", other: BANDS[other % 3] ?? "" },
});

/** A study's life: so many join, some of them leave, a release is made. */
interface Season {
  readonly joining: readonly (readonly [one: number, other: number, kind: number])[];
  /** Which of those who are there. */
  readonly leaving: readonly number[];
}

const season: fc.Arbitrary<Season> = fc.record({
  joining: fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3)), { maxLength: 90 }),
  leaving: fc.array(fc.nat(), { maxLength: 3 }),
});

type Maker = (cohorts: readonly Cohort[], there: ReadonlyMap<string, CountedPair>) => readonly Cohort[];

const ours: Maker = (cohorts, there) =>
  composed({ cohorts, mayTell: (key) => there.has(key), pairs: [...there.values()], measures: MEASURES });

/** Counts everybody who is there anew each time, with the same care for each release by itself. */
const anew: Maker = (_cohorts, there) => {
  const groups = cohortOf([...there.values()], MEASURES);
  return groups ? [{ number: 1, keys: [...there.keys()], groups }] : [];
};

/** Each release as it was told, with what nobody was told: which pairs each number is about. */
type Told = ReadonlyMap<string, ReadonlySet<string>>;

function told(cohorts: readonly Cohort[], everybody: ReadonlyMap<string, CountedPair>, measure: string): Told[] {
  return cohorts.flatMap(({ keys, groups }) =>
    groups.map((group) => {
      const members = keys.flatMap((key) => everybody.get(key) ?? []).filter((pair) => isOf(pair, group));
      const table = group.tables.find((one) => one.measure === measure);
      const cells = (table?.cells ?? []).filter(({ pairs }) => pairs !== null).map(({ band }) => band);
      return Map.groupBy(members, ({ bands }) => (cells.includes(bands[measure] ?? "") ? bands[measure] : "rest"))
        .entries()
        .reduce(
          (sets, [cell = "", pairs]) => sets.set(cell, new Set(pairs.map(({ key }) => key))),
          new Map<string, ReadonlySet<string>>(),
        );
    }),
  );
}

const isOf = (pair: CountedPair, { twinType, born }: Group): boolean =>
  ["all", pair.twinType].includes(twinType) && ["all", pair.born].includes(born);

/**
 * Lays all releases side by side. Whatever can be worked out of numbers by adding and taking away is a number of one of
 * these: pairs that stand in the same cells of every release. The smallest company anybody is in.
 */
function smallestCompany(
  releases: readonly (readonly Cohort[])[],
  everybody: ReadonlyMap<string, CountedPair>,
  measure: string,
): number {
  const places = new Map<string, string[]>();
  for (const [number, release] of releases.entries())
    for (const [at, cells] of told(release, everybody, measure).entries())
      for (const [cell, keys] of cells)
        for (const key of keys) places.set(key, [...(places.get(key) ?? []), `${number} ${at} ${cell}`]);
  const companies = Map.groupBy(places.values(), (place) => place.join());
  return Math.min(...[...companies.values()].map(({ length }) => length));
}

function lived(seasons: readonly Season[], make: Maker) {
  const everybody = new Map<string, CountedPair>();
  const there = new Map<string, CountedPair>();
  const cohorts: Cohort[] = [];
  const releases: (readonly Cohort[])[] = [];
  for (const { joining, leaving } of seasons) {
    for (const of of joining) {
      const pair = pairOf(`pair ${everybody.size}`, ...of);
      everybody.set(pair.key, pair);
      there.set(pair.key, pair);
    }
    for (const which of leaving) there.delete([...there.keys()][which % Math.max(there.size, 1)] ?? "");
    const release = make(cohorts, there);
    releases.push(release);
    cohorts.push(...release.filter(({ number }) => number > cohorts.length));
  }
  return { everybody, there, releases };
}

describe("releases laid side by side", () => {
  it("[RL6] whatever is added and taken away between any releases, nobody is ever in the company of fewer than ten", () => {
    fc.assert(
      fc.property(fc.array(season, { minLength: 2, maxLength: 6 }), (seasons) => {
        const { everybody, there, releases } = lived(seasons, ours);
        for (const { name } of MEASURES) assert.ok(smallestCompany(releases, everybody, name) >= 11);
        for (const release of releases)
          assert.deepEqual(
            release.flatMap(({ groups }) => faultsIn(groups)),
            [],
          );
        const last = releases.at(-1) ?? [];
        assert.ok(last.every(({ keys }) => keys.every((key) => there.has(key))));
      }),
      { numRuns: 300 },
    );
  });

  it("[RL6] the same attacker finds people where everybody is counted anew", () => {
    const found = fc.check(
      fc.property(fc.array(season, { minLength: 2, maxLength: 6 }), (seasons) => {
        const { everybody, releases } = lived(seasons, anew);
        return MEASURES.every(({ name }) => smallestCompany(releases, everybody, name) >= 11);
      }),
    );
    assert.ok(found.failed);
  });

  it("[RL6] one who leaves takes their cohort out of the next release, and nobody is read off the difference", () => {
    const pairs = Array.from({ length: 24 }, (_, n) => pairOf(`pair ${n}`, n, n));
    const all = { mayTell: () => true, pairs, measures: MEASURES };
    const [first] = composed({ ...all, cohorts: [] });
    assert.ok(first);
    assert.equal(first.keys.length, 24);
    const rest = pairs.slice(1);
    const mayTell = (key: string) => key !== "pair 0";
    assert.deepEqual(composed({ ...all, cohorts: [first], mayTell, pairs: rest }), []);
  });

  it("[RL7] 10 pairs are no release, 11 are, and ten who come late wait for one more", () => {
    const pairs = Array.from({ length: 40 }, (_, n) => pairOf(`pair ${n}`, 0, 1));
    const of = (count: number, cohorts: readonly Cohort[] = []) =>
      composed({ cohorts, mayTell: () => true, pairs: pairs.slice(0, count), measures: MEASURES });
    assert.deepEqual(of(10), []);
    const first = of(11);
    assert.equal(first.length, 1);
    assert.deepEqual(of(21, first), first);
    const second = of(22, first);
    assert.deepEqual(second[0], first[0]);
    assert.deepEqual([second.length, second[1]?.keys.length], [2, 11]);
  });

  it("[RL8] pairs are told apart as finely as leaves 55 in each group, and the report says how alike they are", () => {
    const pairs = Array.from({ length: 110 }, (_, n) => pairOf(`pair ${n}`, n, 0, n % 2));
    const groups = cohortOf(pairs, MEASURES) ?? [];
    assert.deepEqual(
      groups.map(({ twinType, born, pairs }) => [twinType, born, pairs]),
      [
        ["fraternal", "1980s", 55],
        ["identical", "1980s", 55],
      ],
    );
    const mixed = [...pairs.slice(1), pairOf("late", 0, 0, 2)];
    const coarse = cohortOf(mixed, MEASURES) ?? [];
    assert.deepEqual(
      coarse.map(({ twinType, born }) => [twinType, born]),
      [
        ["fraternal", "all"],
        ["identical", "all"],
      ],
    );
    const { pairs: counted, classes, smallestClass, classesTooSmall } = identifiabilityOf(mixed, coarse);
    assert.deepEqual([counted, classes, smallestClass, classesTooSmall], [110, 3, 1, 1]);
    assert.equal(cohortOf(mixed.slice(0, 109), MEASURES)?.length, 1);
  });
});
