import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, realpathSync } from "node:fs";

/** What the machine knows about its processes. */

/** A zombie has ended; its number waits for its parent to look. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * When a process began, in words that no later process with the same number shares; empty where the system does not
 * tell, or there is no such process.
 */
export function birthOf(pid: number): string {
  if (process.platform === "win32") return "";
  try {
    return process.platform === "linux" ? `${bootId()}:${startTicks(pid)}` : ps(pid, "lstart=");
  } catch {
    return "";
  }
}

/** Whether a process is a PostgreSQL at work in that folder: a postmaster's working directory is its cluster. */
export function worksIn(pid: number, folder: string): boolean {
  try {
    if (process.platform === "linux") return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
    if (process.platform === "win32") return taskName(pid).includes("postgres");
    return ps(pid, "command=").includes(folder);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    return process.platform === "linux" && statusOf(pid)[0] === "Z";
  } catch {
    return false;
  }
}

/** Ticks count from when the machine was started. */
const bootId = () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

const startTicks = (pid: number) => statusOf(pid)[19] ?? "";

/** The name of the program stands in brackets before the rest, and may hold spaces and brackets itself. */
function statusOf(pid: number): string[] {
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  return line.slice(line.lastIndexOf(")") + 2).split(" ");
}

const ps = (pid: number, column: string) =>
  execFileSync("ps", ["-o", column, "-p", String(pid)])
    .toString()
    .trim();

const taskName = (pid: number) => execFileSync("tasklist", ["/FI", `PID eq ${pid}`, "/FO", "CSV", "/NH"]).toString();
