import { defineEntity, p } from "@mikro-orm/core";
import type { StudyId } from "../wire/research.ts";
import type { EventType } from "../wire/telemetry.ts";

/** An event of telemetry, once. */
const StudyEventSchema = defineEntity({
  name: "StudyEvent",
  tableName: "research_events",
  properties: {
    studyId: p.uuid().$type<StudyId>().primary(),
    pseudonym: p.text().primary(),
    /** Stands for the client's id of it. */
    eventKey: p.text().primary(),
    type: p.text().$type<EventType>(),
    day: p.date(),
    body: p.json<object>(),
  },
});

export class StudyEvent extends StudyEventSchema.class {}
StudyEventSchema.setClass(StudyEvent);
