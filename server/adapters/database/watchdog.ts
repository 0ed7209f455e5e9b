import { type ChildProcess, spawn } from "node:child_process";

export interface Watchdog {
  /** From now on it is that process that must not outlive us; undefined: there is none. */
  watch(pid: number | undefined): void;
  dismiss(): void;
}

/**
 * A child that reads from us until we are gone, however we went; then it ends the PostgreSQL that it was told of last,
 * if that one still holds the cluster. A shell, where there is one: it costs a megabyte, and it stands beside every server.
 */
export function startWatchdog(cluster: string): Watchdog {
  const child = process.platform === "win32" ? spawnNode() : spawnShell(cluster);
  child.stdin?.on("error", () => undefined);
  child.on("error", () => undefined);
  child.unref();
  return {
    watch: (pid) => void child.stdin?.write(`${pid ?? ""}\n`),
    dismiss: () => void child.kill("SIGKILL"),
  };
}

const SHELL = `trap '' INT TERM HUP
while read -r line; do pid=$line; done
[ -n "$pid" ] && read -r held < "$1/postmaster.pid" && [ "$held" = "$pid" ] && kill -INT "$pid"`;

const spawnShell = (cluster: string): ChildProcess =>
  spawn("/bin/sh", ["-c", SHELL, "twinship-watchdog", cluster], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });

const NODE = `process.on("SIGINT",()=>{});let pid;
process.stdin.on("data",(lines)=>{pid=Number(String(lines).trim().split("\\n").at(-1))});
process.stdin.on("close",()=>{try{if(pid)process.kill(pid,"SIGINT")}catch{}process.exit()})`;

const spawnNode = (): ChildProcess =>
  spawn(process.execPath, ["-e", NODE], { stdio: ["pipe", "ignore", "ignore"], detached: true, windowsHide: true });
