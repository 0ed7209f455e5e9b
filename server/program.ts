import { type Config, readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { startProblem } from "./start-problems.ts";

/** The exit code of a program that was interrupted by hand. */
const INTERRUPTED = 130;

/** Under npm one key comes twice, from the terminal and from npm; a person who presses it again is slower. */
const ONE_KEY_MS = 500;

export interface Means {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
}

/** Brings up what this process is for. What it took is released by the lifecycle, also if it fails halfway. */
export type Start = (means: Means) => Promise<void>;

/** This process, from its start to its end: it goes when it is told to, in order, and in time whatever hangs. */
class Program {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #lifecycle: Lifecycle;
  #interruptedAt = Number.NEGATIVE_INFINITY;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
    process.on("SIGTERM", () => void this.#stop(0, "SIGTERM"));
    process.on("SIGINT", () => this.#interrupt());
    process.on("uncaughtException", (error) => this.#onBug(error, "nobody caught an error"));
    process.on("unhandledRejection", (error) => this.#onBug(error, "nobody awaited a promise that failed"));
  }

  async start(start: Start): Promise<void> {
    try {
      await start({ config: this.#config, lifecycle: this.#lifecycle, log: this.#log });
    } catch (error) {
      if (this.#lifecycle.isStopping) return;
      const problem = startProblem(error);
      if (problem) this.#log.fatal(problem);
      else this.#log.fatal({ err: error }, "it could not start");
      await this.#stop(1, "it could not start");
    }
  }

  async #stop(exitCode: number, reason: string): Promise<void> {
    if (!this.#lifecycle.isStopping) this.#log.info({ reason }, "stopping");
    setTimeout(() => this.#giveUp(), this.#config.SHUTDOWN_DEADLINE_SECONDS * 1000).unref();
    await this.#lifecycle.stop();
    process.exit(exitCode);
  }

  /** The first time politely; who asks again means now. */
  #interrupt(): void {
    if (performance.now() - this.#interruptedAt < ONE_KEY_MS) return;
    this.#interruptedAt = performance.now();
    if (this.#lifecycle.isStopping) process.exit(INTERRUPTED);
    void this.#stop(0, "SIGINT");
  }

  /** What we do not understand may have left anything half done; the journal is whole, so a fresh start is safe. */
  #onBug(error: unknown, message: string): void {
    this.#log.fatal({ err: error }, message);
    if (!this.#lifecycle.isStopping) void this.#stop(1, message);
  }

  #giveUp(): never {
    this.#log.fatal({ waitingFor: this.#lifecycle.releasing }, "gave up waiting; ending at once");
    process.exit(1);
  }
}

/** Runs this process; ends it with what is wrong with its environment, if anything is. */
export async function run(start: Start): Promise<void> {
  const config = configOrExit();
  await new Program(config, createLogger(config.LOG_LEVEL)).start(start);
}

function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    console.error(startProblem(error) ?? error);
    process.exit(1);
  }
}
