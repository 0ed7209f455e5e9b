import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { deployed } from "./deployment.ts";
import { Entrance } from "./entrance.ts";

/** A program and its arguments, or a line for the shell. */
export type Command = readonly string[] | string;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly afterMs: number;
}

/**
 * Starts a command as those do who run servers for others, by itself or through a shell, in a process group of its own;
 * and signals it as they do, which need not be what serves.
 */
export class Host extends Entrance {
  readonly #folder = mkdtempSync(join(tmpdir(), "twinship-host-"));
  readonly #process: ChildProcess;
  readonly #isLine: boolean;
  readonly #ended: Promise<[number | null, NodeJS.Signals | null]>;
  words = "";

  private constructor(port: number, command: Command, env: Readonly<Record<string, string>>, folder: string) {
    super(port);
    this.#isLine = typeof command === "string";
    const [program = "", ...rest] = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
    this.#process = spawn(program, rest, {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: this.#folder, DATA_DIR: this.#folder, HOST: "127.0.0.1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#ended = once(this.#process, "close").then(([code, signal]) => [code, signal]);
    for (const output of [this.#process.stdout, this.#process.stderr])
      output?.on("data", (said) => (this.words += said));
  }

  /** From this checkout, or from another folder that has what it needs. */
  static async start(
    command: Command,
    env: Readonly<Record<string, string>> = {},
    folder: string = deployed.root,
  ): Promise<Host> {
    const port = await freePort();
    return new Host(port, command, { PORT: String(port), LOG_LEVEL: "info", ...env }, folder);
  }

  /** To a program that was started, and to nothing else; of a line for the shell, as such hosts do, to all it started. */
  signal(signal: NodeJS.Signals): void {
    if (this.#isLine) this.signalAll(signal);
    else this.#process.kill(signal);
  }

  /** As a key on a terminal does: to all that run there. */
  signalAll(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
  }

  /** What an operator reads when it did not start: its last words, but for those of parting. */
  problem(): string {
    const said = this.words
      .trim()
      .split("\n")
      .map((line) => (line.startsWith("{") ? JSON.parse(line) : { message: line }));
    return said.findLast(({ level = "fatal" }) => level === "fatal")?.message ?? "";
  }

  async ended(): Promise<Ended> {
    const began = performance.now();
    const [code, signal] = await this.#ended;
    return { code, signal, afterMs: performance.now() - began };
  }

  /** What it started and left behind: whoever lives and was told of its folder. Linux tells. */
  orphans(): number[] {
    if (!existsSync("/proc")) return [];
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => environmentOf(pid).includes(`DATA_DIR=${this.#folder}`));
  }

  async remove(): Promise<void> {
    for (const pid of this.orphans()) process.kill(pid, "SIGKILL");
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One that is gone but not yet waited for has none. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
