import type { EntityClass } from "@mikro-orm/core";
import { AssessmentAnswer } from "./assessment-answer.ts";
import { AssessmentSession } from "./assessment-session.ts";
import { AuditEntry } from "./audit-entry.ts";
import { Block } from "./block.ts";
import { Consent } from "./consent.ts";
import { Delivery } from "./delivery.ts";
import { Departure } from "./departure.ts";
import { Export } from "./export.ts";
import { ExportLink } from "./export-link.ts";
import { IdempotencyKey } from "./idempotency-key.ts";
import { Invitation } from "./invitation.ts";
import { Media } from "./media.ts";
import { Notice } from "./notice.ts";
import { OneTimeLink } from "./one-time-link.ts";
import { Pair } from "./pair.ts";
import { PairMember } from "./pair-member.ts";
import { PairRoom } from "./pair-room.ts";
import { PhoneCode } from "./phone-code.ts";
import { PushToken } from "./push-token.ts";
import { RefreshToken } from "./refresh-token.ts";
import { Report } from "./report.ts";
import { Session } from "./session.ts";
import { SignIn } from "./sign-in.ts";
import { StaffMember } from "./staff-member.ts";
import { StaffRoleGrant } from "./staff-role-grant.ts";
import { StaffSession } from "./staff-session.ts";
import { StoreReading } from "./store-reading.ts";
import { Story } from "./story.ts";
import { Study } from "./study.ts";
import { StudyCohort } from "./study-cohort.ts";
import { StudyCohortPair } from "./study-cohort-pair.ts";
import { StudyConsent } from "./study-consent.ts";
import { StudyContribution } from "./study-contribution.ts";
import { StudyDocument } from "./study-document.ts";
import { StudyEvent } from "./study-event.ts";
import { StudyParticipant } from "./study-participant.ts";
import { StudyRelease } from "./study-release.ts";
import { StudyReleaseFile } from "./study-release-file.ts";
import { StudyWithdrawal } from "./study-withdrawal.ts";
import { Subscription } from "./subscription.ts";
import { SubscriptionEvent } from "./subscription-event.ts";
import { Suppression } from "./suppression.ts";
import { User } from "./user.ts";

/** Every table the domain speaks to through MikroORM. The rooms' own tables are written by statements of their own. */
export const entities: readonly EntityClass[] = [
  User,
  Session,
  RefreshToken,
  Pair,
  PairMember,
  PairRoom,
  Invitation,
  IdempotencyKey,
  Notice,
  Delivery,
  Suppression,
  PushToken,
  Block,
  Report,
  OneTimeLink,
  PhoneCode,
  SignIn,
  AuditEntry,
  Departure,
  Export,
  ExportLink,
  AssessmentSession,
  AssessmentAnswer,
  Consent,
  StaffMember,
  StaffRoleGrant,
  StaffSession,
  Subscription,
  SubscriptionEvent,
  StoreReading,
  Media,
  Story,
  Study,
  StudyCohort,
  StudyCohortPair,
  StudyConsent,
  StudyContribution,
  StudyDocument,
  StudyEvent,
  StudyParticipant,
  StudyRelease,
  StudyReleaseFile,
  StudyWithdrawal,
];
