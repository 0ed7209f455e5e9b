import { readFileSync } from "node:fs";

/** Clock ticks a second, as Linux tells them. */
const TICKS = 100;

/** Seconds of CPU a process has used so far; 0 once it is gone. */
export const cpuSecondsOf = (pid: number | undefined): number => ticksOf(pid, [11, 12]) / TICKS;

/** The same of a process and all it has started, also of those that ended. */
export function cpuSecondsOfFamily(pid: number | undefined): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuSecondsOf(child), ticksOf(pid, [11, 12, 13, 14]) / TICKS);
}

/** The same of all that those have started in turn, and so on. */
export const cpuSecondsOfTree = (pid: number | undefined): number =>
  childrenOf(pid).reduce((sum, child) => sum + cpuSecondsOfTree(child), ticksOf(pid, [11, 12, 13, 14]) / TICKS);

function ticksOf(pid: number | undefined, columns: readonly number[]): number {
  const fields = contentOf(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return columns.reduce((sum, column) => sum + Number(fields[column] ?? 0), 0);
}

const childrenOf = (pid: number | undefined): number[] =>
  contentOf(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
