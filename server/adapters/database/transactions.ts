import { AsyncLocalStorage } from "node:async_hooks";
import { type EntityManager, IsolationLevel } from "@mikro-orm/core";
import type { SqlEntityManager } from "@mikro-orm/sql";
import type { Database } from "../../../domain/ports.ts";
import { isUnavailable, orUnavailable } from "./unavailable.ts";

/** A transaction while it is open, for those who join it. */
class Open {
  readonly effects: (() => void)[] = [];
  readonly em: SqlEntityManager;
  isOver = false;
  /** Somebody who had joined failed: what is left is half of something, whoever caught the error. */
  failure: { readonly error: unknown } | undefined;

  constructor(em: SqlEntityManager) {
    this.em = em;
  }
}

/**
 * Whatever the role's or the pooler's defaults are: a commit is on disk [P1], and who holds rows and falls silent loses
 * them, so that a frozen process does not stop a pair's room.
 */
const TERMS = `select set_config('synchronous_commit', 'on', true), set_config('idle_in_transaction_session_timeout', '2s', true)`;

/** The domain's way to PostgreSQL: a clear entity manager a piece of work, and one transaction a call chain. */
export function transactions(orm: { em: SqlEntityManager }, report: (error: unknown) => void): Database {
  const current = new AsyncLocalStorage<Open | undefined>();
  const joinable = () => {
    const open = current.getStore();
    // Work that was left running behind a finished transaction is on its own.
    return open?.isOver ? undefined : open;
  };

  return {
    async read(work) {
      const open = joinable();
      if (open) return work(open.em);
      try {
        return await work(orm.em.fork());
      } catch (error) {
        throw orUnavailable(error);
      }
    },

    async transaction(work) {
      const open = joinable();
      if (open) return join(open, work);
      const own = new Open(await begun(orm));
      const result = await current.run(own, () => commit(own, work));
      for (const effect of own.effects) current.run(undefined, () => attempt(effect, report));
      return result;
    },
  };
}

type Work<T> = Parameters<typeof call<T>>[1];

function call<T>(
  open: Open,
  work: (em: EntityManager, afterCommit: (effect: () => void) => void) => Promise<T>,
): Promise<T> {
  return work(open.em, (effect) => void open.effects.push(effect));
}

/** Flushes, so that a broken constraint is met by whoever broke it. */
async function join<T>(open: Open, work: Work<T>): Promise<T> {
  try {
    const result = await call(open, work);
    await open.em.flush();
    return result;
  } catch (error) {
    open.failure ??= { error };
    throw error;
  }
}

/** A connection may have broken unnoticed while nobody used it: nothing was done over it yet, so another one is as good. */
async function begun(orm: { em: SqlEntityManager }): Promise<SqlEntityManager> {
  try {
    return await begin(orm.em.fork());
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return begin(orm.em.fork()).catch((again) => {
      throw orUnavailable(again);
    });
  }
}

async function begin(em: SqlEntityManager): Promise<SqlEntityManager> {
  await em.begin({ isolationLevel: IsolationLevel.READ_COMMITTED });
  return em;
}

async function commit<T>(own: Open, work: Work<T>): Promise<T> {
  const { em } = own;
  try {
    await em.execute(TERMS);
    const result = await call(own, work);
    if (own.failure) throw own.failure.error;
    own.isOver = true;
    await em.commit();
    return result;
  } catch (error) {
    own.isOver = true;
    // A rollback that fails changes nothing: the connection is gone, and so is the transaction.
    await em.rollback().catch(() => undefined);
    throw orUnavailable(error);
  }
}

function attempt(effect: () => void, report: (error: unknown) => void): void {
  try {
    effect();
  } catch (error) {
    report(error);
  }
}
