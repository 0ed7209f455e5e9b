import type { EntityManager } from "@mikro-orm/core";
import { Study } from "../schema/entities/study.ts";
import { StudyConsent } from "../schema/entities/study-consent.ts";
import type { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Participation, StudyId } from "../schema/wire/research.ts";
import { dayOf } from "./birthdays.ts";
import { eligibilityFor } from "./research/eligibility.ts";
import { type Standing, standingOf, yearAfter } from "./research/standing.ts";
import { hasTwin } from "./study-people.ts";

/** The last word of somebody about each study they ever said one about. */
export async function lastWords(em: EntityManager, userId: UserId): Promise<ReadonlyMap<StudyId, StudyConsent>> {
  const said = await em.find(StudyConsent, { userId }, { orderBy: { id: "asc" }, disableIdentityMap: true });
  return new Map(said.map((word) => [word.studyId, word]));
}

export const standing = (word: StudyConsent | undefined, { consentVersion }: Study, now: number): Standing =>
  standingOf(word && { kind: word.kind, version: word.version, at: word.at.getTime() }, consentVersion, now);

/** Somebody's part in one study, where anything may be collected of them. */
export interface TakingPart {
  readonly study: Study;
  readonly consent: StudyConsent;
}

type Someone = Pick<User, "id" | "birthDate" | "status" | "deletionDueAt">;

/** Who said yes, and may. Who is a minor as they say now, is suspended or is about to leave, gives nothing. */
export async function mayCollect(em: EntityManager, user: Someone, study: Study, now: number): Promise<boolean> {
  if (study.status === "closed" || user.status !== "active" || user.deletionDueAt !== null) return false;
  return (await eligibility(em, user, study, now)) === "eligible";
}

export const eligibility = async (em: EntityManager, { id, birthDate }: Someone, study: Study, now: number) =>
  eligibilityFor(study, { birthDate, hasTwin: !study.bothTwins || (await hasTwin(em, id)) }, dayOf(now));

/** The studies that may collect something of them now. */
export async function takingPart(em: EntityManager, user: Someone, now: number): Promise<TakingPart[]> {
  const words = await lastWords(em, user.id);
  const studies = await em.find(Study, { id: { $in: [...words.keys()] } }, { orderBy: { id: "asc" } });
  const parts: TakingPart[] = [];
  for (const study of studies) {
    const consent = words.get(study.id);
    if (consent && standing(consent, study, now) === "holds" && (await mayCollect(em, user, study, now)))
      parts.push({ study, consent });
  }
  return parts;
}

export async function participation(
  em: EntityManager,
  user: Someone,
  study: Study,
  word: StudyConsent | undefined,
  now: number,
): Promise<Participation> {
  const stands = standing(word, study, now);
  if (stands !== "holds") return stands;
  return (await eligibility(em, user, study, now)) === "eligible" ? "active" : "ineligible";
}

export const expiryOf = (word: StudyConsent): string => new Date(yearAfter(word.at.getTime())).toISOString();
