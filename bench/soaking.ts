import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { eventually } from "../tests/support/embedded.ts";
import { Random } from "../tests/support/random.ts";
import { cpuSecondsOfTree } from "./cluster-cpu.ts";
import { Couple, type Life } from "./soak-couple.ts";
import { Crowd } from "./soak-crowd.ts";
import { Answers } from "./soak-errands.ts";
import { FAULTS } from "./soak-faults.ts";
import { wantedIn } from "./soak-probe.ts";
import type { Injected, Soaked } from "./soak-verdict.ts";
import { type Look, look, samplesIn } from "./soak-watch.ts";
import { SoakWorld } from "./soak-world.ts";

export interface SoakSize {
  readonly minutes: number;
  /** Pairs that talk. */
  readonly couples: number;
  /** Pairs that listen, come and go. */
  readonly crowd: number;
  /** How much of the machine all of it together should take: nodes, databases and those who talk. */
  readonly load: number;
  readonly seed: number;
}

export type Progress = (line: string) => void;

const LOOK_MS = 30_000;
const PACE_MS = 10_000;
const PAUSE_MS = { least: 50, first: 400, most: 5000 };
const BETWEEN_FAULTS_MS = { least: 8000, most: 30_000 };

/** Rooms outlive their phones by half a minute, presence by three quarters, a place given to nobody by less. */
const QUIET_MS = 100_000;

/** Counting objects takes several collections, on a busy machine seconds. */
const COUNTED_MS = 120_000;

/** `enough` ends it early, in good order. */
export async function measureSoak(size: SoakSize, progress: Progress, enough?: AbortSignal): Promise<Soaked> {
  const world = await SoakWorld.open(size.crowd);
  const soak = new Soak(world, size, progress);
  enough?.addEventListener("abort", () => soak.end());
  try {
    return await soak.run();
  } finally {
    await world.close();
  }
}

class Soak {
  readonly #world: SoakWorld;
  readonly #size: SoakSize;
  readonly #progress: Progress;
  readonly #random: Random;
  readonly #answers = new Answers();
  readonly #over = new AbortController();
  readonly #looks: Look[] = [];
  readonly #faults: Injected[] = [];
  readonly #shares: number[] = [];
  readonly #lives: Life[] = [];
  readonly #troubles: string[] = [];
  #pauseMs = PAUSE_MS.first;
  #began = Date.now();

  constructor(world: SoakWorld, size: SoakSize, progress: Progress) {
    this.#world = world;
    this.#size = size;
    this.#progress = progress;
    this.#random = new Random(size.seed);
  }

