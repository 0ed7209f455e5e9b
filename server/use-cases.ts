import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accounts } from "../domain/accounts.ts";
import { addressKeysOf } from "../domain/address-keys.ts";
import { addresses } from "../domain/addresses.ts";
import { assessmentReports } from "../domain/assessment-reports.ts";
import { type AssessmentsDeps, assessments } from "../domain/assessments.ts";
import { blocks } from "../domain/blocks.ts";
import { comparisons } from "../domain/comparisons.ts";
import { consents } from "../domain/consents.ts";
import { contributions } from "../domain/contributions.ts";
import { deletion } from "../domain/deletion.ts";
import { deliveries } from "../domain/deliveries.ts";
import { erasure, type MessageEraser } from "../domain/erasure.ts";
import { type ExportShelf, exports } from "../domain/exports.ts";
import { idempotency } from "../domain/idempotency.ts";
import { invitations } from "../domain/invitations.ts";
import { limitTable } from "../domain/limits.ts";
import { linksUnder } from "../domain/links.ts";
import { mailbox } from "../domain/mailbox.ts";
import { media } from "../domain/media.ts";
import { mediaChecks } from "../domain/media-checks.ts";
import { mediaSweeps } from "../domain/media-sweeps.ts";
import { messageRetention } from "../domain/message-retention.ts";
import { type PairingDeps, pairing } from "../domain/pairing.ts";
import { passwordProof } from "../domain/password-proof.ts";
import { passwords } from "../domain/passwords.ts";
import { phones } from "../domain/phones.ts";
import type { Chance, Clock, Database, Jobs, Limits, Notices, SessionCopies } from "../domain/ports.ts";
import { profiles } from "../domain/profiles.ts";
import { providerReports } from "../domain/provider-reports.ts";
import { pushReceipts } from "../domain/push-receipts.ts";
import { pushTokens } from "../domain/push-tokens.ts";
import { pushes } from "../domain/pushes.ts";
import { insightsOf, releases } from "../domain/releases.ts";
import { type ReportsDeps, reports } from "../domain/reports.ts";
import type { Secrets } from "../domain/secrets.ts";
import { sessions } from "../domain/sessions.ts";
import { signIns } from "../domain/sign-ins.ts";
import { staff } from "../domain/staff.ts";
import { stories } from "../domain/stories.ts";
import { studies } from "../domain/studies.ts";
import { studyConsents } from "../domain/study-consents.ts";
import { studyIntake } from "../domain/study-intake.ts";
import { studyNews } from "../domain/study-news.ts";
import { studyPeople } from "../domain/study-people.ts";
import { studyRetention } from "../domain/study-retention.ts";
import { studyWithdrawals } from "../domain/study-withdrawals.ts";
import { sellingPremium } from "../domain/subscriptions/selling.ts";
import { isSuppressed } from "../domain/suppressions.ts";
import { suspensions } from "../domain/suspensions.ts";
import { telemetryTaking } from "../domain/telemetry.ts";
import { unsubscribes } from "../domain/unsubscribes.ts";
import { databaseAnswerSheets } from "./adapters/database/answer-sheets.ts";
import { messageTrimmer } from "./adapters/database/message-trimmer.ts";
import { databaseDueRows } from "./adapters/database/push-due.ts";
import { databaseStudyRows } from "./adapters/database/study-rows.ts";
import { asMail, asTextMessage } from "./adapters/letters/render.ts";
import { sampleLetters } from "./adapters/letters/samples.ts";
import { isPossiblePhone } from "./adapters/phone-numbers.ts";
import { parquetOf } from "./adapters/releases/parquet.ts";
import { drawInThread } from "./adapters/report/drawing.ts";
import { totpAuthenticators } from "./adapters/sessions/authenticators.ts";
import { type OpenedSessions, openSessions } from "./adapters/sessions/open.ts";
import { newPrivateKey } from "./adapters/sessions/signing-keys.ts";
import type { Config } from "./config.ts";
import { kept } from "./kept.ts";
import type { MediaParts } from "./media.ts";
import type { Post } from "./post.ts";
import type { Shop } from "./store.ts";

