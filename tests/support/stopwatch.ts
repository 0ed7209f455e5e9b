import { existsSync, readFileSync } from "node:fs";

/**
 * How many milliseconds have passed since it was made, without those in which this process, and each of the `others` (by
 * their process ids) that it waits for, was ready to run and somebody else had the processors: what a limit is about is
 * how long our own takes, not what else the machine does. Where the system does not tell, all of them.
 */
export function stopwatch(...others: readonly (number | undefined)[]): () => number {
  const all = [process.pid, ...others];
  const waited = () => all.reduce((sum: number, pid) => sum + waitedMs(pid), 0);
  const [began, waitedBefore] = [performance.now(), waited()];
  return () => performance.now() - began - (waited() - waitedBefore);
}

/** Of its main thread: the second figure of Linux' schedstat, in nanoseconds. */
function waitedMs(pid: number | undefined): number {
  const file = `/proc/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[1]) / 1e6 : 0;
}
