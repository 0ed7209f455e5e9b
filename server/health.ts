import { matchMaker } from "@colyseus/core";
import type { Pool } from "pg";
import type { Health } from "../http/routes/operations.ts";
import type { DatabaseClock } from "./adapters/database/clock.ts";
import type { Lifecycle } from "./lifecycle.ts";

export interface HealthDeps {
  readonly pool: Pool;
  readonly clock: Pick<DatabaseClock, "isTrusted">;
  readonly lifecycle: Pick<Lifecycle, "isStopping">;
}

/** Load balancers ask often, and a database that is gone is no quicker for being asked twice a second. */
const ASK_AGAIN_MS = 500;

const ANSWER_MS = 1000;

/** How this process is, as load balancers and people ask. */
export function health({ pool, clock, lifecycle }: HealthDeps) {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined;

  const isDatabaseThere = (): Promise<boolean> => {
    if (!asked || performance.now() - asked.at > ASK_AGAIN_MS) asked = { at: performance.now(), answer: answers(pool) };
    return asked.answer;
  };
  const isRealtimeThere = () => matchMaker.state === matchMaker.MatchMakerState.READY;

  return {
    /** New work may come: the database answers, its time is known, and we are not about to go. */
    async isReady(): Promise<boolean> {
      if (lifecycle.isStopping || !isRealtimeThere() || !clock.isTrusted()) return false;
      return isDatabaseThere();
    },

    async health(): Promise<Health> {
      const [isDatabase, isRealtime] = [await isDatabaseThere(), isRealtimeThere()];
      return {
        status: isDatabase && isRealtime ? "healthy" : "degraded",
        services: {
          database: isDatabase ? "connected" : "unavailable",
          redis: "not configured",
          realtime: isRealtime ? "ready" : "not ready",
        },
      };
    },
  };
}

async function answers(pool: Pool): Promise<boolean> {
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
