import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { join } from "node:path";
import { type Outcome, Reply, type Task } from "./tasks.ts";

const PROGRAM = join(import.meta.dirname, "inspection.ts");

/** Two, so that a picture need not wait for a long recording. */
const AT_ONCE = 2;

/** Nothing that people send each other takes so long. */
const MOST_MS = 30_000;

/** Starting one takes a third of a second; keeping one takes 80 MB. */
const IDLE_MS = 60_000;

/** Of what is not a picture's own: those are libvips' and outside of it. */
const ARGUMENTS = ["--max-old-space-size=256"];

/** No more of our environment than nothing: what decodes strangers' files knows no secret. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: "2" };

/** Whoever answers people goes first, where there is too little for all. */
const NICE = 5;

interface Inspector {
  readonly process: ChildProcess;
  idle: NodeJS.Timeout | undefined;
}

const DAMAGED: Outcome = { isFit: false, code: "MEDIA_REFUSED", reason: "The file is damaged: it could not be read" };

/** Processes that look at files, one file at a time each; started when there is something to look at. */
export class Inspectors {
  readonly #idle: Inspector[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  readonly #mostMs: number;

  constructor({ mostMs = MOST_MS }: { readonly mostMs?: number } = {}) {
    this.#mostMs = mostMs;
  }

  /** Throws if it could not be looked at for a reason that is not the file's. */
  async inspect(task: Task): Promise<Outcome> {
    if (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    try {
      // A process may end for reasons of its own; a file that ends two is the reason.
      return (await this.#attempt(task)) ?? (await this.#attempt(task)) ?? DAMAGED;
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends them all: nobody waits for what they would have said. */
  stop(): void {
    for (const process of this.#all) process.kill("SIGKILL");
  }

  /** Undefined if the process did not outlive it, or had to be ended. */
  async #attempt(task: Task): Promise<Outcome | undefined> {
    const inspector = this.#rested() ?? this.#start();
    clearTimeout(inspector.idle);
    const { process } = inspector;
    const deadline = setTimeout(() => process.kill("SIGKILL"), this.#mostMs);
    const over = new AbortController();
    const heard = (event: string) => once(process, event, { signal: over.signal });
    const ended = heard("exit").then(() => undefined);
    const said = heard("message").then(([message]) => Reply.parse(message));
    // Of the two only one is waited for.
    for (const one of [ended, said]) one.catch(() => undefined);
    try {
      process.send(task);
      const reply = await Promise.race([said, ended]);
      if (reply === undefined) return undefined;
      this.#rest(inspector);
      if ("mishap" in reply) throw new Error(`A file could not be looked at: ${reply.mishap}`);
      return reply.outcome;
    } finally {
      clearTimeout(deadline);
      over.abort();
    }
  }

  /** One may have ended while nobody asked anything of it. */
  #rested(): Inspector | undefined {
    const inspector = this.#idle.pop();
    return inspector && !inspector.process.connected ? this.#rested() : inspector;
  }

  #start(): Inspector {
    const started = fork(PROGRAM, [], {
      execArgv: ARGUMENTS,
      env: ENVIRONMENT,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#all.add(started);
    if (started.pid !== undefined) setPriority(started.pid, NICE);
    started.on("error", () => undefined);
    started.on("exit", () => this.#all.delete(started));
    return { process: started, idle: undefined };
  }

  #rest(inspector: Inspector): void {
    this.#idle.push(inspector);
    inspector.idle = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(inspector), 1);
      inspector.process.disconnect();
    }, IDLE_MS).unref();
  }
}
