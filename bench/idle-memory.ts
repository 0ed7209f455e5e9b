import { readFileSync } from "node:fs";
import type { Memory } from "./world.ts";

/** KiB of a process that are nobody else's, and its share of what it has in common with others. */
export const pssKibOf = (pid: number): number => Number(/^Pss:\s+(\d+) kB/m.exec(contentOf(pid, "smaps_rollup"))?.[1]);

/** PostgreSQL's processes that serve somebody, who is named by address and port in how the process calls itself. */
export function serversOf(postmaster: number): number[] {
  const children = contentOf(postmaster, `task/${postmaster}/children`).split(" ").filter(Boolean).map(Number);
  return children.filter((pid) => /\(\d+\)|\[local\]/.test(contentOf(pid, "cmdline")));
}

/** How often a process slept and was woken. */
export const wakeupsOf = (pid: number): number =>
  Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(contentOf(pid, "status"))?.[1]);

function contentOf(pid: number, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, "utf8").trim();
}

/** Of what JavaScript knows; external memory holds the array buffers already. */
export const jsKib = ({ heapUsed, external }: Memory): number => (heapUsed + external) / 1024;
