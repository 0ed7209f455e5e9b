import { defineEntity, p } from "@mikro-orm/core";
import type { ReleaseId, StudyId } from "../wire/research.ts";

/** Who of the staff did what with a study's data. Written once. */
const StudyAccessSchema = defineEntity({
  name: "StudyAccess",
  tableName: "research_accesses",
  properties: {
    id: p.uuid().primary(),
    studyId: p.uuid().$type<StudyId>(),
    releaseId: p.uuid().$type<ReleaseId>().strictNullable(),
    staffId: p.uuid(),
    action: p.text().$type<"release.asked" | "release.approved" | "release.read">(),
    at: p.datetime(),
  },
});

export class StudyAccess extends StudyAccessSchema.class {}
StudyAccessSchema.setClass(StudyAccess);
