import { noticing } from "../../domain/notices.ts";
import type { Clock, Database } from "../../domain/ports.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { News } from "../../schema/wire/news.ts";
import { NoticeBoard } from "../../server/adapters/notices/board.ts";
import type { Nudges } from "../../server/adapters/notices/nudges.ts";
import { chance } from "../../server/chance.ts";
import type { TemporaryDatabase } from "./postgres.ts";

/** A process, as far as news goes: what it makes known, and what it hears. */
export class NoticeNode {
  readonly heard: News[] = [];
  readonly said: string[] = [];
  readonly reported: unknown[] = [];
  /** Told of each piece of news before it counts as heard. */
  onHear: (news: News) => void = () => undefined;
  reads = 0;
  /** What the next looks wait for. */
  slow: Promise<void> | undefined;
  /** Thrown at the next looks, as long as it stands. */
  outage: Error | undefined;
  readonly #database: Database;
  readonly board: NoticeBoard;
  readonly #clock: Clock = { now: Date.now };

  constructor({ database, pool }: Pick<TemporaryDatabase, "database" | "pool">, nudges?: Nudges) {
    this.#database = database;
    const query: typeof pool.query = (...asked: unknown[]) => {
      this.reads++;
      if (this.outage) return Promise.reject(this.outage);
      const ask = () => Reflect.apply(pool.query, pool, asked);
      return this.slow ? this.slow.then(ask) : ask();
    };
    this.board = new NoticeBoard({
      pool: { query },
      clock: this.#clock,
      nudges,
      hear: {
        hear: (news) => {
          this.onHear(news);
          this.heard.push(news);
        },
      },
      log: {
        info: (_, message) => void this.said.push(message),
        warn: (_, message) => void this.said.push(message),
      },
      report: (error) => void this.reported.push(error),
    });
  }

  /** Changes somebody here, as far as the others can tell. `meanwhile` happens before the commit. */
  change(userId: UserId, meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
    return this.#change(userId, meanwhile, (tell) => tell);
  }

  /** The commit happens, and its answer is lost. */
  changeUnheard(userId: UserId): Promise<void> {
    return this.#change(
      userId,
      async () => undefined,
      () => () => undefined,
    );
  }

  #change(
    userId: UserId,
    meanwhile: () => Promise<unknown>,
    through: (afterCommit: (effect: () => void) => void) => (effect: () => void) => void,
  ): Promise<void> {
    const tell = noticing({ clock: this.#clock, chance, notices: this.board });
    return this.#database.transaction(async (em, afterCommit) => {
      tell(em, through(afterCommit), { what: "person.changed", userId });
      await em.flush();
      await meanwhile();
    });
  }

  /** Whom it heard of, in order. */
  get people(): UserId[] {
    return this.heard.flatMap((news) => (news.what === "person.changed" ? [news.userId] : []));
  }
}

/** Nudges within a process. */
export function memoryNudges(): Nudges {
  const listeners = new Set<() => void>();
  return {
    send: () => {
      for (const nudged of listeners) nudged();
    },
    listen(nudged) {
      listeners.add(nudged);
      return () => void listeners.delete(nudged);
    },
  };
}
