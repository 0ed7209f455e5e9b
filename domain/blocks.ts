import { Block } from "../schema/entities/block.ts";
import { Pair } from "../schema/entities/pair.ts";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { BlockView } from "../schema/wire/twins.ts";
import { auditing } from "./audit.ts";
import { activePairs, lockPeople } from "./pair-changes.ts";
import type { Pairing } from "./pairing.ts";
import type { Caller, Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";

export interface BlocksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly pairing: Pick<Pairing, "partFrom">;
}

export type Blocks = ReturnType<typeof blocks>;

type Em = Parameters<Parameters<Database["read"]>[0]>[0];

/** Wanting nothing more to do with somebody, who learns no more of it than that the pair ended. */
export function blocks({ database, clock, chance, pairing }: BlocksDeps) {
  const note = auditing({ clock, chance });

  /** The present twin, or whoever was one: strangers cannot be found here, and need not be kept away. */
  async function whom(em: Em, userId: UserId, asked: UserId | undefined): Promise<UserId> {
    const pairs = await em.find(Pair, { $or: [{ lowUserId: userId }, { highUserId: userId }] });
    const twins = pairs.map((pair) => ({ pair, twinId: pair.lowUserId === userId ? pair.highUserId : pair.lowUserId }));
    if (asked !== undefined) {
      if (!twins.some(({ twinId }) => twinId === asked))
        throw new Refusal("NOT_FOUND", "There is no such twin of yours");
      return asked;
    }
    const active = (await activePairs(em, [userId])).get(userId);
    const present = twins.find(({ pair }) => pair.id === active);
    if (!present) throw new Refusal("NOT_PAIRED", "You have no twin here: say whom to block");
    return present.twinId;
  }

  return {
    /** Ends the pair at once, and keeps the two from being paired again. Blocking twice is blocking once. */
    block: ({ userId }: Caller, asked?: UserId): Promise<void> =>
      database.transaction(async (em, afterCommit) => {
        const blockedId = await whom(em, userId, asked);
        await lockPeople(em, [userId, blockedId]);
        const known = await em.findOne(Block, { blockerId: userId, blockedId }, { refresh: true });
        if (!known) {
          em.create(Block, { blockerId: userId, blockedId, createdAt: new Date(clock.now()) });
          note(em, { action: "person.blocked", subject: blockedId, actor: userId });
        }
        await pairing.partFrom(em, afterCommit, userId, blockedId);
        await em.flush();
      }),

    /** The last one first. */
    list: ({ userId }: Caller): Promise<readonly BlockView[]> =>
      database.read(async (em) => {
        const found = await em.find(Block, { blockerId: userId }, { orderBy: { createdAt: "desc" } });
        const people = await em.find(User, { id: { $in: found.map(({ blockedId }) => blockedId) } });
        const names = new Map(people.map(({ id, name }) => [id, name]));
        return found.map(({ blockedId, createdAt }) => ({
          userId: blockedId,
          name: names.get(blockedId) ?? "",
          createdAt: createdAt.toISOString(),
        }));
      }),

    /** Nothing comes back by itself: they may find each other anew. */
    unblock: ({ userId }: Caller, blockedId: UserId): Promise<void> =>
      database.transaction(async (em) => {
        const ended = await em.nativeDelete(Block, { blockerId: userId, blockedId });
        if (ended === 0) throw new Refusal("NOT_FOUND", "You have not blocked them");
        note(em, { action: "person.unblocked", subject: blockedId, actor: userId });
      }),
  };
}
