import { below } from "../asked.ts";
import type { Part } from "../part.ts";

export const twintuition: Part = {
  name: "twintuition",
  measures: "alerts, presses and moments between two phones",
  takes: "20 s",
  async run(report) {
    const { measureTwintuition } = await import("../twintuition.ts");
    const figures = await measureTwintuition();
    report.rate("an alert, until the twin's phone has heard it", figures.alert, { p99: below(100) });
    report.rate("a press, until it is answered", figures.press);
    report.rate("… that meets another, until both know", figures.moment);
    report.keep(figures);
  },
};
