import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Talked, Talking } from "./cluster-talking.ts";
import type { ClusterWorld } from "./cluster-world.ts";

const THINK_MS = 100;

/** One of each of some pairs, saying something ten times a second; what they are answered with, and when. */
export class Talkers {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Pairs numbered `from` to below `to`; resolves once they talk. */
  static async start(world: ClusterWorld, from: number, to: number, thinkMs = THINK_MS): Promise<Talkers> {
    const child = fork(join(import.meta.dirname, "cluster-talking.ts"));
    const tokens = Array.from({ length: to - from }, (_, n) => world.tokenOf(from + n, 0));
    child.send({ port: world.port, tokens, thinkMs } satisfies Talking);
    const [there] = await Promise.race([once(child, "message"), once(child, "exit")]);
    if (there !== "there") throw new Error("Who was to talk could not");
    return new Talkers(child);
  }

  /** Since they were asked last. */
  async figures(): Promise<Talked> {
    this.#process.send("figures");
    const [figures] = await once(this.#process, "message");
    return figures;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.disconnect();
    await ended;
  }
}
