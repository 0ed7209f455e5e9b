import { atMost } from "../asked.ts";
import type { LoneFigures } from "../lone.ts";
import type { Part } from "../part.ts";

export const lone: Part = {
  name: "lone",
  measures: "a message that is committed alone or with a few: CPU, bytes of WAL, and beside a bare INSERT",
  takes: "2 min",
  async run(report) {
    const { measureLoneSends, USUAL } = await import("../lone.ts");
    const measured = await measureLoneSends(USUAL, report.progress);
    for (const figures of measured.figures) {
      const name = `${figures.shape}, ${figures.together} together`;
      report.times(name, { p50: figures.commitP50Ms, p99: figures.commitP99Ms });
      report.figure(`${name}, CPU of PostgreSQL each`, figures.postgresCpuMs, "ms");
      report.figure(`${name}, CPU of Node each`, figures.nodeCpuMs, "ms");
      report.figure(`${name}, WAL each`, figures.walBytes, "B");
    }
    const alone = (shape: LoneFigures["shape"]) =>
      measured.figures.find((one) => one.shape === shape && one.together === 1);
    const ratio = (figure: "postgresCpuMs" | "walBytes", of: LoneFigures["shape"]) =>
      (alone("function")?.[figure] ?? Number.NaN) / (alone(of)?.[figure] ?? Number.NaN);
    report.figure("CPU of PostgreSQL, function : bare INSERT", ratio("postgresCpuMs", "reference"), "×");
    report.figure(
      "CPU of PostgreSQL, function : statement for many",
      ratio("postgresCpuMs", "statement for many"),
      "×",
    );
    report.figure("WAL, function : bare INSERT", ratio("walBytes", "reference"), "×", atMost(1.5));
    report.keep(measured);
  },
};
