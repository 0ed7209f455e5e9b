import { atMost } from "../asked.ts";
import type { Part } from "../part.ts";

/** One seed, so that two soaks compare; `node bench/soak.ts --seed 7` takes another. */
const SIZE = { minutes: 30, couples: 24, crowd: 200, load: 0.4, seed: 24 };

export const soak: Part = {
  name: "soak",
  measures: "half an hour at about half load with faults at random times, and a verdict",
  takes: "35 min",
  isOnlyIfNamed: true,
  async run(report) {
    const [{ measureSoak }, { verdictOf }] = await Promise.all([import("../soaking.ts"), import("../soak-verdict.ts")]);
    const { samples, looks, ...soaked } = await measureSoak(SIZE, report.progress);
    // Each promise is kept, or broken once.
    for (const { what, found, isKept } of verdictOf({ samples, looks, ...soaked }))
      report.figure(`${what}: ${found}`, isKept ? 0 : 1, "broken", atMost(0));
    report.figure("messages acknowledged", soaked.acknowledged, "");
    report.figure("faults", soaked.faults.length, "");
    report.figure("of all cores, on average", soaked.share * 100, "%");
    report.keep(soaked);
  },
};
