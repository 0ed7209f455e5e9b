import type { Database } from "../../../domain/ports.ts";
import { asked } from "./asked.ts";

/** Beside the number of what is to be done, so that it is nobody else's lock. */
const HOUSEKEEPING = 7_431_003;

const TRY = `select pg_try_advisory_xact_lock(${HOUSEKEEPING}, hashtext(?)) as "isOurs"`;

/**
 * Does that unless another process is at it. Lock and work are one transaction, which any pooler keeps together: whatever
 * `work` does through `database` joins it, and where the lock is lost nothing was done.
 */
export function alone(
  database: Database,
  name: string,
  work: () => Promise<unknown>,
): () => Promise<"skipped" | undefined> {
  return () =>
    database.transaction(async (em) => {
      const [found] = await asked<{ readonly isOurs: boolean }>(em, TRY, [name]);
      if (!found?.isOurs) return "skipped";
      await work();
      return undefined;
    });
}
