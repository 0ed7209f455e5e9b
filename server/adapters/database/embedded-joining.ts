import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { clusterOf, USER } from "./embedded-cluster.ts";
import { settle } from "./embedded-home.ts";
import { isFolderServed } from "./embedded-owner.ts";

/** In postmaster.pid, as PostgreSQL writes it. */
const PORT_LINE = 3;

/** Where the PostgreSQL of a running server is: for a command beside it. Undefined if no server has that folder. */
export async function urlOfRunning(dataDir: string): Promise<string | undefined> {
  if (!existsSync(dataDir)) return undefined;
  const folder = realpathSync(dataDir);
  if (!isFolderServed(folder)) return undefined;
  const cluster = await clusterOf(settle(folder), () => undefined);
  const port = portIn(cluster.folder);
  return port === undefined ? undefined : `postgres://${USER}:${cluster.password}@127.0.0.1:${port}/postgres`;
}

function portIn(cluster: string): string | undefined {
  try {
    const port = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[PORT_LINE]?.trim();
    return port && /^\d+$/.test(port) ? port : undefined;
  } catch {
    return undefined;
  }
}
