import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";
import type { ReportAction } from "../wire/moderation.ts";
import type { FurtherReport, ReportedMessage, ReportReason } from "../wire/twins.ts";

/** What somebody told us of their twin, with the messages as they were. Staff answer within a day. */
const ReportSchema = defineEntity({
  name: "Report",
  tableName: "reports",
  properties: {
    id: p.uuid().primary(),
    reporterId: p.uuid().$type<UserId>(),
    reportedId: p.uuid().$type<UserId>(),
    pairId: p.uuid().$type<PairId>(),
    reason: p.text().$type<ReportReason>(),
    details: p.text().strictNullable(),
    /** As they were when it was reported; null once they are not kept any more. */
    messages: p.json<readonly ReportedMessage[]>().strictNullable(),
    status: p.text().$type<"open" | "decided">(),
    createdAt: p.datetime(),
    dueAt: p.datetime(),
    /** The open one that it told more of, when it came: the two are decided as one. */
    joinedId: p.uuid().strictNullable().default(null),
    /** What else the same person said of the same before it was decided, the oldest first. */
    further: p.json<readonly FurtherReport[]>(),
    /** How often it was reported. */
    times: p.integer().default(1),
    /** Whoever is at it: nobody else decides meanwhile, until then. */
    heldBy: p.uuid().$type<UserId>().strictNullable().default(null),
    heldUntil: p.datetime().strictNullable().default(null),
    decision: p.text().$type<ReportAction>().strictNullable().default(null),
    decidedBy: p.uuid().$type<UserId>().strictNullable().default(null),
    decidedAt: p.datetime().strictNullable().default(null),
    /** Why it was decided so, for us. */
    note: p.text().strictNullable().default(null),
  },
});

export class Report extends ReportSchema.class {}
ReportSchema.setClass(Report);
