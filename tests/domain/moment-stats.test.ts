import assert from "node:assert/strict";
import { chanceInterval, expectedMoments, roundedPresses } from "../../domain/room/chance-moments.ts";
import { runsOf, syncScore } from "../../domain/room/moment-stats.ts";
import { DAY_MS, dayOfPair, nextDayOfPair } from "../../domain/room/pair-day.ts";
import { Random } from "../support/random.ts";

const BERLIN = "Europe/Berlin";
const days = (zones: string[], ...instants: string[]) => instants.map((at) => dayOfPair(Date.parse(at), zones));

describe("the pair's day", () => {
  it("[MO1] twins in one place have that place's days, also when its clocks change", () => {
    const march = days([BERLIN, BERLIN], "2026-03-28T22:30Z", "2026-03-29T21:30Z", "2026-03-30T21:30Z");
    assert.deepEqual(march, ["2026-03-28", "2026-03-29", "2026-03-30"]);
    assert.deepEqual(runsOf(march, "2026-03-30"), { longest: 3, current: 3 });
    const october = days([BERLIN, BERLIN], "2026-10-25T22:30Z", "2026-10-26T22:30Z");
    assert.deepEqual(october, ["2026-10-25", "2026-10-26"]);
    assert.deepEqual(runsOf(october, "2026-10-26"), { longest: 2, current: 2 });
  });

  it("[MO1] of twins apart, the day changes halfway between their midnights: neither's zone decides alone", () => {
    const zones = ["Asia/Tokyo", "America/Los_Angeles"];
    // Tokyo is 9 hours ahead, Los Angeles 8 behind in winter: half an hour ahead together.
    assert.deepEqual(days(zones, "2026-01-10T23:29:59Z", "2026-01-10T23:30:00Z"), ["2026-01-10", "2026-01-11"]);
    assert.deepEqual(days(zones.toReversed(), "2026-01-10T23:30:00Z"), ["2026-01-11"]);
    // In summer 7 behind: an hour.
    assert.deepEqual(days(zones, "2026-07-10T22:59:59Z", "2026-07-10T23:00:00Z"), ["2026-07-10", "2026-07-11"]);
  });

  it("[MO1] zones that a machine does not know, or nobody has said, count as UTC", () => {
    assert.deepEqual(days(["Mars/Olympus", BERLIN], "2026-01-10T23:30:00Z"), ["2026-01-11"]);
    assert.deepEqual(days([], "2026-01-10T23:59:59Z"), ["2026-01-10"]);
  });

  it("[MO1] the next day begins when the pair's clock says so", () => {
    const at = Date.parse("2026-01-10T12:00Z");
    assert.equal(new Date(nextDayOfPair(at, [BERLIN, BERLIN])).toISOString(), "2026-01-10T23:00:00.000Z");
    assert.equal(nextDayOfPair(at, []) - at, DAY_MS / 2);
  });
});

describe("figures of moments", () => {
  const runs: [days: string[], today: string, longest: number, current: number][] = [
    [[], "2026-05-03", 0, 0],
    [["2026-05-03"], "2026-05-03", 1, 1],
    [["2026-05-02"], "2026-05-03", 1, 1],
    [["2026-05-01"], "2026-05-03", 1, 0],
    [["2026-04-30", "2026-05-01", "2026-05-02", "2026-05-04"], "2026-05-04", 3, 1],
    [["2026-02-28", "2026-03-01"], "2026-03-09", 2, 0],
    [["2028-02-28", "2028-02-29", "2028-03-01"], "2028-03-02", 3, 3],
    // Who flew west has a today of yesterday.
    [["2026-05-03", "2026-05-04"], "2026-05-03", 2, 2],
  ];
  for (const [days, today, longest, current] of runs) {
    it(`[MO2] ${days.join(", ") || "nothing"} is a run of ${longest}, on ${today} still ${current}`, () => {
      assert.deepEqual(runsOf(days, today), { longest, current });
    });
  }

  it("[MO3] the score is twice the moments of 30 days and five times the sure ones, and never above 100", () => {
    assert.deepEqual([syncScore(0, 0), syncScore(3, 2), syncScore(20, 12), syncScore(900, 0)], [0, 16, 100, 100]);
  });

  it("[MO5] what chance makes is what two who press at random make, within the interval", () => {
    for (const [a, b, windowMs] of [
      [60, 60, 30_000],
      [300, 40, 300_000],
      [200, 200, 900_000],
    ] as const) {
      const random = new Random(a);
      const expected = expectedMoments({ presses: [a, b], days: 30, windowMs });
      const runs = Array.from({ length: 200 }, () => byChance(random, a, b, windowMs));
      const mean = runs.reduce((sum, met) => sum + met, 0) / runs.length;
      const { low, high } = chanceInterval(expected);
      const outside = runs.filter((met) => met < low || met > high).length / runs.length;
      assert.ok(mean <= expected * 1.1 + 0.1, `${mean} by chance, ${expected} expected`);
      assert.ok(mean >= expected * 0.7 - 0.1, `${mean} by chance, ${expected} expected`);
      assert.ok(outside < 0.3, `${outside} outside`);
    }
  });

  it("[MO5] nobody meets more often than they press, and the interval is that of rare events", () => {
    assert.equal(expectedMoments({ presses: [1000, 8], days: 1, windowMs: 900_000 }), 8);
    assert.deepEqual(chanceInterval(0), { low: 0, high: 0 });
    assert.deepEqual(chanceInterval(1), { low: 0, high: 3 });
    assert.deepEqual(chanceInterval(10), { low: 4, high: 17 });
    assert.deepEqual(chanceInterval(400), { low: 361, high: 439 });
  });

  it("[MO6] a figure that both see counts presses as 8, 16, 32 …: it tells no single press", () => {
    const counted = [0, 1, 8, 9, 16, 17, 1000].map(roundedPresses);
    assert.deepEqual(counted, [8, 8, 8, 16, 16, 32, 1024]);
  });
});

const AWAKE_MS = 30 * 16 * 3_600_000;

/** Two who press at random: how many of their presses meet, each once. */
function byChance(random: Random, a: number, b: number, windowMs: number): number {
  const at = () => (random.below(1_000_000) / 1_000_000) * AWAKE_MS;
  const presses = [
    ...Array.from({ length: a }, () => ({ who: 0, at: at() })),
    ...Array.from({ length: b }, () => ({ who: 1, at: at() })),
  ].sort((one, other) => one.at - other.at);
  let open: typeof presses = [];
  let met = 0;
  for (const press of presses) {
    open = open.filter((one) => press.at - one.at <= windowMs);
    const other = open.findLast((one) => one.who !== press.who);
    if (other) met += 1;
    open = other ? open.filter((one) => one !== other) : [...open, press];
  }
  return met;
}
