import type { Pool } from "pg";
import type { Clock, Notices } from "../../../domain/ports.ts";
import { News } from "../../../schema/wire/news.ts";
import type { Nudges } from "./nudges.ts";
import { Rounds } from "./rounds.ts";
import { forgetNotices, lookAtNotices, type NoticeRow, readNotices, type Sight } from "./rows.ts";

export interface NoticeBoardDeps {
  readonly pool: Pick<Pool, "query">;
  readonly clock: Clock;
  /** What hearing does in this process. */
  readonly hear: Notices;
  /** Without them, news of others is heard a little later. */
  readonly nudges?: Nudges | undefined;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly report: (error: unknown) => void;
}

/** News of another process is heard within that, whatever becomes of nudges. */
const EVERY_MS = 2000;

/** However many nudges come, and whoever sends them, the database is asked at most so often. */
const APART_MS = 50;

/** What was made within so long before the last look is read again, should transactions count anew. */
const AGAIN_MS = 10_000;

/** Longer than a row comes again, by however much clocks differ. */
const REMEMBERED_MS = 3 * AGAIN_MS;

/**
 * What happened here is heard here at once, and what happened in other processes as soon as their rows can be read; all
 * of it once. The rows are the truth, and a nudge says no more than that it may be worth while to look.
 */
export class NoticeBoard implements Notices {
  readonly #deps: NoticeBoardDeps;
  readonly #rounds: Rounds;
  /** When what was heard, by the database's clock; the oldest first. */
  readonly #heard = new Map<string, number>();
  #sight: Sight | undefined;
  #startedAt = 0;
  #isAway = false;
  #saidStrange = false;
  #endNudges: (() => void) | undefined;

  constructor(deps: NoticeBoardDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({ everyMs: EVERY_MS, apartMs: APART_MS, round: () => this.#look() });
  }

  /** From here on, nothing is missed. To be called before anybody is let in; throws if the database does not answer. */
  async start(): Promise<void> {
    this.#sight = await lookAtNotices(this.#deps.pool);
    this.#startedAt = this.#sight.at;
    this.#rounds.start();
    this.#endNudges = this.#deps.nudges?.listen(() => this.#rounds.hurry());
  }

  async stop(): Promise<void> {
    this.#endNudges?.();
    await this.#rounds.stop();
  }

  /** Something was committed here. */
  hear(news: News, id: string): void {
    if (this.#isNew(id, this.#deps.clock.now())) this.#deps.hear.hear(news, id);
    this.#deps.nudges?.send();
  }

  /** Forgets what every process has heard long ago; to be called now and then, by any of them. */
  purge(): Promise<void> {
    return forgetNotices(this.#deps.pool);
  }

  async #look(): Promise<void> {
    try {
      await this.#read();
      this.#say(false);
    } catch (error) {
      this.#say(true, error);
    }
  }

  async #read(): Promise<void> {
    if (!this.#sight) return;
    const since = Math.max(this.#startedAt, this.#sight.at - AGAIN_MS);
    const { sight, notices } = await readNotices(this.#deps.pool, this.#sight, since);
    this.#sight = sight;
    for (const notice of notices) if (this.#isNew(notice.id, sight.at)) this.#tell(notice);
    this.#forget(sight.at - REMEMBERED_MS);
  }

  /** Nobody else goes without theirs if one piece of news cannot be told. */
  #tell({ id, news }: NoticeRow): void {
    const known = News.safeParse(news);
    if (!known.success) return this.#sayStrange(id);
    try {
      this.#deps.hear.hear(known.data, id);
    } catch (error) {
      this.#deps.report(error);
    }
  }

  #isNew(id: string, at: number): boolean {
    if (this.#heard.has(id)) return false;
    this.#heard.set(id, at);
    return true;
  }

  #forget(before: number): void {
    for (const [id, at] of this.#heard) {
      if (at >= before) return;
      this.#heard.delete(id);
    }
  }

  /** Once an outage, not at each attempt. */
  #say(isAway: boolean, error?: unknown): void {
    if (isAway && !this.#isAway) this.#deps.log.warn({ err: error }, "news of other processes cannot be read");
    if (!isAway && this.#isAway) this.#deps.log.info({}, "news of other processes is read again");
    this.#isAway = isAway;
  }

  /** Newer code runs beside ours, and tells of what ours has no word for. */
  #sayStrange(id: string): void {
    if (!this.#saidStrange)
      this.#deps.log.warn({ id }, "another process tells of something this version does not know");
    this.#saidStrange = true;
  }
}
