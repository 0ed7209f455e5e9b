import { atMost } from "../asked.ts";
import type { Part } from "../part.ts";

export const fairTime: Part = {
  name: "fair-time",
  measures: "how fairly presses are judged over simulated lines",
  takes: "2 s",
  async run(report) {
    const { judgeFairTime } = await import("../fair-time.ts");
    const judged = judgeFairTime();
    for (const { links, apartMs, meanError, worstError, uncertainty } of judged) {
      const name = `${links}, ${apartMs} ms apart: error`;
      report.figure(`${name} on average`, meanError, "ms");
      report.figure(`${name} at worst, beside what is stated`, worstError, "ms", atMost(uncertainty));
    }
    report.keep(judged);
  },
};
