import type { EntityManager } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import type { Listed } from "../schema/wire/lists.ts";
import type { ContributionView } from "../schema/wire/research.ts";
import { cursors, type Page } from "./cursors.ts";
import type { Caller, Database } from "./ports.ts";
import type { Secrets } from "./secrets.ts";
import { pseudonymsOf } from "./study-people.ts";
import type { InStudy, StudyRows } from "./study-rows.ts";
import { lastWords } from "./study-standings.ts";

export interface ContributionsDeps {
  readonly database: Database;
  readonly secrets: Pick<Secrets, "sign" | "isSigned" | "signatures">;
  readonly rows: Pick<StudyRows, "days">;
}

export type Contributions = ReturnType<typeof contributions>;

/** What somebody gave to studies, for nobody but them: who they are is worked out anew each time they ask. */
export function contributions({ database, secrets, rows }: ContributionsDeps) {
  const pages = cursors(secrets);

  async function own(em: EntityManager, userId: Caller["userId"]): Promise<InStudy[]> {
    const words = await lastWords(em, userId);
    const studies = await em.find(Study, { id: { $in: [...words.keys()] } });
    return studies.flatMap((study) =>
      pseudonymsOf(secrets, study, userId).map((pseudonym) => ({ studyId: study.id, pseudonym })),
    );
  }

  return {
    /** By study, kind and day. */
    list: ({ userId }: Caller, query: Listed): Promise<Page<ContributionView>> =>
      database.read(async (em) => {
        const who = await own(em, userId);
        const page = await pages.page({ list: "contributions", userId }, query, {
          find: (limit, after) => rows.days(em, who, after, limit),
          placeOf: ({ place }) => place,
        });
        const items = page.items.map(({ studyId, kind, day, count }) => ({ studyId, kind, day, count }));
        return { items, nextCursor: page.nextCursor };
      }),
  };
}
