import { matchMaker } from "@colyseus/core";
import type { Health, NotReady } from "../http/routes/operations.ts";
import type { DatabaseClock } from "./adapters/database/clock.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { askedSeldom } from "./metrics/asked-seldom.ts";

export interface HealthDeps {
  readonly pool: { query(sql: string): Promise<unknown> };
  readonly clock: Pick<DatabaseClock, "isTrusted">;
  readonly lifecycle: Pick<Lifecycle, "isStopping">;
  /** undefined: none is configured. It may be away: nothing that matters rests on it. */
  readonly redis?: { isUp(): boolean } | undefined;
  /** The other processes; undefined: this one is alone. */
  readonly neighbours?: Neighbours | undefined;
  /** Whether rooms can be made here. */
  readonly isRealtime?: () => boolean;
}

export interface Neighbours {
  /** Every process that was alive has been reached, and has reached us, since the start. */
  isGreeted(): boolean;
  /** Somebody who is alive cannot be reached at the moment. */
  isCutOff(): boolean;
}

/** Load balancers ask often, and a database that is gone is no quicker for being asked twice a second. */
const ASK_AGAIN_MS = 500;

const ANSWER_MS = 1000;

const isColyseusReady = () => matchMaker.state === matchMaker.MatchMakerState.READY;

/** How this process is, as load balancers and people ask. */
export function health(deps: HealthDeps) {
  const { clock, lifecycle, redis, neighbours, isRealtime = isColyseusReady } = deps;
  const isDatabaseThere = askedSeldom(() => answers(deps.pool), ASK_AGAIN_MS);

  const services = async (): Promise<Health["services"]> => ({
    database: (await isDatabaseThere()) ? "connected" : "unavailable",
    redis: redis ? (redis.isUp() ? "connected" : "unavailable") : "not configured",
    realtime: !isRealtime() ? "not ready" : neighbours?.isCutOff() ? "cut off" : "ready",
  });

  return {
    /** New work may come if the database answers, its time is known, the others are met, and we are not about to go. */
    async notReady(): Promise<readonly NotReady[]> {
      // Whoever is about to go is asked nothing more.
      if (lifecycle.isStopping) return ["draining"];
      const reasons: [NotReady, boolean][] = [
        ["starting", !isRealtime()],
        ["clock", !clock.isTrusted()],
        ["neighbours", neighbours?.isGreeted() === false],
        ["database", !(await isDatabaseThere())],
      ];
      return reasons.flatMap(([reason, holds]) => (holds ? reason : []));
    },

    async health(): Promise<Health> {
      const found = await services();
      const { database, redis: cache, realtime } = found;
      const isWhole = database === "connected" && cache !== "unavailable" && realtime === "ready";
      return { status: isWhole ? "healthy" : "degraded", services: found };
    },
  };
}

async function answers(pool: HealthDeps["pool"]): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ANSWER_MS);
  const answered = pool.query("select 1").then(
    () => true,
    () => false,
  );
  const isThere = await Promise.race([answered, tooLate]);
  clearTimeout(timer);
  return isThere;
}
