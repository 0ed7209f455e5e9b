import { SqlEntityManager } from "@mikro-orm/sql";
import type { Pool } from "pg";
import { type Db, fromKysely, type JobWithMetadata, PgBoss } from "pg-boss";
import type { AfterCommit, Database, Jobs } from "../../../domain/ports.ts";
import type { JobDesk } from "../../../domain/staff-operations.ts";
import { Job } from "../../../schema/wire/jobs.ts";
import { isUnavailable } from "../database/unavailable.ts";
import { Crew } from "./crew.ts";
import { jobDesk } from "./desk.ts";
import { atOnce, DEAD_LETTERS, JOB_KINDS, type JobKind } from "./queues.ts";
import { askedOf, BOSS_SCHEMA, QUIET } from "./schema.ts";

/** What another process asked for is found within that. */
const LOOK_MS = 2000;

/** Between two looks for jobs whose worker died; each look is a statement or two. */
const SUPERVISE_SECONDS = 10;

/** How often it is looked for jobs that are long done, to forget them. */
const UPKEEP_SECONDS = 600;

/** As pg-boss itself asks for the next one, but takes none. */
const WAITING = `
select kind from unnest($1::text[]) kind where exists (
  select from ${BOSS_SCHEMA}.job
  where name = kind and state < 'active' and not blocked and start_after <= ${BOSS_SCHEMA}.job_now()
)`;

const ABOUT = { part: "jobs" };

/** Work under way may end while a server goes. */
const END_MS = 10_000;

export type Handlers = { readonly [Kind in JobKind]: (job: Extract<Job, { what: Kind }>) => Promise<unknown> };

export interface JobsDeps {
  readonly pool: Pool;
  readonly database: Database;
  /** Ids and kinds only: what a job is about may be somebody's own. */
  readonly report: (error: unknown, about: object) => void;
}

/** How many jobs of a kind wait, are under way, or were given up. */
export interface QueueFigures {
  readonly kind: string;
  readonly waiting: number;
  readonly underWay: number;
}

/**
 * Work for later, in PostgreSQL by pg-boss: over our own connections, by polling, in unnamed statements, so that it
 * works behind any pooler. A job is a row of the transaction that asked for it.
 */
export class JobQueue implements Jobs {
  readonly #boss: PgBoss;
  readonly #db: Db;
  readonly #deps: JobsDeps;
  readonly #crews = new Map<JobKind, Crew>();
  #looking: NodeJS.Timeout | undefined;

  private constructor(boss: PgBoss, db: Db, deps: JobsDeps) {
    this.#boss = boss;
    this.#db = db;
    this.#deps = deps;
  }

  /** `doesWork`: this process looks after the queues, as at least one must. */
  static async open(deps: JobsDeps, { doesWork }: { readonly doesWork: boolean }): Promise<JobQueue> {
    const db = new TellingOnce(deps);
    const boss = new PgBoss({
      ...QUIET,
      db,
      migrate: false,
      supervise: doesWork,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
      maintenanceIntervalSeconds: UPKEEP_SECONDS,
    });
    boss.on("error", (copy) => {
      const error = errorOf(copy);
      if (!isUnavailable(error)) deps.report(error, ABOUT);
    });
    await boss.start();
    return new JobQueue(boss, db, deps);
  }

