import assert from "node:assert/strict";
import type { ProbeSample } from "../../bench/soak-probe.ts";
import { type Point, trendOf } from "../../bench/soak-trend.ts";
import { type Soaked, verdictOf } from "../../bench/soak-verdict.ts";
import type { Look } from "../../bench/soak-watch.ts";
import { Random } from "../support/random.ts";

const MIB = 2 ** 20;
const SAMPLE_MS = 20_000;
const MINUTES = 30;
const BEGAN = 1_000_000;

describe("the trend of a heap", () => {
  const random = new Random(24);
  const noise = () => random.below(1000) / 1000 - 0.5;

  /** One after the other, a hundred in an hour. */
  const points = (count: number, heap: (hours: number, n: number) => number): Point[] =>
    Array.from({ length: count }, (_, n): Point => [n / 100, heap(n / 100, n)]);

  it("[SK4] is found again under noise, within what it says of its own error", () => {
    const { slope, margin } = trendOf(points(200, (hours) => 60 + 12 * hours + noise()));
    assert.ok(Math.abs(slope - 12) < margin, `${slope} ± ${margin}`);
    assert.ok(margin < 1, String(margin));
  });

  it("[SK4] is none where there is none, in nine of ten heaps that only waver", () => {
    const found = Array.from({ length: 50 }, () => trendOf(points(80, () => 60 + noise())));
    const wrong = found.filter(({ slope, margin }) => Math.abs(slope) > margin);
    assert.ok(wrong.length <= 5, `${wrong.length} of 50`);
  });

  it("[SK4] says less the more samples are like their neighbours: a heap that drifts about is not yet one that grows", () => {
    const drifting = () => {
      let at = 60;
      return trendOf(points(80, () => (at = 60 + 0.9 * (at - 60) + noise())));
    };
    const wrong = Array.from({ length: 50 }, drifting).filter(({ slope, margin }) => Math.abs(slope) > margin);
    assert.ok(wrong.length <= 10, `${wrong.length} of 50`);
  });

  it("[SK4] is not told from two samples", () => {
    assert.equal(trendOf(points(2, (hours) => hours)).margin, Number.POSITIVE_INFINITY);
  });
});

describe("the verdict of a soak", () => {
  const broken = (soaked: Soaked) =>
    verdictOf(soaked).flatMap(({ what, isKept }) => (isKept ? [] : what.replace(/[ ,:].*/, "")));

  it("[SK5] is that all was kept, where all was", () => assert.deepEqual(broken(soaked()), []));

  it("[SK5] names a heap that grows by 30 MiB an hour", () => {
    const growing = samples((minute) => 60 + minute / 2);
    assert.deepEqual(broken({ ...soaked(), samples: [growing] }), ["heap"]);
  });

  it("[SK5] names rooms, subscriptions and temporary files that are left when everybody is gone", () => {
    const left = look({ redisSubscriptions: 4, temporaryFiles: 1 }, 1);
    assert.deepEqual(broken({ ...soaked(), after: left }), ["rooms", "subscriptions", "temporary"]);
  });

  it("[SK5] names what was not heard of in the end: a node that does not answer has kept no promise", () => {
    const after = { ...look(), nodes: [], redisSubscriptions: undefined };
    assert.deepEqual(broken({ ...soaked(), after }), ["rooms", "rooms", "sockets", "sockets", "subscriptions"]);
  });

  it("[SK5] names timers that are left, a node that died, and words that were lost", () => {
    const [first, ...others] = samples(() => 60);
    assert.ok(first);
    const last = { ...first, pid: 2, atMs: first.atMs + MINUTES * 60_000, alive: { timers: 200, sockets: 10 } };
    const lost = [{ promise: "P5", pair: "p", says: "was acknowledged, and is not in the journal" } as const];
    const of = { ...soaked(), violations: lost, samples: [[first, ...others.slice(0, -1), last]] };
    assert.deepEqual(broken(of), ["P2-P5", "one", "timers"]);
  });

  const look = (of: Partial<Look> = {}, rooms = 0): Look => ({
    atMs: 0,
    nodes: [{ node: "A", rooms, waitingRooms: 0, connections: 0, forwardedSockets: 0, databaseConnections: 5 }],
    ...{ redisSubscriptions: 3, postgresConnections: 20, jobsWaiting: 0, temporaryFiles: 0 },
    ...of,
  });

  function samples(heapMib: (minute: number) => number): ProbeSample[] {
    const count = (MINUTES * 60_000) / SAMPLE_MS;
    return Array.from({ length: count }, (_, n) => ({
      ...{ atMs: BEGAN + n * SAMPLE_MS, pid: 1, externalBytes: 0, rssBytes: 200 * MIB, openFiles: 30 },
      heapBytes: (heapMib((n * SAMPLE_MS) / 60_000) + (n % 7) / 10) * MIB,
      ...{ loopDelayP99Ms: 1, loopDelayMaxMs: 5, pauseMs: 50, handles: {} },
      ...(n === 0 || n === count - 1 ? { alive: { timers: 100, sockets: 10 } } : {}),
    }));
  }

  const soaked = (): Soaked => ({
    size: { minutes: MINUTES, couples: 10, crowd: 90, load: 0.4, seed: 1 },
    beganMs: BEGAN,
    endedMs: BEGAN + MINUTES * 60_000,
    quietMs: BEGAN + MINUTES * 60_000,
    ...{ share: 0.4, lives: 5, acknowledged: 1000, observations: 4000, violations: [], gaps: [100] },
    ...{ joinsOfCrowd: 50, answers: { 200: 10 }, faults: [], troubles: [] },
    ...{ before: look(), after: look(), looks: [] },
    samples: [samples(() => 60)],
  });
});
