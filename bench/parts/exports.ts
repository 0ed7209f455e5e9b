import type { ExportFigures } from "../exports.ts";
import type { Part } from "../part.ts";
import type { Report } from "../report.ts";

export const exports: Part = {
  name: "exports",
  measures: "a copy of a person with 300 MB of recordings, made and fetched, on a disk and on S3",
  takes: "2 min",
  async run(report) {
    const { measureExportOnDisk, measureExportOnS3 } = await import("../exports.ts");
    tell(report, "our own disk", await measureExportOnDisk());
    tell(report, "a store that speaks S3", await measureExportOnS3());
  },
};

function tell(report: Report, where: string, figures: ExportFigures): void {
  report.figure(`${where}: the copy`, figures.bytes / 1e6, "MB");
  report.figure(`${where}: made`, figures.madeSeconds, "s");
  report.figure(`${where}: fetched`, figures.fetchedSeconds, "s");
  report.figure(`${where}: memory of the process before`, figures.beforeMiB, "MiB");
  report.figure(`${where}: … and the most while it is made`, figures.makingMiB, "MiB");
  report.figure(`${where}: … and while it is fetched`, figures.fetchingMiB, "MiB");
  report.keep(figures);
}
