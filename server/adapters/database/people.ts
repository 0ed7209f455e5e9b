import type { Pool } from "pg";
import type { PairPeople, Person } from "../../../domain/ports.ts";
import { MediaId, UserId } from "../../../schema/wire/ids.ts";
import { type Settings, settingsIn } from "../../../schema/wire/people.ts";
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
}

const OF_PAIR = `
select u.id, u.name, u.accent_color, u.profile_picture, u.settings, u.last_seen_at, u.timezone,
  exists (select from push_tokens t where t.user_id = u.id) as can_ring
from pair_members m join users u on u.id = m.user_id
where m.pair_id = $1 order by u.id`;

const SEEN = "update users set last_seen_at = $2 where id = $1 and (last_seen_at is null or last_seen_at < $2)";

/** The two of a pair, as their room must know them. */
export function databasePeople(database: Pick<Pool, "query">, usualWindowSeconds?: number): PairPeople {
  const pool = asking(database);
  return {
    async of(pairId) {
      const { rows } = await pool.query<PersonRow>(OF_PAIR, [pairId]);
      return rows.map((row) => personOf(row, settingsIn(row.settings, usualWindowSeconds)));
    },
    async seen(userId, at) {
      await pool.query(SEEN, [userId, new Date(at).toISOString()]);
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
  };
}
