/** What goes wrong at each request is worth one line in so long, not thousands. */
const EVERY_MS = 60_000;

export type Report = (error: unknown) => void;

/** Reports the first of it, and once a minute that it still goes on. */
export function sparingly(report: Report, now: () => number = Date.now): Report {
  let silentUntil = 0;
  return (error) => {
    if (now() < silentUntil) return;
    silentUntil = now() + EVERY_MS;
    report(error);
  };
}
