/** What it costs a server when one of two twins comes, goes, types: `node bench/presence.ts [--json]`, a minute. */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";
import { LeanPhone } from "./cluster-phone.ts";
import { ClusterWorld, type Cpu, cpuBetween } from "./cluster-world.ts";

export const PRESENCE_PAIRS = 200;

const ROUNDS = 60;
const GOINGS = 5;
const SETTLE_MS = 5000;
const IDLE_MS = 10_000;

/** Beyond the room's 50 ms between two patches, so that none goes together with the one before. */
const ROUND_MS = 60;

const LOOK_AGAIN_MS = 5;
const PATIENCE_MS = 30_000;

export interface PresenceFigures {
  readonly what: string;
  readonly count: number;
  /** Of the server, each, beyond what it uses while nothing happens. */
  readonly serverCpuMs: number;
  readonly databaseCpuMs: number;
  /** Told to both of the two together, each, without what WebSocket and TCP put around it. */
  readonly toldBytes: number;
  readonly frames: number;
}

interface Pair {
  readonly ada: LeanPhone;
  readonly bea: LeanPhone;
}

export async function measurePresence(
  pairs = PRESENCE_PAIRS,
  progress: (done: string) => void = () => undefined,
): Promise<PresenceFigures[]> {
  const world = await ClusterWorld.open({ nodes: 1, pairs, messages: 1 });
  try {
    progress(`${pairs} pairs join`);
    const meter = new Meter(world, await joined(world, pairs));
    await meter.rest();
    const figures: PresenceFigures[] = [];
    for (const { what, frames } of SIGNALS) {
      progress(what);
      figures.push(await meter.signals(what, frames));
    }
    progress("goes and comes");
    return [...figures, ...(await meter.comeAndGo())];
  } finally {
    await world.close();
  }
}

async function joined(world: ClusterWorld, pairs: number): Promise<Pair[]> {
  const all: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const phone = (twin: 0 | 1) =>
      new LeanPhone({ port: world.portFor(0), token: world.tokenOf(pair, twin), deviceId: "phone" });
    const [ada, bea] = [phone(0), phone(1)];
    await ada.come();
    await bea.come();
    all.push({ ada, bea });
  }
  return all;
}

const DATA = 13;

/** A name and one field of a payload, in MessagePack: all of them are short. */
function frame(name: string, field: string, value: boolean | string): Buffer {
  const text = (of: string) => Buffer.from([0xa0 + of.length, ...Buffer.from(of)]);
  const told = typeof value === "string" ? text(value) : Buffer.of(value ? 0xc3 : 0xc2);
  return Buffer.concat([Buffer.of(DATA), text(name), Buffer.of(0x81), text(field), told]);
}

/** Said in turns: each changes what the other one undid. */
const SIGNALS = [
  { what: "begins or stops typing", frames: [frame("chat.typing", "on", true), frame("chat.typing", "on", false)] },
  {
    what: "goes to the background or comes back",
    frames: [frame("presence.set", "status", "away"), frame("presence.set", "status", "online")],
  },
] as const;

class Meter {
  readonly #world: ClusterWorld;
  readonly #pairs: readonly Pair[];
  /** Milliseconds of CPU a millisecond, while nothing happens. */
  #idle = { nodes: 0, postgres: 0 };

  constructor(world: ClusterWorld, pairs: readonly Pair[]) {
    this.#world = world;
    this.#pairs = pairs;
  }

  async rest(): Promise<void> {
    await wait(SETTLE_MS);
    const before = this.#world.cpu();
    await wait(IDLE_MS);
    const { nodes, postgres } = cpuBetween(before, this.#world.cpu());
    this.#idle = { nodes: (nodes * 1000) / IDLE_MS, postgres: (postgres * 1000) / IDLE_MS };
  }

  signals(what: string, frames: readonly Buffer[]): Promise<PresenceFigures> {
    return this.#measured(what, ROUNDS, async (round) => {
      const said = frames[round % frames.length];
      if (said) for (const { ada } of this.#pairs) ada.say(said);
      await this.#beaHeard(round + 1);
      await wait(ROUND_MS);
    });
  }

