import assert from "node:assert/strict";
import { quietUntil } from "../../domain/quiet-hours.ts";
import { Settings } from "../../schema/wire/people.ts";

/** Germany's clocks went forward on 29 March 2026 and back on 25 October. */
describe("quiet hours", () => {
  const settings = (quietHours: object = {}) => Settings.parse({ quietHours });
  const until = (zone: string, at: string, quietHours: object = {}) => {
    const end = quietUntil(settings(quietHours), zone, Date.parse(at));
    return end === undefined ? undefined : new Date(end).toISOString().slice(0, 16);
  };

  for (const [zone, at, quietHours, end] of [
    ["Europe/Berlin", "2026-03-29T05:30Z", {}, "2026-03-29T06:00"],
    ["Europe/Berlin", "2026-03-29T06:30Z", {}, undefined],
    ["Europe/Berlin", "2026-10-25T06:30Z", {}, "2026-10-25T07:00"],
    ["Europe/Berlin", "2026-10-25T07:30Z", {}, undefined],
    ["Europe/Berlin", "2026-03-28T22:30Z", {}, "2026-03-29T06:00"],
    ["Europe/Berlin", "2026-10-24T21:30Z", {}, "2026-10-25T07:00"],
    ["Asia/Kolkata", "2026-06-15T16:29Z", {}, undefined],
    ["Asia/Kolkata", "2026-06-15T16:30Z", {}, "2026-06-16T02:30"],
    ["Europe/Berlin", "2026-03-29T00:59Z", { start: "02:30", end: "05:00" }, undefined],
    ["Europe/Berlin", "2026-03-29T01:00Z", { start: "02:30", end: "05:00" }, "2026-03-29T03:00"],
    ["UTC", "2026-06-15T13:00Z", { start: "12:00", end: "14:00" }, "2026-06-15T14:00"],
    ["UTC", "2026-06-15T14:00Z", { start: "12:00", end: "14:00" }, undefined],
    ["UTC", "2026-06-15T12:00Z", { start: "12:00", end: "12:00" }, undefined],
    ["UTC", "2026-06-15T23:00Z", { enabled: false }, undefined],
    ["Nowhere/Land", "2026-06-15T23:00Z", {}, "2026-06-16T08:00"],
  ] as const)
    it(`[QH1] in ${zone} at ${at}, with ${JSON.stringify(quietHours)}, last until ${end ?? "they begin"}`, () => {
      assert.equal(until(zone, at, quietHours), end);
    });
});
