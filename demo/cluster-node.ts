import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

const MAIN = join(import.meta.dirname, "../server/main.ts");
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

/** What ends is started again after so long, as a platform would. */
const AGAIN_MS = 1000;

/** One process of the cluster, started again whenever it ends. */
export class ClusterNode {
  readonly #name: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  readonly #stopping = new AbortController();

  constructor(name: string, env: NodeJS.ProcessEnv) {
    this.#name = name;
    this.#env = env;
  }

  /** Until it is ready. */
  async start(): Promise<void> {
    const server = this.#spawn();
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await this.#isReady())) {
      if (this.#stopping.signal.aborted) return;
      if (hasEnded(server) || performance.now() > deadline) throw new Error(`${this.#name} did not start`);
      await wait(LOOK_AGAIN_MS);
    }
    console.log(`${this.#name}      process ${server.pid}, ready at http://127.0.0.1:${this.#env["PORT"]}`);
    server.once("exit", () => void this.#revive());
    if (hasEnded(server)) void this.#revive();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const server = this.#process;
    if (!server || hasEnded(server)) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  }

  async #revive(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    console.log(`${this.#name}      ended; it is started again`);
    await wait(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await this.start().catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
  }

  /** Not of our terminal: an interrupt there is for us, who end it in order. */
  #spawn(): ChildProcess {
    const server = spawn(process.execPath, [MAIN], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [server.stdout, server.stderr]) {
      createInterface({ input: stream }).on("line", (line) => console.error(`${this.#name}      ${line}`));
    }
    this.#process = server;
    return server;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.#env["PORT"]}/ready`)).ok;
    } catch {
      return false;
    }
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
