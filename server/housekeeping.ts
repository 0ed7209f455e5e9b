/** Something to be done again and again, by whichever process comes to it. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** `skipped`: another process is at it. */
  readonly run: () => Promise<"skipped" | undefined>;
}

export type Outcome = "done" | "skipped" | "failed";

export interface HousekeepingDeps {
  readonly jobs: readonly Job[];
  readonly report: (error: unknown, about: { readonly job: string }) => void;
  /** Told of every run and how many milliseconds it took. */
  readonly onRun?: (name: string, outcome: Outcome, ms: number) => void;
  /** Milliseconds on a clock that nobody sets. */
  readonly now?: () => number;
}

/** So many are at it side by side: what people ask for is not to wait for a connection behind all of them. */
const AT_ONCE = 4;

/**
 * Does each job at once, a few side by side, and then every so often after it was begun, however the others fare; one
 * that takes longer than that is not begun twice. Returns how to stop, which waits for what is under way.
 */
export function keepHouse({ jobs, ...deps }: HousekeepingDeps): () => Promise<void> {
  const turns = new Turns(AT_ONCE);
  const kept = jobs.map((job) => keep(job, { ...deps, turns }));
  return async () => {
    turns.close();
    await Promise.all(kept.map((stop) => stop()));
  };
}

type Deps = Omit<HousekeepingDeps, "jobs"> & { readonly turns: Turns };

/** Whoever comes when all are taken has the next that is free. */
class Turns {
  #free: number;
  #isClosed = false;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Not done at all if it would begin after the end. */
  async take(work: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      if (!this.#isClosed) await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  close(): void {
    this.#isClosed = true;
  }
}

function keep(job: Job, deps: Deps): () => Promise<void> {
  const { now = () => performance.now() } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const round = async () => {
    const began = now();
    await deps.turns.take(() => attempt(job, deps, now));
    if (!isStopped) timer = setTimeout(begin, Math.max(0, job.everyMs - (now() - began))).unref();
  };
  const begin = () => {
    running = round();
  };
  let running = round();
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

async function attempt({ name, run }: Job, { report, onRun }: Deps, now: () => number): Promise<void> {
  const began = now();
  const tell = (outcome: Outcome) => onRun?.(name, outcome, now() - began);
  try {
    tell((await run()) ?? "done");
  } catch (error) {
    tell("failed");
    report(error, { job: name });
  }
}
