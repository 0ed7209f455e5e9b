import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyDocument } from "../schema/entities/study-document.ts";
import { Locale } from "../schema/wire/assessments.ts";
import type { Listed } from "../schema/wire/lists.ts";
import {
  type ConsentDocumentView,
  type Insights,
  OPTIONAL_ITEMS,
  type PublishStudy,
  REQUIRED_ITEMS,
  StudyId,
  type StudyView,
  type WholeStudyView,
} from "../schema/wire/research.ts";
import { cursors, type Page } from "./cursors.ts";
import { lookAtPerson } from "./person-look.ts";
import type { Caller, Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { ADULT } from "./research/eligibility.ts";
import type { Secrets } from "./secrets.ts";
import type { StudyRows } from "./study-rows.ts";
import { lastWords, participation } from "./study-standings.ts";

export interface StudiesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newSalt">;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  readonly rows: Pick<StudyRows, "find">;
  /** What there is to tell of a study to everybody; nothing by default. */
  readonly insightsOf?: (em: EntityManager, studyId: StudyId) => Promise<Insights | null>;
}

export type Published = "new" | "changed" | "same";

export type Studies = ReturnType<typeof studies>;

/** What is being studied, in the reader's language, and the words that whoever takes part agrees to. */
export function studies({ database, clock, chance, secrets, rows, insightsOf = async () => null }: StudiesDeps) {
  const pages = cursors(secrets);

  return {
    /** With `q` those in which all its words occur, in whichever language. */
    list: (caller: Caller, query: Listed & { readonly q?: string | undefined }, locale: Locale) =>
      database.read(async (em): Promise<Page<StudyView>> => {
        const { userId } = caller;
        const found = query.q === undefined ? undefined : await rows.find(em, query.q);
        const page = await pages.page({ list: `studies ${query.q ?? ""}`, userId }, query, {
          find: (limit, after) =>
            em.find(
              Study,
              { $and: [found ? { id: { $in: [...found] } } : {}, after ? { id: { $gt: StudyId.parse(after) } } : {}] },
              { orderBy: { id: "asc" }, limit },
            ),
          placeOf: ({ id }) => id,
        });
        const [user, words] = [await lookAtPerson(em, userId), await lastWords(em, userId)];
        const items = [];
        for (const study of page.items) {
          const part = await participation(em, user, study, words.get(study.id), clock.now());
          items.push(viewOf(study, locale, part));
        }
        return { items, nextCursor: page.nextCursor };
      }),

    /** Throws NOT_FOUND. */
    look: ({ userId }: Caller, id: StudyId, locale: Locale): Promise<WholeStudyView> =>
      database.read(async (em) => {
        const study = await findStudy(em, id);
        const [user, words] = [await lookAtPerson(em, userId), await lastWords(em, userId)];
        const part = await participation(em, user, study, words.get(id), clock.now());
        const consent = documentView(await documentFor(em, study, locale));
        return { ...viewOf(study, locale, part), consent, insights: await insightsOf(em, id) };
      }),

    /** Words that were agreed to never change: other ones are another version. Throws CONFLICT. */
    publish: (given: PublishStudy): Promise<Published> =>
      database.transaction(async (em) => {
        const now = new Date(clock.now());
        const study = await em.findOne(
          Study,
          { id: given.id },
          { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
        );
        const shown = fieldsOf(given);
        if (!study)
          em.create(Study, { id: given.id, ...shown, salt: chance.newSalt(), createdAt: now, updatedAt: now });
        else if (given.consent.version < study.consentVersion) throw older(study);
        else if (JSON.stringify(fieldsIn(study)) !== JSON.stringify(shown))
          Object.assign(study, { ...shown, updatedAt: now });
        const isChanged = study === null || study.updatedAt === now;
        await em.flush();
        const added = await publishTexts(em, given, now);
        if (!study) return "new";
        return isChanged || added ? "changed" : "same";
      }),
  };
}

const older = ({ consentVersion }: Study): Refusal =>
  new Refusal("CONFLICT", `Version ${consentVersion} of the consent is out already`);

type Fields = Pick<Study, "status" | "bothTwins" | "collects" | "words" | "consentVersion" | "searched">;

function fieldsOf({ status, bothTwinsNeeded, collects, words, consent }: PublishStudy): Fields {
  const searched = Locale.options
    .flatMap((locale) => [words[locale]?.title ?? "", words[locale]?.summary ?? ""])
    .join("\n");
  const consentVersion = consent.version;
  return { status, bothTwins: bothTwinsNeeded, collects, words: inOrder(words), consentVersion, searched };
}

const fieldsIn = ({ status, bothTwins, collects, words, consentVersion, searched }: Study): Fields => ({
  ...{ status, bothTwins, collects },
  words: inOrder(words),
  ...{ consentVersion, searched },
});

/** The database keeps fields in an order of its own. */
function inOrder(words: Study["words"]): Study["words"] {
  const given = Locale.options.flatMap((locale) => {
    const said = words[locale];
    return said ? [[locale, { title: said.title, summary: said.summary }] as const] : [];
  });
  return Object.fromEntries(given);
}

async function publishTexts(em: EntityManager, { id, consent }: PublishStudy, now: Date): Promise<boolean> {
  let added = false;
  for (const locale of Locale.options) {
    const text = consent.texts[locale];
    if (text === undefined) continue;
    const key = { studyId: id, version: consent.version, locale };
    const hash = createHash("sha256").update(text).digest("hex");
    const known = await em.findOne(StudyDocument, key);
    if (known && known.hash !== hash)
      throw new Refusal("CONFLICT", `Version ${consent.version} is out in other words: other words are a new version`);
    if (known) continue;
    em.create(StudyDocument, { ...key, text, hash, publishedAt: now });
    added = true;
  }
  await em.flush();
  return added;
}

export async function findStudy(em: EntityManager, id: StudyId, lockMode = LockMode.NONE): Promise<Study> {
  const study = await em.findOne(Study, { id }, { lockMode, refresh: true });
  if (!study) throw new Refusal("NOT_FOUND", "There is no such study");
  return study;
}

/** In the reader's language if there is one, and in English otherwise. */
export async function documentFor(em: EntityManager, study: Study, locale: Locale): Promise<StudyDocument> {
  const of = { studyId: study.id, version: study.consentVersion };
  const own = await em.findOne(StudyDocument, { ...of, locale });
  return own ?? em.findOneOrFail(StudyDocument, { ...of, locale: "en" });
}

const documentView = ({ version, locale, text, hash }: StudyDocument): ConsentDocumentView => ({
  ...{ version: String(version), locale, text, hash },
  ...{ requiredItems: REQUIRED_ITEMS, optionalItems: OPTIONAL_ITEMS },
});

export const titleOf = ({ words }: Study, locale: Locale): string => (words[locale] ?? words.en)?.title ?? "";

function viewOf(study: Study, locale: Locale, part: StudyView["participation"]): StudyView {
  const { id, status, bothTwins, collects, consentVersion, words } = study;
  return {
    ...{ id, status, collects, participation: part },
    title: titleOf(study, locale),
    summary: (words[locale] ?? words.en)?.summary ?? "",
    eligibility: { minimumAge: ADULT, bothTwinsNeeded: bothTwins },
    consentVersion: String(consentVersion),
  };
}
