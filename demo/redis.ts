import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../server/adapters/database/postmaster.ts";

const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export const hasRedis = (): boolean => spawnSync("redis-server", ["--version"]).error === undefined;

/** A Redis that keeps nothing: nobody here needs it to. */
export class DemoRedis {
  readonly url: string;
  readonly #server: ChildProcess;

  private constructor(server: ChildProcess, port: number) {
    this.#server = server;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(folder: string): Promise<DemoRedis> {
    const port = await freePort();
    const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    // Not of our terminal: an interrupt there is for us, who end it last.
    const server = spawn("redis-server", settings, { stdio: "ignore", detached: true });
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await listens(port))) {
      if (server.exitCode !== null || performance.now() > deadline) throw new Error("redis-server did not start");
      await wait(LOOK_AGAIN_MS);
    }
    return new DemoRedis(server, port);
  }

  get pid(): number | undefined {
    return this.#server.pid;
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const ended = once(this.#server, "exit");
    this.#server.kill("SIGTERM");
    await ended;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
