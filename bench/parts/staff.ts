import { below } from "../asked.ts";
import type { Part } from "../part.ts";

export const staff: Part = {
  name: "staff",
  measures: "what staff wait for, with 1,000,000 accounts and 100,000 reports",
  takes: "3 min",
  async run(report) {
    const { measureStaff } = await import("../staff.ts");
    const figures = await measureStaff();
    const asked = { p50: below(50), p99: below(50) };
    report.times("the first 50 of the queue, looked at again", figures.queue, asked);
    report.times("the fiftieth page of it", figures.deep, asked);
    report.times("50 reports that this sign-in had not read", figures.unread, asked);
    report.times("somebody by their address, with all that is shown", figures.search, asked);
    report.times("a decision, with the page it was taken from", figures.decide, asked);
    report.keep(figures);
  },
};
