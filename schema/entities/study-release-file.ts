import { defineEntity, p } from "@mikro-orm/core";
import type { ReleaseFormat, ReleaseId } from "../wire/research.ts";

/** A file of a release, as it was made. */
const StudyReleaseFileSchema = defineEntity({
  name: "StudyReleaseFile",
  tableName: "research_release_files",
  properties: {
    releaseId: p.uuid().$type<ReleaseId>().primary(),
    format: p.text().$type<ReleaseFormat>().primary(),
    name: p.text(),
    sha256: p.text(),
    bytes: p.blob(),
  },
});

export class StudyReleaseFile extends StudyReleaseFileSchema.class {}
StudyReleaseFileSchema.setClass(StudyReleaseFile);
