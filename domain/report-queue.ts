import type { EntityManager } from "@mikro-orm/core";
import type { Report } from "../schema/entities/report.ts";
import { BEFORE_ALL_IDS } from "../schema/wire/ids.ts";
import type { ReportCase } from "../schema/wire/moderation.ts";

/** A place in the queue: a moment and an id, since two may have come in the same moment. */
export const placeOf = ({ status, createdAt, decidedAt, id }: ReportCase): string =>
  `${status === "open" ? createdAt : decidedAt} ${id}`;

function readPlace(place: string): { readonly at: Date; readonly id: string } {
  const [at = "", id = ""] = place.split(" ");
  return { at: new Date(at), id };
}

type Times = "createdAt" | "dueAt" | "heldUntil" | "decidedAt";

/** A report as it is read: no entity, for nothing is changed by reading, and there are fifty on a page. */
export type Queued = Pick<
  Report,
  | ("id" | "status" | "reason" | "details" | "reporterId" | "reportedId" | "pairId" | "messages" | "times" | "further")
  | ("decision" | "heldBy" | "decidedBy" | "note" | Times)
>;

type Row = Omit<Queued, Times> & { readonly [time in Times]: string | Extract<Queued[time], null> };

const READ = `
select id, status, reason, details, reporter_id as "reporterId", reported_id as "reportedId", pair_id as "pairId",
  messages, times, further, decision, held_by as "heldBy", decided_by as "decidedBy", note, created_at as "createdAt",
  due_at as "dueAt", held_until as "heldUntil", decided_at as "decidedAt"
from reports`;

/** The moment stands alone first, so that the index leads there however far on it is. */
const OLDEST = `${READ} where status = 'open' and joined_id is null and created_at >= ? and (created_at > ? or id > ?)
order by created_at, id limit ?`;

const NEWEST = `${READ} where status = 'decided' and joined_id is null and decided_at <= ? and (decided_at < ? or id < ?)
order by decided_at desc, id desc limit ?`;

const BEFORE_ALL = { at: new Date(0), id: BEFORE_ALL_IDS };
const AFTER_ALL = { at: new Date(Date.UTC(9999, 0)), id: "ffffffff-ffff-ffff-ffff-ffffffffffff" };

export function oldestFirst(em: EntityManager, limit: number, after: string | undefined): Promise<Queued[]> {
  const { at, id } = after === undefined ? BEFORE_ALL : readPlace(after);
  return read(em, OLDEST, [at, at, id, limit]);
}

export function newestDecidedFirst(em: EntityManager, limit: number, after: string | undefined): Promise<Queued[]> {
  const { at, id } = after === undefined ? AFTER_ALL : readPlace(after);
  return read(em, NEWEST, [at, at, id, limit]);
}

async function read(em: EntityManager, sql: string, values: readonly unknown[]): Promise<Queued[]> {
  const rows: Row[] = await em.getConnection().execute(sql, [...values], "all", em.getTransactionContext());
  return rows.map(({ createdAt, dueAt, heldUntil, decidedAt, ...row }) => ({
    ...row,
    createdAt: new Date(createdAt),
    dueAt: new Date(dueAt),
    heldUntil: heldUntil === null ? null : new Date(heldUntil),
    decidedAt: decidedAt === null ? null : new Date(decidedAt),
  }));
}
