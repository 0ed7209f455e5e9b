import assert from "node:assert/strict";
import { type Arrival, instantOf, LinkClock, LONGEST_TRIP_MS, unmeasured } from "../../domain/room/fair-time.ts";
import { Random } from "../support/random.ts";
import { type LinkOf, type Says, SimulatedLink, TWO_LINKS } from "../support/simulated-link.ts";
import { newYear } from "../support/twins.ts";

const T = newYear;
const SEEDS = 300;

/** A link whose clock is known to be `ahead`, to within the way there. */
const known = (tripMs: number, ahead: number): Arrival => ({
  at: T,
  tripMs,
  ahead: { low: ahead - tripMs / 2, high: ahead + tripMs / 2 },
});

function pressOver(of: LinkOf, at: number, random: Random) {
  const link = new SimulatedLink(of, random);
  const joined = link.join(at - 60_000);
  assert.ok(joined < at);
  const { arrival, pressedAt } = link.press(at);
  return instantOf(arrival, pressedAt);
}

describe("fair time", () => {
  it("[FT1] without a word of the device, a press counts at the middle of the time it may have been on its way", () => {
    assert.deepEqual(instantOf({ at: T, tripMs: 400, ahead: undefined }, undefined), {
      at: T - 200,
      uncertaintyMs: 200,
    });
    assert.deepEqual(instantOf(known(400, 0), undefined), { at: T - 200, uncertaintyMs: 200 });
    assert.deepEqual(instantOf({ at: T, tripMs: 400, ahead: undefined }, T - 999), { at: T - 200, uncertaintyMs: 200 });
  });

  const claims: [says: string, pressedAt: number, at: number, uncertaintyMs: number][] = [
    ["the middle", T - 200, T - 200, 200],
    ["a little earlier", T - 300, T - 250, 250],
    ["the very beginning", T - 400, T - 300, 300],
    ["an hour ago", T - 3_600_000, T - 400, 400],
    ["an hour from now", T + 3_600_000, T, 400],
    ["the end of time", 8.64e15, T, 400],
  ];
  for (const [says, pressedAt, at, uncertaintyMs] of claims) {
    it(`[FT2] who says ${says} is believed within the way, and no further`, () => {
      assert.deepEqual(instantOf(known(400, 0), pressedAt), { at, uncertaintyMs });
      assert.deepEqual(instantOf(known(400, 5000), pressedAt + 5000), { at, uncertaintyMs });
    });
  }

  for (const [name, one, other] of TWO_LINKS) {
    for (const apartMs of [0, 2000]) {
      it(`[FT3] over ${name}, presses ${apartMs} ms apart are judged so within the stated uncertainty (seeds 1-${SEEDS})`, () => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          const random = new Random(seed);
          const [first, second] = [pressOver(one, T, random), pressOver(other, T + apartMs, random)];
          const error = Math.abs(second.at - first.at - apartMs);
          const uncertainty = first.uncertaintyMs + second.uncertaintyMs;
          assert.ok(error <= uncertainty, `seed ${seed}: ${error} ms wrong, ${uncertainty} ms stated`);
        }
      });
    }
  }

  it(`[FT2] a liar moves their press nowhere beyond the uncertainty that is stated with it (seeds 1-${SEEDS * 10})`, () => {
    let worst = 0;
    for (let seed = 1; seed <= SEEDS * 10; seed++) {
      const random = new Random(seed);
      const jitterMs = random.below(50);
      const of = { upMs: 10 + random.below(700), downMs: jitterMs + random.below(200), jitterMs, aheadMs: 0 };
      const lie = (): Says => {
        const by = random.pick([0, 1, 30, 500, 5000, 1e9, 1e15]) * random.pick([-1, 1]);
        return (shown) => shown + by + random.below(3);
      };
      const link = new SimulatedLink(of, random);
      link.join(T - 600_000, { says: lie(), syncs: random.below(9), answersLateBy: random.pick([0, 0, 300, 9000]) });
      const { arrival, pressedAt } = link.press(T, lie());
      const { at, uncertaintyMs } = instantOf(arrival, pressedAt);
      const moved = Math.abs(at - T);
      assert.ok(moved <= uncertaintyMs, `seed ${seed}: ${moved} ms moved, ${uncertaintyMs} ms stated`);
      assert.ok(uncertaintyMs <= LONGEST_TRIP_MS);
      worst = Math.max(worst, moved);
    }
    assert.ok(worst > 500, "the lies were none");
  });

  it("[FT4] a round trip is what the answer to a ping took; an answer to no ping of ours says nothing", () => {
    const clock = new LinkClock();
    clock.pinged("word", T);
    clock.ponged("another", T + 1);
    assert.equal(clock.arrival(T + 2).tripMs, LONGEST_TRIP_MS);
    clock.ponged("word", T + 120);
    clock.ponged("word", T + 900);
    assert.equal(clock.arrival(T + 1000).tripMs, 120);
  });

  it("[FT4] of the latest eight round trips the longest counts, and none for more than 2 s", () => {
    const clock = new LinkClock();
    const trip = (word: string, ms: number) => {
      clock.pinged(word, T);
      clock.ponged(word, T + ms);
    };
    trip("slow", 5000);
    assert.ok(clock.isLearning);
    assert.equal(clock.arrival(T).tripMs, 2000);
    for (let n = 1; n <= 8; n++) trip(`${n}`, 100 + n);
    assert.equal(clock.arrival(T).tripMs, 108);
    assert.ok(!clock.isLearning);
  });

  it("[FT5] eight questions narrow down a clock that is an hour wrong to what the way leaves open", () => {
    const link = new SimulatedLink({ upMs: 40, downMs: 60, jitterMs: 80, aheadMs: 3_600_000 }, new Random(7));
    const at = link.join(T);
    const { ahead } = link.clock.arrival(at);
    assert.ok(ahead && ahead.low <= 3_600_000 && ahead.high >= 3_600_000 && ahead.high - ahead.low < 200);
  });

  it("[FT5] a clock that was set meanwhile is known by what it shows now", () => {
    const clock = new LinkClock();
    clock.pinged("w", T);
    clock.ponged("w", T + 100);
    for (let n = 0; n < 5; n++) clock.synced(T + n, T + n + 50);
    clock.synced(T + 3_600_000, T + 1050);
    const { ahead } = clock.arrival(T + 1050);
    assert.deepEqual(ahead, { low: 3_600_000 - 1050, high: 3_600_000 - 950 });
    clock.synced(Number.NaN, T + 1060);
    assert.deepEqual(clock.arrival(T + 1050).ahead, ahead);
  });

  it("[FT5] the longer ago a clock was asked, the less is known of it", () => {
    const clock = new LinkClock();
    clock.pinged("w", T);
    clock.ponged("w", T + 100);
    clock.synced(T, T + 50);
    const { ahead } = clock.arrival(T + 50 + 600_000);
    assert.deepEqual(ahead, { low: -110, high: 60 });
  });

  it("[FT6] over HTTP, and before the first round trip, a press may have been 2 s on its way", () => {
    assert.deepEqual(instantOf(unmeasured(T), T - 5), { at: T - 1000, uncertaintyMs: 1000 });
    assert.deepEqual(instantOf(new LinkClock().arrival(T), T - 5), { at: T - 1000, uncertaintyMs: 1000 });
  });
});
