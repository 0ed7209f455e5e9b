import { below } from "../asked.ts";
import type { Part } from "../part.ts";

export const assessments: Part = {
  name: "assessments",
  measures: "scoring 150 answers, and an answer beside a message over one socket",
  takes: "30 s",
  async run(report) {
    const { measureAssessments } = await import("../assessments.ts");
    const figures = await measureAssessments();
    report.times("scoring 150 answers", figures.scoring, { p50: below(2) });
    report.times("assessment.answer, acknowledged", figures.answer);
    report.times("chat.send over the same socket, in turns with it", figures.message);
    report.times("GET /assessments/:id/results", figures.results, { p99: below(20) });
    report.keep(figures);
  },
};