/** Whom our tokens are for. */
const AUDIENCE = "twinship";
const STAFF_AUDIENCE = "twinship-staff";

/** What proves who somebody is: with keys that were given, or made once and kept in the data folder. */
export function openKeys(config: Config): Promise<OpenedSessions> {
  const given = config.PRIVATE_KEYS.map((key) => key.reveal());
  const own = () => [kept(resolve(config.DATA_DIR), "jwt-private-key.pem", newPrivateKey)];
  return openSessions({
    privateKeys: given.length > 0 ? given : own(),
    issuer: config.PUBLIC_URL,
    audience: AUDIENCE,
    staffAudience: STAFF_AUDIENCE,
    accessTokenSeconds: config.ACCESS_TOKEN_SECONDS,
  });
}

/** The table of limits, with what the operator changes of it. */
export const limitsOf = (config: Pick<Config, LimitVariable>) =>
  limitTable({
    messagesPerMinute: config.RATE_LIMIT_MESSAGES_PER_MINUTE,
    requestsPerMinute: config.RATE_LIMIT_REQUESTS_PER_MINUTE,
  });

type LimitVariable = "RATE_LIMIT_MESSAGES_PER_MINUTE" | "RATE_LIMIT_REQUESTS_PER_MINUTE";

type ConfigVariable =
  | "REFRESH_TOKEN_DAYS"
  | "TWINTUITION_WINDOW_SECONDS"
  | "PUBLIC_URL"
  | "NODE_ENV"
  | "MEDIA_QUOTA_BYTES"
  | "MESSAGE_RETENTION_DAYS";

export interface UseCasesDeps extends MediaParts {
  readonly config: Pick<Config, ConfigVariable>;
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Limits;
  readonly notices: Notices;
  /** Renders and sends, when it is their turn. */
  readonly post: Pick<Post, "send" | "pusher" | "isAtHome">;
  readonly jobs: Jobs;
  readonly secrets: Secrets;
  readonly keys: OpenedSessions;
  readonly shelf: ExportShelf;
  readonly messages: MessageEraser;
  readonly messagesOf: ReportsDeps["messagesOf"];
  readonly copies?: SessionCopies | undefined;
  readonly syncScore?: PairingDeps["syncScore"];
  readonly shop: Shop;
}

