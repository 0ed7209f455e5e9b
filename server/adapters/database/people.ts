import type { Pool } from "pg";
import type { AssessmentProgress, PairPeople, Person } from "../../../domain/ports.ts";
import { TOTAL } from "../../../domain/scoring/answers.ts";
import { AssessmentId } from "../../../schema/wire/assessments.ts";
import { MediaId, UserId } from "../../../schema/wire/ids.ts";
import { type Settings, settingsIn } from "../../../schema/wire/people.ts";
import { gathering } from "./gathering.ts";
import { asking } from "./unavailable.ts";

interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly accent_color: string;
  readonly profile_picture: string | null;
  readonly settings: unknown;
  readonly last_seen_at: Date | null;
  readonly can_ring: boolean;
  readonly timezone: string;
  readonly session_id: string | null;
  readonly bank_version: string | null;
  readonly answered: number | null;
  readonly progress: "in_progress" | "completed" | null;
  readonly answered_at: Date | null;
}

const OF_PAIR = `
select u.id, u.name, u.accent_color, u.profile_picture, u.settings, u.last_seen_at, u.timezone,
  exists (select from push_tokens t where t.user_id = u.id) as can_ring,
  a.id as session_id, a.bank_version, a.answered, a.status as progress, a.updated_at as answered_at
from pair_members m join users u on u.id = m.user_id
left join lateral (
  select * from assessment_sessions s where s.user_id = u.id and s.status <> 'abandoned' order by s.id desc limit 1
) a on true
where m.pair_id = $1 order by u.id`;

/** Of many at once. Whoever's row somebody else holds is passed over, and named: no crowd waits for one. */
const SEEN_TOGETHER = `
with said as (
  select u.id, max(s.at) as at from unnest($1::uuid[], $2::timestamptz[]) as s(id, at) join users u on u.id = s.id
  where u.last_seen_at is null or u.last_seen_at < s.at group by u.id
), held as (
  select u.id from users u where u.id in (select id from said) order by u.id for no key update skip locked
), stored as (
  update users u set last_seen_at = said.at from said join held using (id)
  where u.id = said.id and (u.last_seen_at is null or u.last_seen_at < said.at)
)
select id from said except select id from held`;

const SEEN = "update users set last_seen_at = $2 where id = $1 and (last_seen_at is null or last_seen_at < $2)";

interface Sighting {
  readonly userId: UserId;
  readonly at: number;
}

/** The two of a pair, as their room must know them. */
export function databasePeople(database: Pick<Pool, "query">, usualWindowSeconds?: number): PairPeople {
  const pool = asking(database);
  /** Whether it was stored. */
  const seenTogether = gathering<Sighting, boolean>(async (sightings) => {
    const times = sightings.map(({ at }) => new Date(at).toISOString());
    const { rows } = await pool.query<{ id: string }>(SEEN_TOGETHER, [sightings.map(({ userId }) => userId), times]);
    const passedOver = new Set(rows.map(({ id }) => id));
    return sightings.map(({ userId }) => !passedOver.has(userId));
  });
  return {
    async of(pairId) {
      const { rows } = await pool.query<PersonRow>(OF_PAIR, [pairId]);
      return rows.map((row) => personOf(row, settingsIn(row.settings, usualWindowSeconds)));
    },
    async seen(userId, at) {
      if (!(await seenTogether({ userId, at }))) await pool.query(SEEN, [userId, new Date(at).toISOString()]);
    },
  };
}

function personOf(row: PersonRow, { privacy, twintuition }: Settings): Person {
  return {
    userId: UserId.parse(row.id),
    name: row.name,
    accentColor: row.accent_color,
    avatar: row.profile_picture === null ? null : MediaId.parse(row.profile_picture),
    showsLastSeen: privacy.showLastSeen,
    sendsReadReceipts: privacy.sendReadReceipts,
    canRing: row.can_ring,
    windowMs: twintuition.windowSeconds * 1000,
    keywordMoments: twintuition.keywordMoments,
    timezone: row.timezone,
    lastSeen: row.last_seen_at?.getTime() ?? null,
    assessment: progressOf(row),
  };
}

function progressOf({ session_id, bank_version, answered, progress, answered_at }: PersonRow): AssessmentProgress {
  if (session_id === null || progress === null) return NOT_BEGUN;
  return {
    sessionId: AssessmentId.parse(session_id),
    bankVersion: bank_version,
    answered: answered ?? 0,
    total: TOTAL,
    status: progress,
    updatedAt: answered_at?.getTime() ?? null,
  };
}

const NOT_BEGUN: AssessmentProgress = {
  ...{ sessionId: null, bankVersion: null, answered: 0, total: 0, status: "none", updatedAt: null },
};
