import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperatorProblem } from "../../operator-problem.ts";
import { birthOf, isAlive } from "./living.ts";

/** How often a mark that nobody alive stands behind may be swept away before we are told of a new one. */
const TRIES = 5;

/**
 * One server a folder: whoever links its mark there first has it. Throws an error that names the other one. The moment
 * it began tells a server from a later process with the same number.
 */
export function takeFolder(folder: string): () => void {
  const mark = join(folder, "server.pid");
  const ours = join(folder, `server.pid.${process.pid}`);
  writeFileSync(ours, `${process.pid} ${birthOf(process.pid)}`);
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (linked(ours, mark)) return () => rmSync(mark, { force: true });
      sweep(mark, folder);
    }
    throw new OperatorProblem(`Many servers start in ${folder} at once: start one of them again`);
  } finally {
    rmSync(ours, { force: true });
  }
}

/** Whether a server that lives has it. */
export const isFolderServed = (folder: string): boolean => isServed(join(folder, "server.pid"));

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Takes away a mark that nobody alive stands behind. Whoever swept at the same time may have set a new one: it goes back. */
function sweep(mark: string, folder: string): void {
  refuseIfServed(mark, folder);
  const aside = `${mark}.swept-${process.pid}`;
  try {
    renameSync(mark, aside);
  } catch {
    return;
  }
  if (isServed(aside)) linked(aside, mark);
  rmSync(aside, { force: true });
}

function refuseIfServed(mark: string, folder: string): void {
  if (!isServed(mark)) return;
  const { pid } = readMark(mark);
  throw new OperatorProblem(`Process ${pid} already serves ${folder}: stop it, or choose another folder with DATA_DIR`);
}

function isServed(mark: string): boolean {
  const { pid, birth } = readMark(mark);
  return pid > 0 && isAlive(pid) && birthOf(pid) === birth;
}

function readMark(mark: string): { pid: number; birth: string } {
  try {
    const [pid, ...birth] = readFileSync(mark, "utf8").split(" ");
    return { pid: Number(pid), birth: birth.join(" ") };
  } catch {
    return { pid: 0, birth: "" };
  }
}
