import { below } from "../asked.ts";
import type { Part } from "../part.ts";

export const media: Part = {
  name: "media",
  measures: "photos and recordings from complete to ready, and everybody else meanwhile",
  takes: "1 min",
  async run(report) {
    const { measureMedia } = await import("../media.ts");
    const figures = await measureMedia();
    const megabytes = (figures.photoBytes / 1e6).toFixed(1);
    const photo = `a photo of 12 megapixels, ${megabytes} MB, from complete to ready`;
    report.times(photo, figures.photo, { p50: below(1500), p99: below(1500) });
    report.times("three minutes of sound (WAV), from complete to ready", figures.recording);
    report.figure("most memory of a process that looks at files", figures.inspectorMiB, "MiB", below(300));
    report.rate("the smallest answer there is, nothing being checked", figures.quiet);
    report.rate("… while photos are, one after the other", figures.meanwhile);
    report.keep(figures);
  },
};
