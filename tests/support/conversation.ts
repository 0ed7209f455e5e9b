import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./embedded.ts";
import type { PairedUp } from "./entrance.ts";
import { checkHistory, type Observation, type Truth, type Violation } from "./history-checker.ts";
import { Random } from "./random.ts";
import { type Farewell, Talker } from "./talker.ts";

export interface ConversationOptions {
  readonly seed: number;
  readonly pairs?: number;
  readonly pauseMs?: number;
}

/** What became of it. */
export interface Outcome {
  readonly acknowledged: number;
  readonly gaps: readonly number[];
  readonly farewells: readonly Farewell[];
  readonly violations: readonly Violation[];
  readonly observations: number;
}

const ON_MS = 30_000;

/** More would not be read. */
const SHOWN = 20;

/** Some pairs that talk without end by way of the balancer, while a test does what it wants to their servers. */
export class Conversation {
  readonly pairs: readonly PairedUp[];
  readonly talkers: readonly Talker[];
  readonly #cluster: Cluster;
  readonly #record: Observation[];
  readonly #enough: AbortController;
  readonly #talk: Promise<unknown>;

  private constructor(of: {
    cluster: Cluster;
    pairs: readonly PairedUp[];
    talkers: readonly Talker[];
    record: Observation[];
    enough: AbortController;
  }) {
    this.#cluster = of.cluster;
    this.pairs = of.pairs;
    this.talkers = of.talkers;
    this.#record = of.record;
    this.#enough = of.enough;
    this.#talk = Promise.all(of.talkers.map((talker) => talker.talk()));
    // Whoever ends it hears of it.
    this.#talk.catch(() => undefined);
  }

  /** Everybody has been answered once. */
  static async begin(cluster: Cluster, options: ConversationOptions): Promise<Conversation> {
    const { seed, pairs: count = 3, pauseMs = 5 } = options;
    const random = new Random(seed);
    const pairs: PairedUp[] = [];
    for (let pair = 0; pair < count; pair++) pairs.push(await cluster.entrance.pairUp());
    const record: Observation[] = [];
    const enough = new AbortController();
    const talkers = pairs.flatMap(({ ada, bea, pairId }) =>
      [ada, bea].map((who) => {
        const of = { seed: random.below(1_000_000), record, until: enough.signal, pauseMs };
        return new Talker(cluster.entrance, who, pairId, of);
      }),
    );
    const conversation = new Conversation({ cluster, pairs, talkers, record, enough });
    await conversation.goesOn(1);
    return conversation;
  }

  get acknowledged(): number {
    return this.talkers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** Until everybody has been answered so many times more. */
  async goesOn(times = 3, withinMs = ON_MS): Promise<void> {
    const goals = this.talkers.map((talker) => [talker, talker.acknowledged + times] as const);
    await eventually(() => goals.every(([{ acknowledged }, goal]) => acknowledged >= goal), withinMs);
  }

  /** Whether nobody is answered for so long. */
  async isSilent(forMs: number): Promise<boolean> {
    const before = this.acknowledged;
    return !(await holdsWithin(forMs, () => this.acknowledged > before));
  }

  /** Brings it to an end, and looks whether everything is as promised. */
  async end(): Promise<Outcome> {
    await this.stop();
    for (const talker of this.talkers) await talker.settle();
    const truths = new Map<string, Truth>();
    for (const pair of this.pairs) truths.set(pair.pairId, await this.#cluster.truthOf(pair));
    const violations = checkHistory(this.#record, truths);
    if (violations.length > 0)
      console.error(`      all that was heard: ${keepEvidence(violations, this.#record, truths)}`);
    return {
      acknowledged: this.acknowledged,
      gaps: this.talkers.flatMap(({ gaps }) => gaps),
      farewells: this.talkers.flatMap(({ farewells }) => farewells),
      violations,
      observations: this.#record.length,
    };
  }

  async stop(): Promise<void> {
    this.#enough.abort();
    await this.#talk;
  }
}

export function assertNoHarm({ violations, observations }: Pick<Outcome, "violations" | "observations">): void {
  const words = violations.slice(0, SHOWN).map(({ promise, pair, says }) => `[${promise}] ${pair.slice(-4)}: ${says}`);
  assert.equal(violations.length, 0, `${violations.length} of ${observations} observations:\n${words.join("\n")}`);
}

/** For whoever looks for the cause: what each phone of the pairs concerned asked, was answered and heard, in its order. */
function keepEvidence(
  violations: readonly Violation[],
  record: readonly Observation[],
  truths: ReadonlyMap<string, Truth>,
): string {
  const pairs = new Set(violations.map(({ pair }) => pair));
  const of = {
    record: record.filter(({ pair }) => pairs.has(pair)),
    truths: [...truths].filter(([pair]) => pairs.has(pair)),
  };
  const file = join(mkdtempSync(join(tmpdir(), "twinship-evidence-")), "record.json");
  writeFileSync(file, JSON.stringify({ violations, ...of }, null, 1));
  return file;
}

async function holdsWithin(ms: number, holds: () => boolean): Promise<boolean> {
  try {
    await eventually(holds, ms);
    return true;
  } catch {
    return false;
  }
}