  /** In their time of grace: what shows is how many devices somebody has. */
  async comeAndGo(): Promise<PresenceFigures[]> {
    const goes: PresenceFigures[] = [];
    const comes: PresenceFigures[] = [];
    for (let n = 0; n < GOINGS; n++) {
      goes.push(
        await this.#measured("goes", 1, async () => {
          for (const { ada } of this.#pairs) ada.cut();
          await this.#beaHeard(1);
        }),
      );
      comes.push(
        await this.#measured("comes back, with all that joining is", 1, async () => {
          for (const { ada } of this.#pairs) await ada.come();
          await this.#beaHeard(1);
        }),
      );
    }
    return [together(goes), together(comes)];
  }

  #since = new Map<LeanPhone, number>();

  async #measured(what: string, rounds: number, work: (round: number) => Promise<void>): Promise<PresenceFigures> {
    this.#since = new Map(this.#phones().map((phone) => [phone, phone.heard.frames]));
    const [told, before, began] = [this.#told(), this.#world.cpu(), performance.now()];
    for (let round = 0; round < rounds; round++) await work(round);
    await wait(ROUND_MS);
    const spent = this.#beyondIdle(cpuBetween(before, this.#world.cpu()), performance.now() - began);
    const now = this.#told();
    const count = rounds * this.#pairs.length;
    const [toldBytes, frames] = [(now.bytes - told.bytes) / count, (now.frames - told.frames) / count];
    return { what, count, serverCpuMs: spent.nodes / count, databaseCpuMs: spent.postgres / count, toldBytes, frames };
  }

  #beyondIdle({ nodes, postgres }: Cpu, ms: number) {
    return { nodes: nodes * 1000 - this.#idle.nodes * ms, postgres: postgres * 1000 - this.#idle.postgres * ms };
  }

  #phones(): LeanPhone[] {
    return this.#pairs.flatMap(({ ada, bea }) => [ada, bea]);
  }

  #told() {
    const heard = this.#phones().map((phone) => phone.heard);
    const sum = (of: "bytes" | "frames") => heard.reduce((all, one) => all + one[of], 0);
    return { bytes: sum("bytes"), frames: sum("frames") };
  }

  /** Every Bea has been told so many times more since. */
  async #beaHeard(times: number): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    const isBehind = ({ bea }: Pair) => bea.heard.frames < (this.#since.get(bea) ?? 0) + times;
    while (this.#pairs.some(isBehind)) {
      if (performance.now() > deadline) throw new Error("A twin was not told");
      await wait(LOOK_AGAIN_MS);
    }
  }
}

/** As many of each, so that the mean of all is the mean of their means. */
function together(figures: readonly PresenceFigures[]): PresenceFigures {
  const mean = (of: Exclude<keyof PresenceFigures, "what">) =>
    figures.reduce((sum, one) => sum + one[of], 0) / figures.length;
  const [serverCpuMs, databaseCpuMs] = [mean("serverCpuMs"), mean("databaseCpuMs")];
  const [toldBytes, frames, count] = [mean("toldBytes"), mean("frames"), mean("count") * figures.length];
  return { what: figures[0]?.what ?? "", count, serverCpuMs, databaseCpuMs, toldBytes, frames };
}

export function presenceTable(figures: readonly PresenceFigures[]): string {
  const rows = figures.map(({ what, serverCpuMs, databaseCpuMs, toldBytes, frames }) => {
    const costs = [serverCpuMs.toFixed(3), databaseCpuMs.toFixed(3), toldBytes.toFixed(0), frames.toFixed(1)];
    return `| ${[what, ...costs].join(" | ")} |`;
  });
  return `| one of the two | server CPU ms | PostgreSQL CPU ms | bytes told to both | frames |\n|---|---|---|---|---|\n${rows.join("\n")}`;
}

if (import.meta.main) {
  const { json } = commandLine("node bench/presence.ts [--json]", () =>
    parseArgs({ options: { json: { type: "boolean" } } }),
  ).values;
  const figures = await measurePresence(PRESENCE_PAIRS, (done) => console.error(`… ${done}`));
  console.log(json ? JSON.stringify(figures) : presenceTable(figures));
  process.exit();
}
