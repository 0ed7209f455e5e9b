import type { JobWithMetadata, PgBoss } from "pg-boss";
import type { JobKind } from "./queues.ts";

/** They are told when to look. Should that ever be forgotten, they look by themselves. */
const UNTOLD_SECONDS = 60;

interface Member {
  /** pg-boss' own name of it; undefined until it has one. */
  id: string | undefined;
  isBusy: boolean;
}

/** How one job is done. What it throws is pg-boss' to note. */
export type Attempt = (job: JobWithMetadata<object>) => Promise<void>;

/**
 * Those who do one kind of work in this process, each one job at a time. One is woken to look; whoever finds a job wakes
 * the next, and looks again when it is done. So a single job costs few looks, and many are done by all until none is left.
 */
export class Crew {
  readonly #boss: PgBoss;
  readonly #members: Member[] = [];
  #isGoing = false;

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  static async of(boss: PgBoss, kind: JobKind, size: number, attempt: Attempt): Promise<Crew> {
    const crew = new Crew(boss);
    for (let n = 0; n < size; n++) await crew.#hire(kind, attempt);
    return crew;
  }

  /** Who is at work looks again anyhow. */
  wake(): void {
    const idle = this.#members.find(({ isBusy }) => !isBusy);
    if (idle) this.#look(idle);
  }

  /** From now on nobody is sent to look. */
  go(): void {
    this.#isGoing = true;
  }

  async #hire(kind: JobKind, attempt: Attempt): Promise<void> {
    const member: Member = { id: undefined, isBusy: false };
    const how = { pollingIntervalSeconds: UNTOLD_SECONDS, includeMetadata: true } as const;
    member.id = await this.#boss.work<object, void, typeof how>(kind, how, async ([job]) => {
      if (job) await this.#do(member, () => attempt(job));
    });
    this.#members.push(member);
  }

  async #do(member: Member, work: () => Promise<void>): Promise<void> {
    member.isBusy = true;
    this.wake();
    try {
      await work();
    } finally {
      member.isBusy = false;
      this.#look(member);
    }
  }

  #look({ id }: Member): void {
    if (id !== undefined && !this.#isGoing) this.#boss.notifyWorker(id);
  }
}
