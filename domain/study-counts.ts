import type { EntityManager } from "@mikro-orm/core";
import type { Study } from "../schema/entities/study.ts";
import { StudyCohortPair } from "../schema/entities/study-cohort-pair.ts";
import { StudyConsent } from "../schema/entities/study-consent.ts";
import { StudyDocument } from "../schema/entities/study-document.ts";
import { StudyParticipant } from "../schema/entities/study-participant.ts";
import { User } from "../schema/entities/user.ts";
import { AssessmentGiven, type CohortBody, MessagesGiven, MomentsGiven } from "../schema/wire/contributions.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { ageOn, dayOf } from "./birthdays.ts";
import { ADULT } from "./research/eligibility.ts";
import { type Giver, type GivingPair, hasGiven } from "./research/measures.ts";
import { standingOf } from "./research/standing.ts";
import type { Secrets } from "./secrets.ts";
import { pseudonymsOf } from "./study-people.ts";
import type { StudyRows, UpTo } from "./study-rows.ts";

/** What a study has, and whether it may be told of, as the ledger stood at some time. */
export interface Held {
  readonly pairs: readonly GivingPair[];
  /** Whether what was told of a pair may be told again. */
  readonly mayTell: (pairKey: string) => boolean;
  /** Whose words were agreed to by those whose data it is. */
  readonly consents: CohortBody["consents"];
}

interface Means {
  readonly secrets: Pick<Secrets, "signatures">;
  readonly rows: Pick<StudyRows, "given" | "events">;
}

/** Somebody with data, and whether it may be told of. */
interface Member extends StudyParticipant {
  readonly mayTell: boolean;
  readonly consent: StudyConsent;
}

/** `at` in milliseconds since 1970; of what was collected, as much as there was by `upTo`. */
export async function held(means: Means, em: EntityManager, study: Study, at: number, upTo: UpTo): Promise<Held> {
  const members = await membersOf(means, em, study, at);
  const byPair = Map.groupBy(members, ({ pairKey }) => pairKey);
  const settled = await settledIn(em, [...byPair.keys()]);
  const givers = await giversOf(means, em, study, upTo);
  const told = members.filter(({ mayTell }) => mayTell);
  const needed = study.bothTwins ? 2 : 1;
  const pairs = [...Map.groupBy(told, ({ pairKey }) => pairKey)]
    .filter(([, people]) => people.length >= needed)
    .map(([key, people]): GivingPair => ({ key, people: people.map((person) => giver(person, givers)) }))
    .filter(hasGiven)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    pairs,
    mayTell: (key) => byPair.get(key)?.every(({ mayTell }) => mayTell) ?? settled.has(key),
    consents: consentsOf(told),
  };
}

async function membersOf({ secrets }: Means, em: EntityManager, study: Study, at: number): Promise<Member[]> {
  const said = await em.find(
    StudyConsent,
    { studyId: study.id, at: { $lte: new Date(at) } },
    { orderBy: { id: "asc" }, disableIdentityMap: true },
  );
  const last = new Map(said.map((word) => [word.userId, word]));
  const users = await em.find(User, { id: { $in: [...last.keys()] } }, { disableIdentityMap: true });
  const people = new Map(users.map((user): [UserId, User] => [user.id, user]));
  const rows = await em.find(StudyParticipant, { studyId: study.id }, { disableIdentityMap: true });
  const participants = new Map(rows.map((row) => [row.pseudonym, row]));
  const version = await versionAt(em, study, at);
  return [...last.values()].flatMap((consent) => {
    const user = people.get(consent.userId);
    const pseudonym = pseudonymsOf(secrets, study, consent.userId).find((one) => participants.has(one));
    const participant = pseudonym === undefined ? undefined : participants.get(pseudonym);
    if (!user || !participant) return [];
    return [{ ...participant, consent, mayTell: isTold(user, consent, version, at) }];
  });
}

/** While a consent holds; and after it, where keeping was agreed to, until they leave. */
function isTold(
  { birthDate, status, deletionDueAt }: User,
  consent: StudyConsent,
  version: number,
  at: number,
): boolean {
  if (status !== "active" || deletionDueAt !== null) return false;
  if (birthDate === null || ageOn(dayOf(at), birthDate) < ADULT) return false;
  const stands = standingOf({ kind: consent.kind, version: consent.version, at: consent.at.getTime() }, version, at);
  return stands === "holds" || (stands !== "withdrawn" && consent.items.long_term_storage);
}

async function versionAt(em: EntityManager, study: Study, at: number): Promise<number> {
  const out = { studyId: study.id, publishedAt: { $lte: new Date(at) } };
  const newest = await em.findOne(StudyDocument, out, { orderBy: { version: "desc" } });
  return newest?.version ?? study.consentVersion;
}

/** Pairs of whom nobody is left, who let what was counted stay. */
async function settledIn(em: EntityManager, linked: readonly string[]): Promise<ReadonlySet<string>> {
  const others = linked.length > 0 ? { pairKey: { $nin: [...linked] } } : {};
  const pairs = await em.find(StudyCohortPair, { isSettled: true, ...others }, { disableIdentityMap: true });
  return new Set(pairs.map(({ pairKey }) => pairKey));
}

type Given = Pick<Giver, "assessment" | "messages" | "moments" | "events">;

const NOTHING: Given = { assessment: null, messages: [], moments: [], events: [] };

const giver = ({ pseudonym, twinType, born }: Member, givers: ReadonlyMap<string, Given>): Giver => ({
  ...{ twinType, born },
  ...(givers.get(pseudonym) ?? NOTHING),
});

async function giversOf(
  { rows }: Means,
  em: EntityManager,
  study: Study,
  upTo: UpTo,
): Promise<ReadonlyMap<string, Given>> {
  const givers = new Map<string, Given>();
  const of = (pseudonym: string) => givers.get(pseudonym) ?? NOTHING;
  for (const { pseudonym, kind, body } of await rows.given(em, study.id, upTo)) {
    const before = of(pseudonym);
    if (kind === "assessment") givers.set(pseudonym, { ...before, assessment: AssessmentGiven.parse(body) });
    else if (kind === "messages")
      givers.set(pseudonym, { ...before, messages: [...before.messages, MessagesGiven.parse(body).sent] });
    else givers.set(pseudonym, { ...before, moments: [...before.moments, MomentsGiven.parse(body).moments] });
  }
  for (const { pseudonym, count } of await rows.events(em, study.id, upTo))
    givers.set(pseudonym, { ...of(pseudonym), events: [...of(pseudonym).events, count] });
  return givers;
}

function consentsOf(members: readonly Member[]): CohortBody["consents"] {
  const versions = Map.groupBy(
    members.map(({ consent }) => consent),
    ({ version }) => version,
  );
  return [...versions]
    .map(([version, said]) => ({ version, hashes: [...new Set(said.map(({ documentHash }) => documentHash))].sort() }))
    .sort((a, b) => a.version - b.version);
}
