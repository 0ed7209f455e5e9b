import { defineEntity, p } from "@mikro-orm/core";
import type { PairId, UserId } from "../wire/ids.ts";
import type { ReportedMessage, ReportReason } from "../wire/twins.ts";

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
  },
});

export class Report extends ReportSchema.class {}
ReportSchema.setClass(Report);
