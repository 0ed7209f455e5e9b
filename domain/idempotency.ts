import { createHash } from "node:crypto";
import { IdempotencyKey } from "../schema/entities/idempotency-key.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { breaksUnique } from "./constraint.ts";
import type { Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Who asks again while the first asking is under way waits that long for its answer. */
const PATIENCE_MS = 10_000;

/** A call of a person under a key of theirs. */
export interface KeyedCall {
  readonly userId: UserId;
  readonly key: string;
  /** Method and path. */
  readonly place: string;
  readonly body: unknown;
}

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: object;
}

export type Idempotency = ReturnType<typeof idempotency>;

export interface IdempotencyDeps {
  readonly database: Database;
  readonly clock: Clock;
  /** Resolves after so many milliseconds, or when `cancel` is called. */
  readonly patience?: (ms: number) => { readonly over: Promise<"over">; cancel(): void };
}

/**
 * The same call under the same key has one effect and one answer for a day. The answer is kept in the transaction of the
 * effect: either both are there or neither; a refusal leaves nothing, so an honest retry gets through.
 */
export function idempotency({ database, clock, patience = patienceOf }: IdempotencyDeps) {
  /** In this process. Of two processes, the second one's insert waits for the first one's commit. */
  const underWay = new Map<string, Promise<unknown>>();

  async function kept({ userId, key, place, body }: KeyedCall): Promise<KeptAnswer | undefined> {
    const row = await database.read((em) => em.findOne(IdempotencyKey, { userId, key }));
    if (!row || row.createdAt.getTime() < clock.now() - KEPT_MS) return undefined;
    if (row.place !== place || row.bodyHash !== hashOf(body)) {
      throw new Refusal("ID_REUSED", "This Idempotency-Key was used for another call");
    }
    return { status: row.status, headers: row.headers, reply: row.reply };
  }

  function perform({ userId, key, place, body }: KeyedCall, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    return database.transaction(async (em) => {
      await em.nativeDelete(IdempotencyKey, { userId, key, createdAt: { $lt: new Date(clock.now() - KEPT_MS) } });
      const began = { status: 0, headers: {}, reply: {}, createdAt: new Date(clock.now()) };
      const row = em.create(IdempotencyKey, { userId, key, place, bodyHash: hashOf(body), ...began });
      await em.flush();
      const said = await work();
      row.status = said.status;
      row.headers = { ...said.headers };
      row.reply = said.reply;
      await em.flush();
      return said;
    });
  }

  async function waitFor(other: Promise<unknown>): Promise<void> {
    const { over, cancel } = patience(PATIENCE_MS);
    const outcome = await Promise.race([over, other.then(() => "done").catch(() => "done")]);
    cancel();
    if (outcome === "over") throw new Refusal("UNAVAILABLE", "The same call is still under way");
  }

  async function run(call: KeyedCall, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
    const answer = await kept(call);
    if (answer) return answer;
    try {
      return await perform(call, work);
    } catch (error) {
      if (!breaksUnique(error, "idempotency_keys_once")) throw error;
      const others = await kept(call);
      if (others) return others;
      throw new Refusal("UNAVAILABLE", "The same call is still under way");
    }
  }

  return {
    /** Does `work` once for the call; throws ID_REUSED, or UNAVAILABLE if the same call takes too long elsewhere. */
    async once(call: KeyedCall, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
      const name = `${call.userId}/${call.key}`;
      for (let other = underWay.get(name); other; other = underWay.get(name)) await waitFor(other);
      const running = run(call, work);
      underWay.set(name, running);
      try {
        return await running;
      } finally {
        underWay.delete(name);
      }
    },

    /** Forgets what is older than a day. */
    purge: (): Promise<number> =>
      database.transaction((em) =>
        em.nativeDelete(IdempotencyKey, { createdAt: { $lt: new Date(clock.now() - KEPT_MS) } }),
      ),
  };
}

const hashOf = (body: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(body)))
    .digest("base64url");

/** The same fields in another order are the same body. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}

function patienceOf(ms: number) {
  const { promise: over, resolve } = Promise.withResolvers<"over">();
  const timer = setTimeout(() => resolve("over"), ms);
  return { over, cancel: () => clearTimeout(timer) };
}
