import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const MAIN = join(import.meta.dirname, "../server/main.ts");
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 20;

/** The real server as a process of its own, on a folder that goes with the demo. */
export class DemoServer {
  readonly url: string;
  readonly #port: number;
  readonly #dataDir = mkdtempSync(join(tmpdir(), "twinship-demo-"));
  #process: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    // Started by root, PostgreSQL runs as somebody else, who must get in.
    chmodSync(this.#dataDir, 0o755);
  }

  static async create(): Promise<DemoServer> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    await new Promise((closed) => probe.close(closed));
    return new DemoServer(typeof address === "object" && address ? address.port : 0);
  }

  /** Milliseconds until it was ready. */
  async start(): Promise<number> {
    const started = performance.now();
    const env = {
      ...process.env,
      PORT: String(this.#port),
      HOST: "127.0.0.1",
      DATA_DIR: this.#dataDir,
      LOG_LEVEL: "error",
    };
    this.#process = spawn(process.execPath, [MAIN], { env, stdio: ["ignore", "ignore", "inherit"] });
    while (!(await this.#isReady())) {
      if (this.#process.exitCode !== null || performance.now() - started > PATIENCE_MS)
        throw new Error("The server did not start");
      await wait(LOOK_AGAIN_MS);
    }
    return performance.now() - started;
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const server = this.#process;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`)).ok;
    } catch {
      return false;
    }
  }
}
