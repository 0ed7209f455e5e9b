import type { Pool } from "pg";
import type { TwinMoment } from "../../../domain/room/twintuition-history.ts";
import type { KeptAlert, TwintuitionArchive } from "../../../domain/twintuition.ts";
import { AlertRow, MomentRow, PressRow } from "./twintuition-rows.ts";
import { asking } from "./unavailable.ts";

/** What matched is part of what was said, and goes with it: a message that was changed or taken back takes it along. */
const MOMENT = `to_jsonb(m) || jsonb_build_object('phrases', case when exists (
  select from messages o where o.pair_id = m.pair_id and o.id = m.message_id and o.edited_at is null and o.deleted_at is null
) then m.phrases else '[]' end)`;

const PRESS = "select to_jsonb(p) as row from presses p where pair_id = $1 and id = $2";
const ALERT = "select to_jsonb(a) as row from alerts a where pair_id = $1 and id = $2";
const ONE_MOMENT = `select ${MOMENT} as row from moments m where pair_id = $1 and id = $2`;

const ALERTS = `
select to_jsonb(a) as row from alerts a
where pair_id = $1 and id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') order by id desc limit $2`;

const MOMENTS = `
select ${MOMENT} as row from moments m
where pair_id = $1 and number < coalesce($3::integer, 2147483647) order by number desc limit $2`;

const UNSEEN =
  "select count(*)::integer as unseen from alerts where pair_id = $1 and user_id <> $2 and seen_at is null";

const SEE = `
with seen as (
  update alerts set seen_at = $4 where pair_id = $1 and id = $3 and user_id <> $2 and seen_at is null
) select from alerts where pair_id = $1 and id = $3`;

const DAYS = `select day::text, count(*)::integer as count from moments where pair_id = $1 group by day order by day`;

const TALLY = `
select count(*)::integer as moments, (count(*) filter (where confidence > 0.8))::integer as sure,
  (count(*) filter (where algorithm = 'press'))::integer as met
from moments where pair_id = $1 and at > $2`;

const PRESSES = `
select user_id, count(*)::integer as presses from presses
where pair_id = $1 and at > $2 and (moment_id is not null or at < $3) group by user_id order by user_id`;

const PAIRED = "select paired_at from pairs where id = $1";

/** The room that still remembers one does so for a minute at most; what it makes of it meanwhile is written all the same. */
const FORGET = `
with forgotten as (
  select pair_id, id from presses
  where moment_id is null and salt is not null and at < now() - window_ms * interval '1 millisecond' - interval '1 minute'
  order by at limit $1 for update skip locked
) update presses p set salt = null, feeling = null from forgotten f where p.pair_id = f.pair_id and p.id = f.id`;

interface Row {
  readonly row: unknown;
}

/** What was felt, read back. */
export function databaseTwintuition(database: Pick<Pool, "query">): TwintuitionArchive {
  const pool = asking(database);
  const rowsOf = async (sql: string, values: unknown[]) =>
    (await pool.query<Row>(sql, values)).rows.map(({ row }) => row);
  return {
    press: async (...of) => (await rowsOf(PRESS, of)).map((row) => PressRow.parse(row))[0],
    alert: async (...of) => (await rowsOf(ALERT, of)).map(keptAlert)[0],
    moment: async (...of) => (await rowsOf(ONE_MOMENT, of)).map(momentOf)[0],
    alerts: async (pairId, limit, before) => (await rowsOf(ALERTS, [pairId, limit, before])).map(keptAlert),
    moments: async (pairId, limit, before) => (await rowsOf(MOMENTS, [pairId, limit, before])).map(momentOf),
    async unseen(pairId, userId) {
      const { rows } = await pool.query<{ unseen: number }>(UNSEEN, [pairId, userId]);
      return rows[0]?.unseen ?? 0;
    },
    async see(pairId, userId, id, at) {
      const { rows } = await pool.query(SEE, [pairId, userId, id, iso(at)]);
      return rows.length > 0;
    },
    async days(pairId) {
      return (await pool.query<{ day: string; count: number }>(DAYS, [pairId])).rows;
    },
    async tally(pairId, since) {
      const { rows } = await pool.query<{ moments: number; sure: number; met: number }>(TALLY, [pairId, iso(since)]);
      return rows[0] ?? { moments: 0, sure: 0, met: 0 };
    },
    async presses(pairId, since, until) {
      const { rows } = await pool.query<{ presses: number }>(PRESSES, [pairId, iso(since), iso(until)]);
      return [rows[0]?.presses ?? 0, rows[1]?.presses ?? 0];
    },
    async pairedAt(pairId) {
      const { rows } = await pool.query<{ paired_at: Date }>(PAIRED, [pairId]);
      return rows[0]?.paired_at.getTime() ?? 0;
    },
    async forget(limit) {
      return (await pool.query(FORGET, [limit])).rowCount ?? 0;
    },
  };
}

const keptAlert = (row: unknown): KeptAlert => {
  const { seen_at: seenAt, ...alert } = AlertRow.parse(row);
  return { ...alert, seenAt };
};

const momentOf = (row: unknown): TwinMoment => MomentRow.parse(row);

const iso = (ms: number): string => new Date(ms).toISOString();
