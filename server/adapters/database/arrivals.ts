import type { Pool } from "pg";
import type { Seen } from "../../../domain/arriving.ts";
import type { Caller } from "../../../domain/ports.ts";
import type { Place } from "../../../rooms/arrivals.ts";
import type { PairId, SessionId, UserId } from "../../../schema/wire/ids.ts";
import { gathering } from "./gathering.ts";
import { asking } from "./unavailable.ts";

/** Of each who comes: their sign-in and account, the pair they are in, who owns it and when that was last heard of. */
const LOOK = `
select s.revoked_at is not null as "isRevoked", s.expires_at as "expiresAt", s.last_used_at as "lastUsedAt",
  u.status as "userStatus", m.pair_id as "pairId", r.epoch, r.owner, p.address,
  extract(epoch from clock_timestamp() - p.beat_at)::float8 * 1000 as "silentMs"
from unnest($1::uuid[], $2::uuid[]) with ordinality as caller(session_id, user_id, n)
left join sessions s on s.id = caller.session_id
left join users u on u.id = s.user_id
left join pair_members m on m.user_id = caller.user_id and m.is_active
left join pair_rooms r on r.pair_id = m.pair_id
left join processes p on p.process_id = r.owner
order by caller.n`;

interface Row {
  readonly isRevoked: boolean;
  /** null: there is no such session. */
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly userStatus: string | null;
  readonly pairId: PairId | null;
  readonly epoch: number | null;
  readonly owner: string | null;
  readonly address: string | null;
  readonly silentMs: number | null;
}

/** One statement for all who come while the last one is under way. */
export function databaseArrivals(database: Pick<Pool, "query">): (caller: Caller) => Promise<Seen<Place>> {
  const pool = asking(database);
  return gathering<{ readonly sessionId: SessionId; readonly userId: UserId }, Seen<Place>>(async (callers) => {
    const values = [callers.map(({ sessionId }) => sessionId), callers.map(({ userId }) => userId)];
    const { rows } = await pool.query<Row>(LOOK, values);
    return rows.map((row) => ({ session: sessionOf(row), place: placeOf(row) }));
  });
}

function sessionOf({ isRevoked, expiresAt, lastUsedAt, userStatus }: Row): Seen<Place>["session"] {
  if (expiresAt === null || lastUsedAt === null || userStatus === null) return null;
  return { isRevoked, userStatus, expiresAt: expiresAt.getTime(), rotation: lastUsedAt.getTime() };
}

function placeOf({ pairId, epoch, owner: processId, address, silentMs }: Row): Place | null {
  if (pairId === null) return null;
  if (epoch === null) return { pairId, claim: undefined };
  return { pairId, claim: { epoch, owner: processId === null ? null : { processId, address, silentMs } } };
}
