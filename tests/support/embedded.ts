import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { stopwatch } from "./stopwatch.ts";

const LAUNCHER = join(import.meta.dirname, "../../server/adapters/database/embedded.ts");

/** Folders for data, removed with everything that was made for them. */
export class DataFolders {
  readonly #made: string[] = [];

  make(mode = 0o755): string {
    const folder = mkdtempSync(join(tmpdir(), "twinship embedded "));
    chmodSync(folder, mode);
    this.#made.push(folder);
    return folder;
  }

  remove(): void {
    for (const folder of this.#made.splice(0)) {
      const marker = join(folder, "postgres-is-elsewhere");
      if (existsSync(marker)) rmSync(readFileSync(marker, "utf8").trim(), { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

export interface Owner {
  readonly process: ChildProcess;
  readonly url: string;
  /** The postmaster it started. */
  readonly postmaster: number;
  kill(): Promise<void>;
}

/** A process of its own that starts an embedded PostgreSQL and then only lives. Rejects with its last words. */
export async function ownerOf(dataDir: string, as: { uid?: number; gid?: number } = {}): Promise<Owner> {
  const program = `import(${JSON.stringify(LAUNCHER)}).then(({ startEmbedded }) => startEmbedded(${JSON.stringify(dataDir)}))
    .then((it) => { console.log(JSON.stringify({ url: it.url, postmaster: it.pid() })); setInterval(() => {}, 1e6); })
    .catch((error) => { console.error(error.message); process.exit(1); })`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "pipe"], cwd: "/", ...as });
  let words = "";
  child.stderr.on("data", (said) => (words += said));
  const ended = once(child, "close").then(() => Promise.reject(new Error(words.trim())));
  const [said] = await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => undefined);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { process: child, kill, ...JSON.parse(String(said)) };
}

/** The first value that a statement answers. */
export async function one(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query({ text: sql, rowMode: "array" });
    return rows[0]?.[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Asks again until it holds: within so much time as this process had the processor, or needed none. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const took = stopwatch();
  while (!(await holds())) {
    if (took() > withinMs) throw new Error(`not within ${withinMs} ms: ${holds}`);
    await new Promise((again) => setTimeout(again, 20));
  }
}

/** A small file system of its own in that folder; not for everybody, and not everywhere. */
export function mounted(folder: string, options: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `${options},mode=755`, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
