import type { EntityManager } from "@mikro-orm/core";
import { Notice } from "../schema/entities/notice.ts";
import type { News } from "../schema/wire/news.ts";
import type { AfterCommit, Chance, Clock, Notices } from "./ports.ts";

export interface NoticingDeps {
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
}

/**
 * Tells every process of what a transaction does: this one as soon as it is committed, the others by a row that is
 * committed with it. So nobody hears of what did not happen, and nobody misses what did.
 */
export function noticing({ clock, chance, notices }: NoticingDeps) {
  return (em: EntityManager, afterCommit: AfterCommit, news: News): void => {
    const id = chance.newId(clock.now());
    em.create(Notice, { id, news });
    afterCommit(() => notices.hear(news, id));
  };
}
