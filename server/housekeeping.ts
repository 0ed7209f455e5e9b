import type { UseCases } from "./use-cases.ts";

const HOUR_MS = 60 * 60_000;

export interface HousekeepingDeps {
  readonly sessions: Pick<UseCases["sessions"], "sweep">;
  readonly idempotency: Pick<UseCases["idempotency"], "purge">;
  readonly report: (error: unknown) => void;
}

/** Forgets, every hour, what nobody can ask for any more. Returns how to stop. */
export function keepHouse({ sessions, idempotency, report }: HousekeepingDeps): () => void {
  const sweep = async () => {
    await sessions.sweep();
    await idempotency.purge();
  };
  const timer = setInterval(() => void sweep().catch(report), HOUR_MS).unref();
  return () => clearInterval(timer);
}
