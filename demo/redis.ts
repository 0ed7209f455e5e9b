import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

export const hasRedis = (): boolean => spawnSync("redis-server", ["--version"]).error === undefined;

/** A Redis that keeps nothing: nobody here needs it to. */
export class DemoRedis {
  readonly url: string;
  readonly #port: number;
  readonly #server: ChildProcess;

  constructor(folder: string, port: number) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#port = port;
    const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    // Not of our terminal: an interrupt there is for us, who end it last.
    this.#server = spawn("redis-server", settings, { stdio: "ignore", detached: true });
  }

  /** Until it takes connections. */
  async start(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await listens(this.#port))) {
      if (this.#server.exitCode !== null || performance.now() > deadline) throw new Error("redis-server did not start");
      await wait(LOOK_AGAIN_MS);
    }
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
