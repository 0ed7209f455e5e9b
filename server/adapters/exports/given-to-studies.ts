import type { Database } from "../../../domain/ports.ts";
import type { Secrets } from "../../../domain/secrets.ts";
import { pseudonymsOf } from "../../../domain/study-people.ts";
import { lastWords } from "../../../domain/study-standings.ts";
import { Study } from "../../../schema/entities/study.ts";
import { StudyContribution } from "../../../schema/entities/study-contribution.ts";
import { StudyEvent } from "../../../schema/entities/study-event.ts";
import type { UserId } from "../../../schema/wire/ids.ts";

interface Sources {
  readonly database: Pick<Database, "read">;
  readonly secrets: Pick<Secrets, "signatures">;
}

const PAGE_EVENTS = 1000;

/** What somebody gave, study by study: first what was collected, then each event of telemetry. */
export async function* givenToStudies({ database, secrets }: Sources, userId: UserId): AsyncGenerator<object> {
  const studies = await database.read(async (em) => {
    const words = await lastWords(em, userId);
    return em.find(Study, { id: { $in: [...words.keys()] } }, { orderBy: { id: "asc" } });
  });
  for (const study of studies) {
    const of = { studyId: study.id, pseudonym: { $in: [...pseudonymsOf(secrets, study, userId)] } };
    const given = await database.read((em) => em.find(StudyContribution, of, { orderBy: { day: "asc", kind: "asc" } }));
    for (const { studyId, kind, day, body } of given) yield { studyId, kind, day, body };
    for (let after = ""; ; ) {
      const more = { ...of, eventKey: { $gt: after } };
      const page = { orderBy: { eventKey: "asc" }, limit: PAGE_EVENTS } as const;
      const events = await database.read((em) => em.find(StudyEvent, more, page));
      for (const { studyId, type, day, body } of events) yield { studyId, kind: type, day, body };
      const last = events.at(-1);
      if (!last || events.length < PAGE_EVENTS) break;
      after = last.eventKey;
    }
  }
}
