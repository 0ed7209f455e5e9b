import type { EntityManager } from "@mikro-orm/core";
import { Report } from "../schema/entities/report.ts";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Letter } from "../schema/wire/letters.ts";
import {
  type DecidedReport,
  type DecideReport,
  type ListReports,
  type ReportAction,
  type ReportCase,
  ReportId,
} from "../schema/wire/moderation.ts";
import type { StaffRole } from "../schema/wire/staff.ts";
import { type Audited, auditing, auditingAnew } from "./audit.ts";
import { cursors, type Page } from "./cursors.ts";
import type { Chance, Clock, Database, Outbox, PairDoor } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { lockReport, refuseConcerned, refuseTaken } from "./report-holding.ts";
import { newestDecidedFirst, oldestFirst, placeOf, type Queued } from "./report-queue.ts";
import type { Secrets } from "./secrets.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";
import type { Suspensions } from "./suspensions.ts";

/** So long a report is nobody else's while messages of it are taken down; a process that died lets it go by then. */
const HELD_MS = 30_000;

export interface ModerationDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly outbox: Outbox;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  readonly door: Pick<PairDoor, "execute">;
  readonly suspensions: Pick<Suspensions, "suspend">;
}

export type Moderation = ReturnType<typeof moderation>;

/** What becomes of what people report. */
export function moderation(deps: ModerationDeps) {
  const { database, clock, outbox, secrets, door, suspensions } = deps;
  const pages = cursors(secrets);
  const note = auditing(deps);
  const noteAnew = auditingAnew(deps);

  /** Once a sign-in: whoever looks at the queue again a minute later has read nothing new. */
  async function noteReading(em: EntityManager, caller: StaffCaller, role: StaffRole, read: readonly Queued[]) {
    const entries = read.flatMap(({ id, reportedId, reporterId }): Audited[] => {
      const by = { actor: caller.userId, role, about: id, reason: "to answer a report" };
      return [
        { action: "staff.report_read", subject: reportedId, ...by },
        { action: "staff.own_report_read", subject: reporterId, ...by },
      ];
    });
    // A sign-in's own id is of the moment it was made, and so are those of entries.
    await noteAnew(em, entries, { actor: caller.userId, since: caller.sessionId, action: "staff.report_read" });
  }

  /** From here on nobody else decides it, for a while. Throws NOT_FOUND, CONFLICT, or FORBIDDEN if it is about them. */
  const hold = (caller: StaffCaller, id: ReportId): Promise<Report> =>
    database.transaction(async (em) => {
      const report = await lockReport(em, id);
      refuseConcerned(report, caller.userId);
      refuseTaken(report, caller.userId, clock.now());
      Object.assign(report, { heldBy: caller.userId, heldUntil: new Date(clock.now() + HELD_MS) });
      return report;
    });

  const letGo = (caller: StaffCaller, id: ReportId): Promise<unknown> =>
    database.transaction((em) =>
      em.nativeUpdate(Report, { id, heldBy: caller.userId, status: "open" }, { heldBy: null, heldUntil: null }),
    );

  /** Through the pair's room, as any change: both see it at once. Done twice it is done. */
  async function takeDown({ userId }: StaffCaller, { pairId, reportedId, messages }: Report): Promise<void> {
    const theirs = (messages ?? []).filter(({ senderId }) => senderId === reportedId);
    if (theirs.length === 0)
      throw new Refusal("CONFLICT", "No message of theirs is in this report: there is nothing to remove");
    for (const { id: messageId } of theirs)
      await door.execute({ pairId, userId }, "chat.remove", { key: `removed ${messageId}`, messageId }).catch(isGone);
  }

  async function write(em: EntityManager, userId: UserId, letterTo: (name: string) => Letter): Promise<void> {
    const user = await em.findOne(User, { id: userId });
    if (!user || user.status === "deleted") return;
    await outbox.send(em, { channel: "email", to: user.email, letter: letterTo(user.name) }, { userId });
  }

  /** What the two hear of it; whoever is suspended hears of that. */
  async function tellBoth(em: EntityManager, { reporterId, reportedId }: Report, action: ReportAction): Promise<void> {
    if (action === "remove_message")
      for (const twin of [reporterId, reportedId])
        await write(em, twin, (name) => ({ template: "message_removed", name }));
    else await write(em, reporterId, (name) => ({ template: "report_answered", name }));
    if (action === "warn") await write(em, reportedId, (name) => ({ template: "report_warning", name }));
  }

  const settle = (caller: StaffCaller, id: ReportId, { action, note: why }: DecideReport, role: StaffRole) =>
    database.transaction(async (em): Promise<DecidedReport> => {
      const report = await lockReport(em, id);
      refuseTaken(report, caller.userId, clock.now());
      const decidedAt = new Date(clock.now());
      const decided = { status: "decided", decision: action, decidedBy: caller.userId, decidedAt, note: why } as const;
      Object.assign(report, { ...decided, heldBy: null, heldUntil: null });
      const { reportedId: subject } = report;
      const by = { actor: caller.userId, role, about: id };
      note(em, { action: "staff.report_decided", subject, ...by, reason: `${action}: ${why}` });
      if (action === "suspend") await suspensions.suspend(subject, { ...by, reason: AFTER });
      if (action === "warn") note(em, { action: "staff.person_warned", subject, ...by, reason: AFTER });
      if (action === "remove_message") note(em, { action: "staff.message_removed", subject, ...by, reason: AFTER });
      await em.nativeUpdate(Report, { joinedId: id }, decided);
      await tellBoth(em, report, action);
      await em.flush();
      return { id, status: "decided", decision: action, decidedAt: decidedAt.toISOString() };
    });

  return {
    /** What is open, the oldest first; what is decided, the newest first. What is read is noted. */
    list: (caller: StaffCaller, { status, ...query }: ListReports): Promise<Page<ReportCase>> => {
      const role = roleFor(caller, "reports");
      const find = status === "open" ? oldestFirst : newestDecidedFirst;
      return pages.page({ list: `reports ${status}`, userId: caller.userId }, query, {
        find: (limit, after) =>
          database.transaction(async (em) => {
            const found = await find(em, limit, after);
            // One more than is shown tells whether there are more.
            await noteReading(em, caller, role, found.slice(0, limit - 1));
            return found.map((report) => caseOf(report, clock.now()));
          }),
        placeOf,
      });
    },

    /**
     * Of two who decide at once, one does. The same person who says the same again gets the same answer. Throws
     * NOT_FOUND; CONFLICT if it was decided, or is being decided, by somebody else.
     */
    async decide(caller: StaffCaller, id: ReportId, decision: DecideReport): Promise<DecidedReport> {
      const role = roleFor(caller, "reports");
      const again = await database.read(async (em) => repeated(await em.findOne(Report, { id }), caller, decision));
      if (again) return again;
      const report = await hold(caller, id);
      try {
        if (decision.action === "remove_message") await takeDown(caller, report);
        return await settle(caller, id, decision, role);
      } catch (error) {
        await letGo(caller, id).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** What the person concerned may read; why exactly stays with the report. */
const AFTER = "after a report";

function repeated(report: Report | null, { userId }: StaffCaller, { action, note }: DecideReport) {
  if (report?.status !== "decided" || report.decidedBy !== userId || !report.decidedAt) return undefined;
  if (report.decision !== action || report.note !== note) return undefined;
  const decidedAt = report.decidedAt.toISOString();
  return { id: ReportId.parse(report.id), status: report.status, decision: action, decidedAt };
}

/** Retention or an erasure was quicker: it is where it should be. */
function isGone(error: unknown): void {
  if (error instanceof Refusal && error.code === "NOT_FOUND") return;
  throw error;
}

function caseOf(report: Queued, now: number): ReportCase {
  const { id, status, reason, details, reporterId, reportedId, pairId, messages, times, further, decision } = report;
  const { createdAt, dueAt, heldBy, heldUntil, decidedBy, decidedAt, note } = report;
  return {
    ...{ id: ReportId.parse(id), status, reason, details, reporterId, reportedId, pairId, messages, times, further },
    ...{ decision, decidedBy, note },
    createdAt: createdAt.toISOString(),
    dueAt: dueAt.toISOString(),
    secondsLeft: status === "decided" ? 0 : Math.floor((dueAt.getTime() - now) / 1000),
    heldBy: heldUntil && heldUntil.getTime() > now ? heldBy : null,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}
