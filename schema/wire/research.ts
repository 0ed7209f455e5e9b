import { z } from "zod";
import { Locale } from "./assessments.ts";
import { Identifiability } from "./contributions.ts";
import { StaffRole, StudyId } from "./staff.ts";
import { storable, written } from "./text.ts";

export { StudyId };

/** What a study writes to its people: the words of a mail. */
export const StudyNewsText = written(10_000);

/** Only one that is recruiting takes anybody new; `closed` collects nothing more either. */
export const StudyStatus = z.enum(["announced", "recruiting", "paused", "closed"]);
export type StudyStatus = z.infer<typeof StudyStatus>;

/** Where what a study collects comes from. */
export const Source = z.enum(["assessments", "messages", "twintuition", "telemetry"]);
export type Source = z.infer<typeof Source>;

export const REQUIRED_ITEMS = ["data_collection", "data_sharing"] as const;
export const OPTIONAL_ITEMS = ["long_term_storage", "contact_followup"] as const;

const Agreed = z.literal(true, "must be agreed to: without it nobody can take part");

const ConsentItems = z.strictObject({
  data_collection: Agreed,
  data_sharing: Agreed,
  /** Kept when the year is over, and told of in later releases. */
  long_term_storage: z.boolean().default(false),
  /** Mails about the study. */
  contact_followup: z.boolean().default(false),
});

/** What somebody agreed to; both of the required ones always. */
export const AgreedItems = z.object({
  data_collection: z.boolean(),
  data_sharing: z.boolean(),
  long_term_storage: z.boolean(),
  contact_followup: z.boolean(),
});
export type AgreedItems = z.infer<typeof AgreedItems>;

/** Versions are counted from 1; as text, the way they are shown. */
const VersionText = z.string().regex(/^[1-9]\d{0,5}$/, "must be the study's consentVersion");

export const GiveConsent = z.strictObject({
  consentItems: ConsentItems,
  consentVersion: z
    .union([VersionText, z.int().min(1).max(999_999)], "must be the study's consentVersion")
    .transform(Number),
  /** Which app showed the words. */
  appVersion: storable(40).optional(),
});
export type GiveConsent = z.infer<typeof GiveConsent>;

/**
 * What becomes of what was collected. `delete`: all of it is erased, and no release with it is handed out any more.
 * `retain_aggregated`: it is erased, and counts that were already made of it stay. `anonymize`: it is kept with nothing
 * left that leads to the person.
 */
export const Disposition = z.enum(["delete", "anonymize", "retain_aggregated"]);
export type Disposition = z.infer<typeof Disposition>;

export const WithdrawConsent = z.strictObject({ disposition: Disposition, reason: written(500).optional() });
export type WithdrawConsent = z.infer<typeof WithdrawConsent>;

export const ConsentRecord = z.object({
  id: z.string(),
  studyId: StudyId,
  consentVersion: z.string(),
  /** SHA-256 of the words that were agreed to, and their language. */
  documentHash: z.string(),
  locale: Locale,
  consentItems: AgreedItems,
  givenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});
export type ConsentRecord = z.infer<typeof ConsentRecord>;

/** What was erased, by what it was: whoever kept a copy can find theirs in it, and nobody else learns anything. */
export const Receipt = z.object({
  erased: z.int(),
  kept: z.int(),
  /** SHA-256 of each row that was erased. */
  hashes: z.array(z.string()).readonly(),
});
export type Receipt = z.infer<typeof Receipt>;

export const WithdrawalView = z.object({
  id: z.uuid(),
  studyId: StudyId,
  disposition: Disposition,
  askedAt: z.iso.datetime(),
  /** At the latest; nothing is collected or told from `askedAt` on. */
  dueAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  receipt: Receipt.nullable(),
});
export type WithdrawalView = z.infer<typeof WithdrawalView>;

const Words = z.object({ title: written(200), summary: written(2000) });

/** How somebody stands to a study. `ineligible`: they agreed, and are not of age as they say now, or have no twin any more. */
export const Participation = z.enum(["none", "active", "outdated", "expired", "withdrawn", "ineligible"]);
export type Participation = z.infer<typeof Participation>;

export const StudyView = z.object({
  id: StudyId,
  title: z.string(),
  summary: z.string(),
  status: StudyStatus,
  eligibility: z.object({ minimumAge: z.int(), bothTwinsNeeded: z.boolean() }),
  collects: z.array(Source).readonly(),
  consentVersion: z.string(),
  participation: Participation,
});
export type StudyView = z.infer<typeof StudyView>;

