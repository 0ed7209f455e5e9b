import type { Database } from "../domain/ports.ts";
import type { TwintuitionReader } from "../domain/twintuition.ts";
import { alone } from "./adapters/database/alone.ts";
import type { AuditYears } from "./adapters/database/audit-years.ts";
import type { MessageMonths } from "./adapters/database/partitions.ts";
import type { NoticeBoard } from "./adapters/notices/board.ts";
import type { Job } from "./housekeeping.ts";
import type { UseCases } from "./use-cases.ts";

/** A phone that is not looked at may as well ring a second later. */
export const PUSH_MS = 1000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const RECEIPTS_MS = 5 * 60_000;
const QUARTER_MS = 15 * 60_000;
const STORE_MS = 10_000;

export interface JobsDeps {
  readonly database: Database;
  readonly months: Pick<MessageMonths, "keep">;
  readonly board: Pick<NoticeBoard, "purge">;
  readonly sessions: Pick<UseCases["sessions"], "sweep">;
  readonly idempotency: Pick<UseCases["idempotency"], "purge">;
  readonly exports: Pick<UseCases["exports"], "sweep">;
  readonly assessments: Pick<UseCases["assessments"], "sweep">;
  readonly studyIntake: Pick<UseCases["studyIntake"], "sweep">;
  readonly studyRetention: Pick<UseCases["studyRetention"], "sweep">;
  readonly studyWithdrawals: Pick<UseCases["studyWithdrawals"], "sweep">;
  readonly auditYears: Pick<AuditYears, "keep">;
  readonly erasure: Pick<UseCases["erasure"], "sweep">;
  readonly messageRetention: Pick<UseCases["messageRetention"], "sweep">;
  readonly deliveries: Pick<UseCases["deliveries"], "sweep">;
  readonly signIns: Pick<UseCases["signIns"], "sweep">;
  readonly phones: Pick<UseCases["phones"], "sweep">;
  readonly invitations: Pick<UseCases["invitations"], "sweep">;
  readonly reports: Pick<UseCases["reports"], "sweep">;
  readonly pushTokens: Pick<UseCases["pushTokens"], "sweep">;
  readonly pushReceipts: UseCases["pushReceipts"];
  readonly providerReports: Pick<UseCases["providerReports"], "sweep">;
  readonly staff: Pick<UseCases["staff"], "sweep">;
  readonly twintuition: Pick<TwintuitionReader, "sweep">;
  readonly premiumUpkeep: UseCases["premiumUpkeep"];
  readonly mediaSweeps: UseCases["mediaSweeps"];
}

/** All that is done now and then: by every server, or by a worker for all of them. */
export function jobsOf({
  database,
  months,
  board,
  sessions,
  idempotency,
  exports,
  assessments,
  studyIntake,
  studyRetention,
  studyWithdrawals,
  auditYears,
  erasure,
  messageRetention,
  deliveries,
  signIns,
  phones,
  invitations,
  reports,
  pushTokens,
  pushReceipts,
  providerReports,
  staff,
  twintuition,
  premiumUpkeep,
  mediaSweeps,
}: JobsDeps): readonly Job[] {
  return [
    { name: "message months", everyMs: HOUR_MS, run: () => months.keep() },
    { name: "ended sessions", everyMs: HOUR_MS, run: alone(database, "ended sessions", sessions.sweep) },
    { name: "answered calls", everyMs: HOUR_MS, run: alone(database, "answered calls", idempotency.purge) },
    { name: "old news", everyMs: HOUR_MS, run: alone(database, "old news", () => board.purge()) },
    { name: "old deliveries", everyMs: HOUR_MS, run: alone(database, "old deliveries", deliveries.sweep) },
    { name: "heard texts", everyMs: DAY_MS, run: alone(database, "heard texts", providerReports.sweep) },
    { name: "old sign-ins", everyMs: HOUR_MS, run: alone(database, "old sign-ins", signIns.sweep) },
    { name: "old phone codes", everyMs: HOUR_MS, run: alone(database, "old phone codes", phones.sweep) },
    { name: "old invitations", everyMs: QUARTER_MS, run: alone(database, "old invitations", invitations.sweep) },
    { name: "old reports", everyMs: DAY_MS, run: alone(database, "old reports", reports.sweep) },
    {
      name: "phones of ended sessions",
      everyMs: HOUR_MS,
      run: alone(database, "phones of ended sessions", pushTokens.sweep),
    },
    { name: "old staff sign-ins", everyMs: DAY_MS, run: alone(database, "old staff sign-ins", staff.sweep) },
    // Asks far away, which no transaction waits for; told twice it is the same.
    { name: "push receipts", everyMs: RECEIPTS_MS, run: async () => void (await pushReceipts()) },
    {
      name: "ended subscriptions",
      everyMs: MINUTE_MS,
      run: alone(database, "ended subscriptions", premiumUpkeep.sweep),
    },
    // Asks far away too, and whoever is at somebody's record has it to themselves.
    { name: "records of the store", everyMs: STORE_MS, run: async () => void (await premiumUpkeep.read()) },
    // Files are far away, too.
    { name: "media to remove", everyMs: MINUTE_MS, run: async () => void (await mediaSweeps.sweep()) },
    { name: "files nobody knows", everyMs: DAY_MS, run: async () => void (await mediaSweeps.sweepFiles()) },
    { name: "audit years", everyMs: DAY_MS, run: async () => void (await auditYears.keep()) },
    { name: "old assessments", everyMs: DAY_MS, run: alone(database, "old assessments", assessments.sweep) },
    // One person, one transaction: given twice it is the same.
    { name: "given to studies", everyMs: HOUR_MS, run: async () => void (await studyIntake.sweep()) },
    { name: "kept for studies", everyMs: DAY_MS, run: async () => void (await studyRetention.sweep()) },
    {
      name: "studies that were left",
      everyMs: QUARTER_MS,
      run: alone(database, "studies that were left", studyWithdrawals.sweep),
    },
    { name: "old exports", everyMs: HOUR_MS, run: async () => void (await exports.sweep()) },
    // One pair, one transaction; a slice that another process took first is gone, and nothing is left to be done.
    { name: "old messages", everyMs: HOUR_MS, run: async () => void (await messageRetention.sweep()) },
    // Rows that another process is at are passed over.
    { name: "forgotten presses", everyMs: MINUTE_MS, run: async () => void (await twintuition.sweep()) },
    { name: "accounts to erase", everyMs: QUARTER_MS, run: alone(database, "accounts to erase", erasure.sweep) },
  ];
}
