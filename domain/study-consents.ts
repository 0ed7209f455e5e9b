import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyConsent } from "../schema/entities/study-consent.ts";
import { StudyWithdrawal } from "../schema/entities/study-withdrawal.ts";
import type { User } from "../schema/entities/user.ts";
import type { Locale } from "../schema/wire/assessments.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type {
  ConsentRecord,
  GiveConsent,
  ParticipationsView,
  ParticipationView,
  StudyId,
  WithdrawalView,
  WithdrawConsent,
} from "../schema/wire/research.ts";
import { auditing } from "./audit.ts";
import { lookAtPerson } from "./person-look.ts";
import type { Caller, Chance, Clock, Database, Jobs } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import { DATA_USE } from "./research/data-use.ts";
import { networkOf } from "./sign-ins.ts";
import { documentFor, findStudy, titleOf } from "./studies.ts";
import { eligibility, expiryOf, lastWords, participation, standing } from "./study-standings.ts";
import { type StudyWithdrawals, withdrawalView } from "./study-withdrawals.ts";

/** Nobody is asked by everybody. */
const MOST_STUDIES = 3;

/** What stands in the ledger beside what they said: the server's own record of how it came. */
interface From {
  readonly ip: string;
  readonly locale: Locale;
}

export interface StudyConsentsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly jobs: Jobs;
  readonly withdrawals: Pick<StudyWithdrawals, "begin">;
}

export type StudyConsents = ReturnType<typeof studyConsents>;

/** What people say about taking part, each word kept. Each twin for themselves, and it changes nothing in the app. */
export function studyConsents({ database, clock, chance, jobs, withdrawals }: StudyConsentsDeps) {
  const note = auditing({ clock, chance });

  async function demandPlace(em: EntityManager, user: User, study: Study): Promise<void> {
    const words = [...(await lastWords(em, user.id)).values()].filter(({ studyId }) => studyId !== study.id);
    const studies = await em.find(Study, { id: { $in: words.map(({ studyId }) => studyId) } });
    const holds = words.filter((word) => studies.some((one) => one.id === word.studyId && isHeld(word, one)));
    if (holds.length >= MOST_STUDIES)
      throw new Refusal("CONFLICT", `You take part in ${MOST_STUDIES} studies, which is the most`);
  }

  const isHeld = (word: StudyConsent, study: Study): boolean => standing(word, study, clock.now()) === "holds";

  return {
    /**
     * Saying the same again gives the record there is. Throws NOT_FOUND, FORBIDDEN for who is not of age, NOT_PAIRED
     * where both are needed, CONFLICT for words that are not the newest, too many studies, or one that takes nobody.
     */
    give: ({ userId }: Caller, id: StudyId, given: GiveConsent, { ip, locale }: From): Promise<ConsentRecord> =>
      database.transaction(async (em) => {
        const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const study = await findStudy(em, id);
        demandVersion(study, given.consentVersion);
        const last = (await lastWords(em, userId)).get(id);
        if (last && isHeld(last, study) && isSame(last, given)) return recordOf(last);
        if (study.status !== "recruiting" && !(last && isHeld(last, study)))
          throw new Refusal("CONFLICT", "This study takes nobody new at the moment");
        refuseIneligible(await eligibility(em, user, study, clock.now()));
        await demandPlace(em, user, study);
        const document = await documentFor(em, study, locale);
        const said = em.create(StudyConsent, {
          ...{ studyId: id, userId, kind: "given", version: study.consentVersion },
          ...{ locale: document.locale, documentHash: document.hash, items: given.consentItems },
          ...{ disposition: null, reason: null, network: networkOf(ip), appVersion: given.appVersion ?? null },
          at: new Date(clock.now()),
        });
        note(em, { action: "study.joined", subject: userId, about: id });
        await em.flush();
        await jobs.put(em, { what: "research.intake", userId });
        return recordOf(said);
      }),

    /** From this moment on nothing is collected or told. Throws NOT_FOUND if they take no part. */
    withdraw: (
      { userId }: Caller,
      id: StudyId,
      wish: WithdrawConsent,
      { ip }: Pick<From, "ip">,
    ): Promise<WithdrawalView> =>
      database.transaction(async (em) => {
        await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        // Whoever makes a release has come to its end, or has not begun.
        const study = await findStudy(em, id, LockMode.PESSIMISTIC_WRITE);
        const last = (await lastWords(em, userId)).get(id);
        if (last?.kind !== "given") throw new Refusal("NOT_FOUND", "You take no part in this study");
        const { version, locale, documentHash, items } = last;
        em.create(StudyConsent, {
          ...{ studyId: id, userId, kind: "withdrawn", version, locale, documentHash, items },
          ...{ disposition: wish.disposition, reason: wish.reason ?? null, network: networkOf(ip), appVersion: null },
          at: new Date(clock.now()),
        });
        note(em, { action: "study.left", subject: userId, about: id });
        return withdrawals.begin(em, userId, study, wish.disposition);
      }),

    /** Every study they ever said a word about, and what is done with what they give. */
    look: ({ userId }: Caller, locale: Locale): Promise<ParticipationsView> =>
      database.read(async (em) => {
        const user = await lookAtPerson(em, userId);
        const views: ParticipationView[] = [];
        for (const [studyId, word] of await lastWords(em, userId)) {
          const study = await findStudy(em, studyId);
          views.push({
            ...{ studyId, title: titleOf(study, locale) },
            status: await participation(em, user, study, word, clock.now()),
            consentRecord: word.kind === "given" ? recordOf(word) : null,
            withdrawal: word.kind === "withdrawn" ? await lastWithdrawal(em, userId, studyId) : null,
          });
        }
        return { participation: views, dataUse: DATA_USE[locale] };
      }),
  };
}

function demandVersion({ consentVersion }: Study, given: number): void {
  if (given === consentVersion) return;
  const message = `is not the newest: read version ${consentVersion}`;
  if (given < consentVersion) throw new Refusal("CONFLICT", `consentVersion ${message}`);
  throw new Refusal("VALIDATION_ERROR", "consentVersion: is not out", {
    details: [{ path: "consentVersion", message: "is not out" }],
  });
}

function refuseIneligible(stands: Awaited<ReturnType<typeof eligibility>>): void {
  if (stands === "twin_missing") throw new Refusal("NOT_PAIRED", "This study wants both twins: you have none here yet");
  if (stands === "age_unknown") throw new Refusal("FORBIDDEN", "Say when you were born first: who is 18 can take part");
  if (stands === "too_young") throw new Refusal("FORBIDDEN", "Who is 18 can take part");
}

const isSame = ({ items }: StudyConsent, { consentItems }: GiveConsent): boolean =>
  items.long_term_storage === consentItems.long_term_storage &&
  items.contact_followup === consentItems.contact_followup;

function recordOf(word: StudyConsent): ConsentRecord {
  const { id, studyId, version, documentHash, locale, items, at } = word;
  return {
    ...{ id, studyId, consentVersion: String(version), documentHash, locale, consentItems: items },
    ...{ givenAt: at.toISOString(), expiresAt: expiryOf(word) },
  };
}

async function lastWithdrawal(em: EntityManager, userId: UserId, studyId: StudyId): Promise<WithdrawalView | null> {
  const found = await em.findOne(StudyWithdrawal, { userId, studyId }, { orderBy: { id: "desc" }, refresh: true });
  return found && withdrawalView(found);
}
