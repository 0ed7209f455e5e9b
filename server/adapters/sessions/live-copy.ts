import type { Clock, LiveSession, SessionCopies } from "../../../domain/ports.ts";
import type { SessionId } from "../../../schema/wire/ids.ts";
import type { ClusterKey } from "../pipe/cluster-key.ts";
import type { OpenedRedis } from "../redis/open.ts";
import { type Report, sparingly } from "../redis/sparingly.ts";

/** So long after the database was asked, others may go by its answer. */
const LIVE_MS = 10_000;

/** No access token lives longer, so nobody asks for an ended session after that. */
const ENDED_MS = 86_400_000;

export interface LiveCopiesDeps {
  readonly redis: Pick<OpenedRedis, "commands" | "isThere">;
  /** Whose word counts: what is in Redis was written by a node of ours, or is nothing. */
  readonly key: Pick<ClusterKey, "prove" | "isProof">;
  readonly clock: Clock;
  /** Told of answers that make no sense, once a minute; that Redis is away is said elsewhere. */
  readonly report: Report;
}

/**
 * An end stays; of two who say that a session lives, the later renewal counts, and after the same the later look. Redis
 * does this in one step, so it does not matter who comes first.
 */
const WRITE = `
local how, rotation, till = string.match(redis.call('get', KEYS[1]) or '', '^(%a+) (%d+) (%d+) ')
if ARGV[1] == 'live' then
  if how == 'revoked' then return 0 end
  if how == 'live' and tonumber(rotation) > tonumber(ARGV[2]) then return 0 end
  if how == 'live' and tonumber(rotation) == tonumber(ARGV[2]) and tonumber(till) >= tonumber(ARGV[3]) then return 0 end
end
redis.call('set', KEYS[1], table.concat({ARGV[1], ARGV[2], ARGV[3], ARGV[4]}, ' '), 'px', ARGV[5])
return 1`;

const LIVE = /^live (\d{1,16}) (\d{1,16}) ([\w-]{43})$/;

/** In Redis, each under a proof and for a few seconds: it can neither make a session live nor keep one alive. */
export function liveCopies({ redis, key, clock, report }: LiveCopiesDeps): SessionCopies {
  const complain = sparingly(report);

  async function ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (!redis.isThere()) return undefined;
    try {
      return await question();
    } catch (error) {
      if (redis.isThere()) complain(error);
      return undefined;
    }
  }

  async function write(id: SessionId, how: "live" | "revoked", rotation: number, until: number): Promise<void> {
    const forMs = Math.ceil(until - clock.now());
    if (forMs <= 0) return;
    const proof = key.prove("session copy", id, how, String(rotation), String(until));
    await ask(() => redis.commands.eval(WRITE, 1, nameOf(id), how, rotation, until, proof, forMs));
  }

  return {
    async liveUntil(id) {
      const copy = await ask(() => redis.commands.get(nameOf(id)));
      const [, rotation, until, proof] = LIVE.exec(copy ?? "") ?? [];
      if (rotation === undefined || until === undefined || proof === undefined) return undefined;
      const counts = clock.now() < Number(until) && key.isProof(proof, "session copy", id, "live", rotation, until);
      return counts ? Number(until) : undefined;
    },
    live({ id, seenAt, expiresAt, rotation }: LiveSession) {
      return write(id, "live", rotation, Math.floor(Math.min(seenAt + LIVE_MS, expiresAt)));
    },
    async ended(ids) {
      const until = Math.floor(clock.now() + ENDED_MS);
      await Promise.all(ids.map((id) => write(id, "revoked", 0, until)));
    },
  };
}

const nameOf = (id: SessionId): string => `twinship:session:${id}`;