  async put(_em: unknown, job: Job, { afterMs = 0 }: { readonly afterMs?: number } = {}): Promise<void> {
    await this.#deps.database.transaction(async (em, afterCommit) => {
      if (!(em instanceof SqlEntityManager)) throw new Error("Jobs are put where there is SQL");
      const { what, ...about } = job;
      // In seconds of PostgreSQL's own clock, whatever this machine's says.
      const later = afterMs > 0 ? { startAfter: Math.ceil(afterMs / 1000) } : {};
      await this.#boss.send(what, about, { db: fromKysely(em.getKysely()), ...later });
      if (afterMs === 0) this.#nudgeOnce(what, afterCommit);
    });
  }

  /** Does what comes in, until it is stopped. A kind that this version has no word for is left to a newer one. */
  async work(handlers: Handlers): Promise<void> {
    for (const kind of JOB_KINDS) {
      const attempt = (job: JobWithMetadata<object>) => this.#attempt(handlers, job);
      this.#crews.set(kind, await Crew.of(this.#boss, kind, atOnce(kind), attempt));
    }
    this.#looking = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  /** One question for all kinds: most looks find nothing, and each of a crew's own is an update. */
  async #look(): Promise<void> {
    // It has been told by then, and is asked again two seconds later.
    const found = await this.#db.executeSql(WAITING, [[...this.#crews.keys()]]).catch(() => undefined);
    for (const { kind } of found?.rows ?? []) this.#crews.get(kind)?.wake();
  }

  /** For whoever looks after what could not be done. */
  get desk(): JobDesk {
    return jobDesk(this.#deps.pool, this.#boss);
  }

  async figures(): Promise<readonly QueueFigures[]> {
    const all = await this.#boss.getQueues([...JOB_KINDS, DEAD_LETTERS]);
    return all.map(({ name, queuedCount, activeCount }) => ({
      kind: name,
      waiting: queuedCount,
      underWay: activeCount,
    }));
  }

  /** Takes nothing new, and waits for what is under way. */
  stop(): Promise<void> {
    clearInterval(this.#looking);
    for (const crew of this.#crews.values()) crew.go();
    return this.#boss.stop({ graceful: true, close: false, timeout: END_MS });
  }

  async #attempt(handlers: Handlers, { id, name, data, retryCount }: JobWithMetadata<object>): Promise<void> {
    try {
      await handled(handlers, Job.parse({ ...data, what: name }));
    } catch (error) {
      this.#deps.report(error, { job: name, id, retryCount });
      // It is kept beside the job, so it says no more than what kind of error it was.
      throw new Error(error instanceof Error ? error.name : "unknown");
    }
  }

  /** Who works in this process need not wait for the next look. */
  #nudgeOnce(kind: JobKind, afterCommit: AfterCommit): void {
    afterCommit(() => this.#crews.get(kind)?.wake());
  }
}

/** Everybody looks again and again: that the database does not answer is reported once until it does. */
class TellingOnce implements Db {
  readonly #asked: Db;
  readonly #report: JobsDeps["report"];
  #isAway = false;

  constructor({ pool, report }: Pick<JobsDeps, "pool" | "report">) {
    this.#asked = askedOf(pool);
    this.#report = report;
  }

  async executeSql(text: string, values?: unknown[]) {
    try {
      const answer = await this.#asked.executeSql(text, values);
      this.#isAway = false;
      return answer;
    } catch (error) {
      if (isUnavailable(error)) this.#tell(error);
      throw error;
    }
  }

  #tell(error: unknown): void {
    if (!this.#isAway) this.#report(error, ABOUT);
    this.#isAway = true;
  }
}

/** pg-boss hands over copies, which are no errors any more. What PostgreSQL says in its own may quote values; its code does not. */
function errorOf(copy: object): Error {
  if (copy instanceof Error) return copy;
  const code: unknown = Reflect.get(copy, "code");
  const words = code === undefined ? String(Reflect.get(copy, "message")) : "a look for jobs failed";
  return Object.assign(new Error(words), typeof code === "string" ? { code } : {});
}

function handled(handlers: Handlers, job: Job): Promise<unknown> {
  switch (job.what) {
    case "deliver":
      return handlers.deliver(job);
    case "mail.link":
      return handlers["mail.link"](job);
    case "mail.change":
      return handlers["mail.change"](job);
    case "export":
      return handlers.export(job);
    case "erase":
      return handlers.erase(job);
    case "research.intake":
      return handlers["research.intake"](job);
    case "research.withdraw":
      return handlers["research.withdraw"](job);
    case "media.check":
      return handlers["media.check"](job);
  }
}
