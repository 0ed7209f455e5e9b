import type { Pool } from "pg";

/** Enough that somebody notices long before there is no place for an entry. */
const YEARS_AHEAD = 5;

/** Making a year keeps writers of the audit waiting for a moment: not for longer than that. */
const KEEP = `
with patient as materialized (select set_config('lock_timeout', '300ms', true))
select make_audit_years(current_date, ${YEARS_AHEAD}) from patient`;

export type AuditYears = ReturnType<typeof auditYears>;

/** An entry without a place could not be written, nor what it tells of be done. */
export function auditYears(pool: Pick<Pool, "query">) {
  return {
    /** Makes what is missing of the next five years. */
    async keep(): Promise<void> {
      await pool.query(KEEP);
    },
  };
}
