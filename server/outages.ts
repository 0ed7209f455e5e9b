import type { Pool } from "pg";
import { Refusal } from "../domain/refusal.ts";
import { type Service, ServiceAway } from "./adapters/away.ts";
import type { BlobStore } from "./adapters/blobs/keeper.ts";
import { looked } from "./adapters/blobs/s3-problems.ts";

/** How often it is looked whether the service is back. */
const LOOK_MS = 1000;

/** Back is what answers, and of what nobody complained for that long: it may well answer here and fail there. */
const QUIET_MS = 5000;

/** How often it is said that it goes on. */
const SAY_MS = 30_000;

/** Whole, so that whoever reads one finds it here. */
const WORDS: Readonly<Record<Service, { readonly begins: string; readonly lasts: string; readonly ends: string }>> = {
  PostgreSQL: {
    begins: "PostgreSQL does not answer: what needs it is tried again",
    lasts: "PostgreSQL still does not answer",
    ends: "PostgreSQL answers again",
  },
  "the store of pictures and recordings": {
    begins: "the store of pictures and recordings does not answer: what needs it is tried again",
    lasts: "the store of pictures and recordings still does not answer",
    ends: "the store of pictures and recordings answers again",
  },
};

type Say = (fields: object, message: string) => void;

interface Log {
  readonly error: Say;
  readonly warn: Say;
  readonly info: Say;
}

export type About = object;

export interface OutagesDeps {
  readonly log: Log;
  /** Asks the service for something that costs it nothing; rejects while it is away. */
  readonly probes: Readonly<Record<Service, () => Promise<unknown>>>;
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic: () => number;
}

/**
 * Where the errors go that nobody waits for. That a service is away is no mistake of ours and is met at each attempt, so it is
 * said when it begins, twice a minute how often it was met, and when it is over; anything else is an error each time.
 */
export class Outages {
  readonly #deps: OutagesDeps;
  readonly #under = new Map<Service, Outage>();

  constructor(deps: OutagesDeps) {
    this.#deps = deps;
  }

  /** `words`: what is said of an error that is no outage. */
  report(error: unknown, about: About = {}, words = "something went wrong"): void {
    if (error instanceof ServiceAway) this.#outageOf(error.service).met(error, about);
    else this.#deps.log.error({ err: error, ...about }, words);
  }

  /** Of a job, which is tried again. `words` as above. */
  putOff(error: unknown, about: About, words?: string): void {
    const isToWait = error instanceof Refusal && error.code === "UNAVAILABLE" && !(error instanceof ServiceAway);
    if (isToWait) this.#deps.log.warn({ err: error, ...about }, "a job is put off");
    else this.report(error, about, words);
  }

  stop(): void {
    for (const outage of this.#under.values()) outage.stop();
    this.#under.clear();
  }

  #outageOf(service: Service): Outage {
    const under = this.#under.get(service);
    if (under) return under;
    const { log, probes, monotonic } = this.#deps;
    const over = () => this.#under.delete(service);
    const outage = new Outage({ service, log, monotonic, probe: probes[service], over });
    this.#under.set(service, outage);
    return outage;
  }
}

export interface OpenOutagesDeps {
  readonly log: Log;
  readonly pool: Pick<Pool, "query">;
  /** Known by the time anybody misses it. */
  readonly blobs: () => Pick<BlobStore, "olderThan">;
}

/** Those of a process. */
export const openOutages = ({ log, pool, blobs }: OpenOutagesDeps): Outages =>
  new Outages({
    log,
    probes: {
      PostgreSQL: () => pool.query("select 1"),
      "the store of pictures and recordings": () => looked(blobs()),
    },
    monotonic: () => performance.now(),
  });

interface OutageDeps extends Pick<OutagesDeps, "log" | "monotonic"> {
  readonly service: Service;
  readonly probe: () => Promise<unknown>;
  readonly over: () => void;
}

/** One of them, from the first attempt that met it on. */
class Outage {
  readonly #deps: OutageDeps;
  readonly #beganAt: number;
  /** Another kind of failure is said as well, once: nothing is lost among many of the same. */
  readonly #kinds = new Set<string>();
  #attempts = 0;
  #metAt: number;
  #saidAt: number;
  #looking: NodeJS.Timeout;

  constructor(deps: OutageDeps) {
    this.#deps = deps;
    this.#beganAt = this.#metAt = this.#saidAt = deps.monotonic();
    this.#looking = this.#lookLater();
  }

  met(error: Error, about: About): void {
    this.#attempts += 1;
    this.#metAt = this.#deps.monotonic();
    const kind = kindOf(error);
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    const { log, service } = this.#deps;
    log.warn({ ...about, err: error }, WORDS[service].begins);
  }

  stop(): void {
    clearTimeout(this.#looking);
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    const { log, service, monotonic, over } = this.#deps;
    if (await this.#isOver()) {
      over();
      return void log.info(this.#extent(this.#metAt), WORDS[service].ends);
    }
    if (monotonic() - this.#saidAt >= SAY_MS) {
      this.#saidAt = monotonic();
      log.warn(this.#extent(this.#saidAt), WORDS[service].lasts);
    }
    this.#looking = this.#lookLater();
  }

  async #isOver(): Promise<boolean> {
    if (!this.#isQuiet()) return false;
    const answers = await this.#deps.probe().then(
      () => true,
      () => false,
    );
    return answers && this.#isQuiet();
  }

  #isQuiet(): boolean {
    return this.#deps.monotonic() - this.#metAt >= QUIET_MS;
  }

  #extent(until: number) {
    return { attempts: this.#attempts, seconds: Math.round((until - this.#beganAt) / 1000) };
  }
}

/** What was met: the code of the innermost cause that has one. */
function kindOf(error: Error): string {
  const { cause } = error;
  const code = "code" in error ? String(error.code) : error.name;
  return cause instanceof Error ? kindOf(cause) : code;
}
