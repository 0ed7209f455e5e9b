import assert from "node:assert/strict";
import { mock } from "node:test";
import { noTwintuition, type TwinMoment, type Twintuition } from "../../domain/room/twintuition-history.ts";
import { MomentsShown } from "../../rooms/moments-shown.ts";
import { Twintuition as State } from "../../schema/state/pair-state.ts";
import { MomentId } from "../../schema/wire/twintuition.ts";
import { newYear } from "../support/twins.ts";

const HOUR_MS = 3_600_000;

const moment = (number: number, ofDay: number, day = "2026-01-01"): TwinMoment => ({
  ...{ fact: "moment", id: MomentId.parse(`00000000-0000-4000-8000-00000000000${number}`), number, ofDay, day },
  ...{ at: newYear, type: "sync", algorithm: "press", confidence: 1, dtMs: 0, uncertaintyMs: 0, windowMs: 30_000 },
  ...{ feelings: [], messageId: null, phrases: [], parts: [] },
});
const withLatest = (latest: TwinMoment): Twintuition => ({ ...noTwintuition, latest });

describe("moments in the state", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: newYear + 12 * HOUR_MS }));
  afterEach(() => mock.timers.reset());

  function shown(zones: readonly string[] = ["UTC"]) {
    const state = new State();
    let patches = 0;
    const patch = () => void patches++;
    const moments = new MomentsShown({ state, now: Date.now, zones: () => zones, patch });
    return { state, moments, patches: () => patches };
  }

  it("[MO4] show the newest, how many there are, and how many of today; and nothing again that is shown", () => {
    const { state, moments, patches } = shown();
    moments.show(noTwintuition);
    assert.deepEqual([state.lastMomentId, state.momentsToday, state.momentsTotal], [undefined, 0, 0]);
    const three = withLatest(moment(3, 2));
    moments.show(three);
    moments.show({ ...three, presses: [] });
    assert.deepEqual([state.lastMomentId, state.momentsToday, state.momentsTotal], [three.latest?.id, 2, 3]);
    assert.equal(state.lastMomentAt, "2026-01-01T00:00:00.000Z");
    assert.equal(patches(), 2);
    moments.stop();
  });

  it("[MO4] [MO1] after the pair's midnight none is of today, without anything happening", () => {
    const { state, moments } = shown(["Europe/Berlin", "Europe/Berlin"]);
    moments.show(withLatest(moment(3, 2)));
    mock.timers.tick(10 * HOUR_MS);
    assert.equal(state.momentsToday, 2);
    mock.timers.tick(HOUR_MS + 2000);
    assert.deepEqual([state.momentsToday, state.momentsTotal], [0, 3]);
    moments.stop();
  });

  it("[MO4] a room that is gone shows nothing more", () => {
    const { state, moments, patches } = shown();
    moments.show(withLatest(moment(1, 1)));
    moments.stop();
    mock.timers.tick(48 * HOUR_MS);
    moments.refresh();
    assert.deepEqual([patches(), state.momentsToday], [1, 1]);
  });
});
