import { SqlEntityManager } from "@mikro-orm/sql";
import type { Pool } from "pg";
import { type Db, fromKysely, type PgBoss } from "pg-boss";
import { z } from "zod";
import type { JobDesk } from "../../../domain/staff-operations.ts";
import { JobCount, type JobState, JobView } from "../../../schema/wire/staff-operations.ts";
import { DEAD_LETTERS } from "./queues.ts";
import { BOSS_SCHEMA } from "./schema.ts";

/** pg-boss' own words for what we call so. What died lies in a queue of its own, whatever it was; one that was cancelled failed. */
const STATES: Readonly<Record<JobState, readonly string[]>> = {
  waiting: ["created", "retry"],
  active: ["active"],
  completed: ["completed"],
  failed: ["failed", "cancelled"],
  dead: ["created", "retry", "active", "failed"],
};

const LIST = `
select id, coalesce(case when name = $1 then source_name end, name) as kind, $2::text as state,
  coalesce(case when name = $1 then source_retry_count end, retry_count) as tries, created_on as "createdAt",
  started_on as "startedAt", completed_on as "endedAt",
  coalesce(case when name = $1 then source_output end, output) ->> 'message' as error
from ${BOSS_SCHEMA}.job
where (name = $1) = ($2 = 'dead') and state::text = any ($3)
  and ($4::timestamptz is null or (date_trunc('milliseconds', created_on), id) < ($4, $5::uuid))
order by date_trunc('milliseconds', created_on) desc, id desc limit $6`;

const COUNTS = `
select case when name = $1 then 'dead' when state::text in ('created', 'retry') then 'waiting'
  when state::text = 'cancelled' then 'failed' else state::text end as state, count(*)::int as count
from ${BOSS_SCHEMA}.job where name <> $1 or state::text <> 'completed' group by 1 order by 1`;

const Rows = z.array(
  z.object({
    ...{ id: JobView.shape.id, kind: z.string(), state: JobView.shape.state, tries: z.int() },
    ...{ createdAt: z.date(), startedAt: z.date().nullable(), endedAt: z.date().nullable() },
    error: z.string().nullable(),
  }),
);

/** Its own table is looked at as it is: pg-boss lists a queue at a time, and we ask of all of them. */
export function jobDesk(pool: Pick<Pool, "query">, boss: Pick<PgBoss, "redrive">): JobDesk {
  return {
    async list(state, limit, after) {
      const [at = null, id = null] = after?.split(" ") ?? [];
      const { rows } = await pool.query(LIST, [DEAD_LETTERS, state, STATES[state], at, id, limit]);
      return Rows.parse(rows).map(({ createdAt, startedAt, endedAt, ...job }) => ({
        ...job,
        createdAt: createdAt.toISOString(),
        startedAt: startedAt?.toISOString() ?? null,
        endedAt: endedAt?.toISOString() ?? null,
      }));
    },

    async counts() {
      const { rows } = await pool.query(COUNTS, [DEAD_LETTERS]);
      return z.array(JobCount).parse(rows);
    },

    async retry(em, id) {
      if (!(em instanceof SqlEntityManager)) throw new Error("Jobs are put where there is SQL");
      const db: Db = fromKysely(em.getKysely());
      return (await boss.redrive(DEAD_LETTERS, { ids: [id], db })) > 0;
    },
  };
}