/** What is agreed to, word for word. */
export const ConsentDocumentView = z.object({
  version: z.string(),
  locale: Locale,
  text: z.string(),
  hash: z.string(),
  requiredItems: z.array(z.string()).readonly(),
  optionalItems: z.array(z.string()).readonly(),
});
export type ConsentDocumentView = z.infer<typeof ConsentDocumentView>;

/** Null until there are 30 pairs. */
export const Insights = z.object({ pairs: z.int(), asOf: z.iso.date(), scores: z.record(z.string(), z.int()) });
export type Insights = z.infer<typeof Insights>;

export const WholeStudyView = StudyView.extend({ consent: ConsentDocumentView, insights: Insights.nullable() });
export type WholeStudyView = z.infer<typeof WholeStudyView>;

export const ParticipationView = z.object({
  studyId: StudyId,
  title: z.string(),
  status: Participation,
  consentRecord: ConsentRecord.nullable(),
  withdrawal: WithdrawalView.nullable(),
});
export type ParticipationView = z.infer<typeof ParticipationView>;

export const ParticipationsView = z.object({
  participation: z.array(ParticipationView).readonly(),
  /** In plain words: what is collected, what never is, and who sees what. */
  dataUse: z.array(z.string()).readonly(),
});
export type ParticipationsView = z.infer<typeof ParticipationsView>;

/** What one gave to a study on one day, by kind; of telemetry how many events. */
export const ContributionView = z.object({
  studyId: StudyId,
  kind: z.string(),
  day: z.iso.date(),
  count: z.int(),
});
export type ContributionView = z.infer<typeof ContributionView>;

/** A study as it is published: with other words it is the next version, and who took part is asked again. */
export const PublishStudy = z.strictObject({
  id: StudyId,
  status: StudyStatus,
  bothTwinsNeeded: z.boolean(),
  collects: z.array(Source).min(1),
  words: z.strictObject({ en: Words, de: Words.optional(), es: Words.optional() }),
  consent: z.strictObject({
    version: z.int().min(1).max(999_999),
    texts: z.strictObject({ en: written(20_000), de: written(20_000).optional(), es: written(20_000).optional() }),
  }),
});
export type PublishStudy = z.infer<typeof PublishStudy>;

/** How what was counted can be had. */
export const ReleaseFormat = z.enum(["csv", "json", "parquet", "manifest", "report"]);
export type ReleaseFormat = z.infer<typeof ReleaseFormat>;

export const ReleaseId = z.uuid().brand<"ReleaseId">();
export type ReleaseId = z.infer<typeof ReleaseId>;

/** Of the release one asks for the counts of; CSV unless said otherwise. */
export const AskExport = z.object({ format: ReleaseFormat.default("csv") });

/** For whoever asks for it, or has to say yes. */
export const ReleaseView = z.object({
  id: ReleaseId,
  studyId: StudyId,
  number: z.int(),
  /** `asked`: it waits for an owner's yes. `withdrawn`: given up, or somebody in it wanted all of theirs deleted. */
  status: z.enum(["asked", "approved", "withdrawn"]),
  askedBy: z.string(),
  askedAt: z.iso.datetime(),
  approvedBy: z.string().nullable(),
  approvedAt: z.iso.datetime().nullable(),
  /** How alike its pairs are in what others may know of them, cohort by cohort. */
  cohorts: z.array(z.object({ number: z.int(), identifiability: Identifiability })).readonly(),
});
export type ReleaseView = z.infer<typeof ReleaseView>;

export const AskRelease = z.strictObject({ studyId: StudyId });

/** So many pairs at least, in elevens; null: fewer than eleven. Who has no twin here counts as a pair. */
const PairsAtLeast = z.int().nullable();

/** How many take part in a study, and how many ever agreed to. */
export const StudyCompany = z.object({ asOf: z.iso.date(), participants: PairsAtLeast, consents: PairsAtLeast });
export type StudyCompany = z.infer<typeof StudyCompany>;

/** A study, for who has a part in it. */
export const StaffStudyView = z.object({
  id: StudyId,
  title: z.string(),
  status: StudyStatus,
  consentVersion: z.string(),
  roles: z.array(StaffRole).readonly(),
  /** At the beginning of this day in UTC. */
  company: StudyCompany,
  releases: z.array(ReleaseView).readonly(),
});
export type StaffStudyView = z.infer<typeof StaffStudyView>;
