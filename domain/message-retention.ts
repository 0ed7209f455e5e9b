import type { EntityManager } from "@mikro-orm/core";
import type { PairId } from "../schema/wire/ids.ts";
import { noticing } from "./notices.ts";
import type { Chance, Clock, Database, Notices } from "./ports.ts";

const DAY_MS = 86_400_000;

/** So many pairs are looked at in one question. */
const PAIRS_AT_ONCE = 500;

/** Takes what is too old out of pairs' histories. Times are milliseconds since 1970. */
export interface MessageTrimmer {
  /** Of so many pairs after that one, those with messages from before; `next`: after which to go on, if there are more. */
  pairs(
    em: EntityManager,
    before: number,
    after: PairId | undefined,
    limit: number,
  ): Promise<{ readonly due: readonly PairId[]; readonly next: PairId | undefined }>;
  /** A slice of what is from before, the oldest; undefined if there is nothing. `isOpen`: some process has the pair's room. */
  trim(
    em: EntityManager,
    pairId: PairId,
    before: number,
    at: number,
  ): Promise<{ readonly isOpen: boolean; readonly hasMore: boolean } | undefined>;
}

export interface MessageRetentionDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly trimmer: MessageTrimmer;
  /** For how many days messages are kept; for ever if undefined. */
  readonly days: number | undefined;
}

export type MessageRetention = ReturnType<typeof messageRetention>;

/**
 * Before which moment nothing is kept: a day begins at midnight UTC, so each message is kept for so many days whole, and
 * a pair's history is trimmed once a day and not with every hour.
 */
export const keptFrom = (now: number, days: number): number => Math.floor(now / DAY_MS - days) * DAY_MS;

/** How long messages are kept, where whoever runs the server does not keep them for ever. */
export function messageRetention({ database, clock, chance, notices, trimmer, days }: MessageRetentionDeps) {
  const tell = noticing({ clock, chance, notices });

  /** All of it, a slice in a transaction of its own: whoever writes to the pair gets in between. */
  async function trim(pairId: PairId, before: number): Promise<void> {
    const trimSome = () =>
      database.transaction(async (em, afterCommit) => {
        const trimmed = await trimmer.trim(em, pairId, before, clock.now());
        if (trimmed?.isOpen) tell(em, afterCommit, { what: "history.trimmed", pairId });
        return trimmed?.hasMore ?? false;
      });
    while (await trimSome());
  }

  return {
    /** To be called now and then; several at once are in nobody's way. Returns how many pairs' histories begin later now. */
    async sweep(): Promise<number> {
      if (days === undefined) return 0;
      const before = keptFrom(clock.now(), days);
      let trimmed = 0;
      let after: PairId | undefined;
      do {
        const { due, next } = await database.read((em) => trimmer.pairs(em, before, after, PAIRS_AT_ONCE));
        for (const pairId of due) await trim(pairId, before);
        trimmed += due.length;
        after = next;
      } while (after !== undefined);
      return trimmed;
    },
  };
}
