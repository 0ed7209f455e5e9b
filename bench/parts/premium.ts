import { below } from "../asked.ts";
import type { Part } from "../part.ts";

const SECONDS = 5;

export const premium: Part = {
  name: "premium",
  measures: "events of the store, what somebody may do, from an order to the phone",
  takes: "40 s",
  async run(report) {
    const { measurePremium } = await import("../premium.ts");
    const figures = await measurePremium(SECONDS);
    report.rate("an event of RevenueCat, without an API key, 8 at a time", figures.events);
    report.rate("what somebody may do, 8 at a time", figures.entitlements);
    report.times("from an order at /dev/store to the phone", figures.switches, { p99: below(1000) });
    report.figure("what 1,000 events of one person come to", figures.foldMs, "ms");
    report.keep(figures);
  },
};
