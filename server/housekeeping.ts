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

/**
 * Does each job at once, and then every so often after it was begun, however the others fare; one that takes longer than
 * that is not begun twice. Returns how to stop, which waits for what is under way.
 */
export function keepHouse({ jobs, ...deps }: HousekeepingDeps): () => Promise<void> {
  const kept = jobs.map((job) => keep(job, deps));
  return async () => {
    await Promise.all(kept.map((stop) => stop()));
  };
}

type Deps = Omit<HousekeepingDeps, "jobs">;

function keep(job: Job, deps: Deps): () => Promise<void> {
  const { now = () => performance.now() } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const round = async () => {
    const began = now();
    await attempt(job, deps, now);
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
