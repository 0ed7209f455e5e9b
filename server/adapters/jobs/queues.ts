import type { Queue } from "pg-boss";
import type { Job } from "../../../schema/wire/jobs.ts";

/** What could not be done, however often it was tried. Kept until somebody looks at it. */
export const DEAD_LETTERS = "dead-letters";

interface Kind extends Omit<Queue, "name"> {
  /** How many of them one process does at the same time. */
  readonly atOnce: number;
}

/** A worker that died is noticed when it has not been heard of for so long. */
const HEARTBEAT_SECONDS = 10;

const HOUR_SECONDS = 3600;

/**
 * How each kind of work is done. Retries are for what was not foreseen: a crash, a bug, a database away. What is known
 * to fail now and then, as a provider does, is put off by whoever knows for how long.
 */
const KINDS = {
  deliver: { atOnce: 8, retryLimit: 5, expireInSeconds: 120 },
  "mail.link": { atOnce: 4, retryLimit: 5, expireInSeconds: 120 },
  "mail.change": { atOnce: 1, retryLimit: 5, expireInSeconds: 120 },
  // A store that is away for a quarter of an hour is waited for: nobody is told before it is given up.
  export: { atOnce: 1, retryLimit: 10, expireInSeconds: HOUR_SECONDS },
  erase: { atOnce: 1, retryLimit: 10, expireInSeconds: HOUR_SECONDS },
  "research.intake": { atOnce: 2, retryLimit: 5, expireInSeconds: 120 },
  "research.withdraw": { atOnce: 1, retryLimit: 10, expireInSeconds: HOUR_SECONDS },
  "media.check": { atOnce: 2, retryLimit: 5, expireInSeconds: 120 },
} as const satisfies Record<Job["what"], Omit<Kind, "heartbeatSeconds">>;

/** Longest wait between two tries. */
const RETRY_MAX_SECONDS = 600;

/** Long enough for people on holidays to find what went wrong. */
const DEAD_SECONDS = 90 * 24 * HOUR_SECONDS;

export type JobKind = keyof typeof KINDS;

export const JOB_KINDS: readonly JobKind[] = [
  "deliver",
  "mail.link",
  "mail.change",
  "export",
  "erase",
  "media.check",
  "research.intake",
  "research.withdraw",
];

export const atOnce = (kind: JobKind): number => KINDS[kind].atOnce;

/** All queues there must be, dead letters first: the others refer to them. */
export function queues(): readonly Queue[] {
  const dead = { name: DEAD_LETTERS, retryLimit: 0, retentionSeconds: DEAD_SECONDS };
  const own = JOB_KINDS.map((name) => {
    const { retryLimit, expireInSeconds } = KINDS[name];
    return {
      name,
      retryLimit,
      expireInSeconds,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: RETRY_MAX_SECONDS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: HOUR_SECONDS,
      deadLetter: DEAD_LETTERS,
    };
  });
  return [dead, ...own];
}