/** What people can do outside their rooms. */
export function createUseCases({ config, keys, ...given }: UseCasesDeps) {
  const outbox = deliveries({
    ...given,
    post: given.post.send,
    isSuppressed: async (em, message, _addressKey, userId) =>
      (await isSuppressed(em, message, addressKeysOf(given.secrets, message.channel, message.to))) ||
      !(await pushed.isTimely(em, message, userId)),
    // Whoever invited somebody hears what became of it; they invite by what is made here.
    followers: [
      (em, afterCommit, news) => invited.follow(em, afterCommit, news),
      (em, _afterCommit, news) => ringing.follow(em, news),
    ],
    // Nobody looks at them where it is meant.
    keepsContents: (channel) => config.NODE_ENV !== "production" && given.post.isAtHome(channel),
  });
  const deps = { ...given, outbox, links: linksUnder(config.PUBLIC_URL) };
  const { accessTokens, staffTokens, hasher } = keys;
  const authenticators = totpAuthenticators(given.chance.bytes);
  const signedIn = sessions({ ...deps, accessTokens, refreshTokenDays: config.REFRESH_TOKEN_DAYS });
  const ringing = pushTokens(deps);
  const pushed = pushes({ ...deps, due: databaseDueRows });
  const paired = pairing({ ...deps, tellByPush: pushed.tellByPush });
  const prove = passwordProof({ ...deps, hasher });
  const isPossible = isPossiblePhone;
  const completed: AssessmentsDeps["completed"] = (em, userId) =>
    given.jobs.put(em, { what: "research.intake", userId });
  const selling = sellingPremium(deps);
  const { entitlements } = selling;
  const assessed = assessments({ ...deps, sheets: databaseAnswerSheets, entitlements, completed });
  const compared = comparisons({ ...deps, entitlements });
  const invited = invitations({ ...deps, pairing: paired, isPossible });
  const noted = signIns(deps);
  const samples = (at: string) => sampleLetters("Anna", deps.links.invitation("SAMPLE"), at, SAMPLE_NEWS);
  const proved = addresses({ ...deps, prove });
  const exported = exports(deps);
  const research = { ...deps, people: studyPeople(deps), rows: databaseStudyRows };
  const withdrawn = studyWithdrawals(research);
  const unsubscribing = unsubscribes(deps);
  const filed = { ...deps, store: given.blobs };
  return {
    sessions: signedIn,
    accounts: accounts({ ...deps, hasher, sessions: signedIn, signIns: noted, addresses: proved }),
    addresses: proved,
    passwords: passwords({ ...deps, hasher, sessions: signedIn, prove }),
    phones: phones({ ...deps, isPossible }),
    signIns: noted,
    profiles: profiles({ ...deps, usualWindowSeconds: config.TWINTUITION_WINDOW_SECONDS }),
    pairing: paired,
    invitations: invited,
    blocks: blocks({ ...deps, pairing: paired }),
    reports: reports({ ...deps, messagesOf: given.messagesOf }),
    assessments: assessed,
    consents: consents(deps),
    comparisons: compared,
    assessmentReports: assessmentReports({
      ...deps,
      assessments: assessed,
      comparisons: compared,
      entitlements,
      draw: drawInThread(),
    }),
    exports: exported,
    deletion: deletion({ ...deps, sessions: signedIn, pairing: paired, prove }),
    erasure: erasure({ ...deps, exports: exported, research: withdrawn }),
    messageRetention: messageRetention({ ...deps, trimmer: messageTrimmer, days: config.MESSAGE_RETENTION_DAYS }),
    studies: studies({ ...research, insightsOf }),
    releases: releases({ ...research, parquetOf }),
    studyConsents: studyConsents({ ...research, withdrawals: withdrawn }),
    studyWithdrawals: withdrawn,
    studyIntake: studyIntake(research),
    studyRetention: studyRetention(research),
    studyNews: studyNews({ ...research, unsubscribes: unsubscribing }),
    contributions: contributions(research),
    telemetry: telemetryTaking(research),
    idempotency: idempotency(deps),
    media: media({ ...filed, quotaBytes: config.MEDIA_QUOTA_BYTES, pause }),
    checkMedia: mediaChecks({ ...filed, check: given.checkMedia }),
    mediaSweeps: mediaSweeps(filed),
    stories: stories(filed),
    deliveries: outbox,
    pushTokens: ringing,
    pushes: pushed,
    pushReceipts: pushReceipts({ ...deps, deliveries: outbox, pusher: given.post.pusher }),
    providerReports: providerReports({ ...deps, deliveries: outbox }),
    unsubscribes: unsubscribing,
    suspensions: suspensions({ ...deps, sessions: signedIn }),
    staff: staff({ ...deps, hasher, staffTokens, authenticators }),
    ...selling,
    mailbox: mailbox({
      ...deps,
      render: { mail: asMail, textMessage: asTextMessage },
      isAtHome: given.post.isAtHome,
      samples,
    }),
  };
}

/** What a study might write. */
const SAMPLE_NEWS = {
  study: "Twins and sleep",
  text: "We have looked at 40,000 nights by now: twins sleep more alike than we thought, also far from each other.\nThank you for being part of it.",
};

export type UseCases = ReturnType<typeof createUseCases>;