  async run(): Promise<Soaked> {
    await this.#counted();
    const before = await this.#look();
    this.#began = Date.now();
    const couples = this.#couples();
    const crowd = new Crowd(this.#world, this.#size.crowd, new Random(this.#random.below(1e6)));
    const talking = Promise.all(couples.map((couple) => couple.live().catch((error) => this.#trouble(error))));
    const beside = [this.#hurt(couples), this.#pace(), this.#watch(crowd)];
    await this.#pause(this.#size.minutes * 60_000);
    const endedMs = Date.now();
    this.end();
    await Promise.all([talking, ...beside]);
    await crowd.leave();
    this.#say("everybody has left");
    const quietMs = Date.now();
    await wait(QUIET_MS);
    await this.#counted();
    const after = await this.#look();
    const { nodes } = this.#world.cluster;
    return {
      size: this.#size,
      beganMs: this.#began,
      endedMs,
      quietMs,
      share: this.#shares.reduce((sum, share) => sum + share, 0) / this.#shares.length,
      lives: this.#lives.length,
      acknowledged: this.#lives.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      observations: this.#lives.reduce((sum, { observations }) => sum + observations, 0),
      violations: this.#lives.flatMap(({ violations }) => violations),
      gaps: this.#lives.flatMap(({ gaps }) => gaps),
      joinsOfCrowd: crowd.joins,
      answers: Object.fromEntries(this.#answers.counts),
      faults: this.#faults,
      troubles: this.#troubles,
      before,
      after,
      looks: this.#looks,
      samples: nodes.map((_, n) => samplesIn(this.#world.samplesOf(n))),
    };
  }

  /** Everybody says what they are saying, and goes. */
  end(): void {
    this.#over.abort();
  }

  #couples(): Couple[] {
    const { couples: count } = this.#size;
    return Array.from({ length: count }, () => {
      const random = new Random(this.#random.below(1e6));
      const of = { world: this.#world, random, answers: this.#answers, over: this.#over.signal };
      return new Couple({ ...of, pauseMs: () => this.#pauseMs, lived: (life) => this.#lived(life) });
    });
  }

  #lived(life: Life): void {
    this.#lives.push(life);
    for (const { promise, says } of life.violations) this.#say(`[${promise}] ${life.pairId.slice(-4)}: ${says}`);
  }

  /** One fault after the other, at random times; then all is whole again. */
  async #hurt(couples: readonly Couple[]): Promise<void> {
    const random = new Random(this.#random.below(1e6));
    const { least, most } = BETWEEN_FAULTS_MS;
    while (!this.#over.signal.aborted) {
      await this.#pause(least + random.below(most - least));
      if (this.#over.signal.aborted) return;
      const fault = FAULTS[random.below(FAULTS.length)];
      const pairs = couples.flatMap(({ pair }) => pair ?? []);
      const atMs = Date.now();
      try {
        await fault?.inject(this.#world, pairs, random);
      } catch (error) {
        this.#trouble(error, fault?.name);
      }
      await this.#world.mend().catch((error) => this.#trouble(error, "not whole again"));
      this.#faults.push({ name: fault?.name ?? "", atMs, tookMs: Date.now() - atMs });
    }
  }

  /** Whoever talks does so as quickly as brings about the load that was asked for. */
  async #pace(): Promise<void> {
    const cores = availableParallelism();
    while (!this.#over.signal.aborted) {
      const [spent, at] = [cpuSecondsOfTree(process.pid), performance.now()];
      await this.#pause(PACE_MS);
      const share = (cpuSecondsOfTree(process.pid) - spent) / ((performance.now() - at) / 1000) / cores;
      this.#shares.push(share);
      const wanted = this.#pauseMs * Math.min(1.5, Math.max(0.67, share / this.#size.load));
      this.#pauseMs = Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, wanted));
    }
  }

  async #watch(crowd: Crowd): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#pause(LOOK_MS);
      const now = await this.#look();
      this.#looks.push(now);
      this.#tell(now, crowd);
    }
  }

  #tell({ nodes, redisSubscriptions, postgresConnections }: Look, crowd: Crowd): void {
    const names = this.#world.cluster.nodes.map(({ name }) => name);
    const of = (figure: (node: Look["nodes"][number]) => number) =>
      names.map((name) => nodes.filter(({ node }) => node === name).map(figure)[0] ?? "–").join("+");
    const heaps = this.#world.cluster.nodes.map((_, n) => {
      const sample = samplesIn(this.#world.samplesOf(n)).at(-1);
      return sample ? (sample.heapBytes / 2 ** 20).toFixed(1) : "-";
    });
    const acknowledged = this.#lives.reduce((sum, life) => sum + life.acknowledged, 0);
    const parts = [
      `${((this.#shares.at(-1) ?? 0) * 100).toFixed(0)} % CPU, pause ${this.#pauseMs.toFixed(0)} ms`,
      `${this.#lives.length} lives, ${acknowledged} acknowledged`,
      `${this.#faults.length} faults, the last ${this.#faults.at(-1)?.name ?? "none"}`,
      `heap MiB ${heaps.join(" ")}`,
      `rooms ${of(({ rooms }) => rooms)}, sockets ${of(({ connections }) => connections)}, crowd ${crowd.here}`,
      `${redisSubscriptions} subscriptions, ${postgresConnections} of PostgreSQL`,
    ];
    this.#say(parts.join(" · "));
  }

  /** The node that is never killed counts what is alive on it. */
  async #counted(): Promise<void> {
    const file = this.#world.samplesOf(0);
    const counts = () => samplesIn(file).filter(({ alive }) => alive).length;
    const before = counts();
    writeFileSync(wantedIn(file), "");
    await eventually(() => counts() > before, COUNTED_MS);
  }

  #look(): Promise<Look> {
    return look(this.#world);
  }

  #trouble(error: unknown, what = "somebody who talked gave up"): void {
    this.#troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    this.#say(`TROUBLE ${this.#troubles.at(-1)}`);
  }

  #say(text: string): void {
    const seconds = Math.floor((Date.now() - this.#began) / 1000);
    this.#progress(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}  ${text}`);
  }

  async #pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }
}
