import { defineEntity, p } from "@mikro-orm/core";
import type { TwinType } from "../wire/people.ts";
import type { StudyId } from "../wire/research.ts";

/** Whoever gives data to a study, by nothing that leads to their account. */
const StudyParticipantSchema = defineEntity({
  name: "StudyParticipant",
  tableName: "research_participants",
  properties: {
    studyId: p.uuid().$type<StudyId>().primary(),
    pseudonym: p.text().primary(),
    /** Of chance, and the same for both twins. */
    pairKey: p.text(),
    twinType: p.text().$type<TwinType>().strictNullable(),
    /** A decade, like `1990s`. */
    born: p.text().strictNullable(),
  },
});

export class StudyParticipant extends StudyParticipantSchema.class {}
StudyParticipantSchema.setClass(StudyParticipant);
