import { defineEntity, p } from "@mikro-orm/core";
import type { UserId } from "../wire/ids.ts";
import type { Disposition, Receipt, StudyId } from "../wire/research.ts";

/** That somebody left a study, and what came of what it had of them. */
const StudyWithdrawalSchema = defineEntity({
  name: "StudyWithdrawal",
  tableName: "research_withdrawals",
  properties: {
    id: p.uuid().primary(),
    studyId: p.uuid().$type<StudyId>(),
    userId: p.uuid().$type<UserId>(),
    disposition: p.text().$type<Disposition>(),
    askedAt: p.datetime(),
    finishedAt: p.datetime().strictNullable().default(null),
    receipt: p.json<Receipt>().strictNullable().default(null),
  },
});

export class StudyWithdrawal extends StudyWithdrawalSchema.class {}
StudyWithdrawalSchema.setClass(StudyWithdrawal);
