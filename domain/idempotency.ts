import { createHash } from "node:crypto";
import { DriverException, type EntityManager } from "@mikro-orm/core";
import { IdempotencyKey } from "../schema/entities/idempotency-key.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { breaksUnique } from "./constraint.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Who asks again while the first asking is under way waits that long for its answer. */
const PATIENCE_MS = 10_000;

/** So long at a time for what another process holds; between, the connection is somebody else's. */
const LOCK_TIMEOUT = "2s";

/** SQLSTATE of a lock that was not had in time. */
const LOCK_NOT_AVAILABLE = "55P03";

/** A call of a person under a key of theirs. */
export interface KeyedCall {
  readonly userId: UserId;
  readonly key: string;
  /** Method and address. */
  readonly place: string;
  readonly body: unknown;
}

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly reply: object;
}

type Work = () => Promise<KeptAnswer>;

export type Idempotency = ReturnType<typeof idempotency>;

export interface IdempotencyDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newSalt">;
  readonly patience?: (ms: number) => Patience;
}

/** So long, and no longer, unless it is ended before. */
interface Patience {
  readonly over: Promise<"over">;
  isOver(): boolean;
  end(): void;
}

/** Another process is at the same call. */
class UnderWay extends Error {
  override readonly name = "UnderWay";
}

/**
 * The same call under the same key has one effect and one answer for a day. The answer is kept in the transaction of the
 * effect: either both are there or neither; a refusal leaves nothing, so an honest retry gets through.
 */
export function idempotency({ database, clock, chance, patience = patienceOf }: IdempotencyDeps) {
  /** In this process: who comes second waits for the first, and holds no connection meanwhile. */
  const underWay = new Map<string, Promise<unknown>>();

  const forgotten = () => new Date(clock.now() - KEPT_MS);

  async function kept({ userId, key, place, body }: KeyedCall): Promise<KeptAnswer | undefined> {
    const row = await database.read((em) =>
      em.findOne(IdempotencyKey, { userId, key, createdAt: { $gte: forgotten() } }),
    );
    if (!row) return undefined;
    if (row.place !== place || row.bodyHash !== hashOf(row.salt, body)) {
      throw new Refusal("ID_REUSED", "This Idempotency-Key was used for another call");
    }
    return { status: row.status, headers: row.headers, reply: row.reply };
  }

  function perform(call: KeyedCall, work: Work): Promise<KeptAnswer> {
    return database.transaction(async (em) => {
      const row = await begin(em, call);
      const said = await work();
      Object.assign(row, { status: said.status, headers: { ...said.headers }, reply: said.reply });
      await em.flush();
      return said;
    });
  }

  /** Takes the key, as long as nobody else has it. */
  async function begin(em: EntityManager, { userId, key, place, body }: KeyedCall): Promise<IdempotencyKey> {
    const salt = chance.newSalt();
    const createdAt = new Date(clock.now());
    const call = { userId, key, place, salt, bodyHash: hashOf(salt, body), createdAt };
    const sql = `set local lock_timeout = '${LOCK_TIMEOUT}'`;
    await em.getConnection().execute(sql, [], "run", em.getTransactionContext());
    try {
      await em.nativeDelete(IdempotencyKey, { userId, key, createdAt: { $lt: forgotten() } });
      const row = em.create(IdempotencyKey, { ...call, status: 0, headers: {}, reply: {} });
      await em.flush();
      return row;
    } catch (error) {
      if (isTaken(error)) throw new UnderWay("The same call is under way in another process", { cause: error });
      throw error;
    }
  }

  async function run(call: KeyedCall, work: Work, patient: Patience): Promise<KeptAnswer> {
    for (;;) {
      const answer = await kept(call);
      if (answer) return answer;
      try {
        return await perform(call, work);
      } catch (error) {
        if (!(error instanceof UnderWay)) throw error;
        if (patient.isOver()) throw stillUnderWay();
      }
    }
  }

  async function waitFor(other: Promise<unknown>, { over }: Patience): Promise<void> {
    if ((await Promise.race([over, other.then(ended, ended)])) === "over") throw stillUnderWay();
  }

  return {
    /** Does `work` once for the call; throws ID_REUSED, or UNAVAILABLE if the same call takes too long elsewhere. */
    async once(call: KeyedCall, work: Work): Promise<KeptAnswer> {
      const name = JSON.stringify([call.userId, call.key]);
      const patient = patience(PATIENCE_MS);
      try {
        // Nothing may come between seeing that nobody is at it and being at it.
        for (let other = underWay.get(name); other; other = underWay.get(name)) await waitFor(other, patient);
        const running = run(call, work, patient);
        underWay.set(name, running);
        return await running.finally(() => underWay.delete(name));
      } finally {
        patient.end();
      }
    },

    /** Forgets what is older than a day. */
    purge: (): Promise<number> =>
      database.transaction((em) => em.nativeDelete(IdempotencyKey, { createdAt: { $lt: forgotten() } })),
  };
}

const ended = () => "ended" as const;

const stillUnderWay = () => new Refusal("UNAVAILABLE", "The same call is still under way");

const isTaken = (error: unknown): boolean =>
  breaksUnique(error, "idempotency_keys_once") ||
  (error instanceof DriverException && error.code === LOCK_NOT_AVAILABLE);

const hashOf = (salt: string, body: unknown): string =>
  createHash("sha256")
    .update(salt + JSON.stringify(sorted(body)))
    .digest("base64url");

/** The same fields in another order are the same body. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return ["list", ...value.map(sorted)];
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return ["fields", ...fields.map(([name, inner]) => [name, sorted(inner)])];
}

function patienceOf(ms: number): Patience {
  const { promise: over, resolve } = Promise.withResolvers<"over">();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    resolve("over");
  }, ms);
  return { over, isOver: () => isOver, end: () => clearTimeout(timer) };
}
