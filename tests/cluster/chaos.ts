/** Faults at random, one and several at once, while people talk: `npm run chaos -- --minutes 10 --seed 7`. */
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "../../server/command-line.ts";
import { Cluster } from "../support/cluster.ts";
import type { Conversation, Outcome } from "../support/conversation.ts";
import { Random } from "../support/random.ts";
import { hasRedis } from "../support/redis.ts";
import { partOf, Reliability, tableOf } from "../support/reliability.ts";
import { type ChaosFault, KILLS, OTHERS } from "./chaos-faults.ts";
import { machine, underFault } from "./under-fault.ts";

const PAIRS = 4;

const USAGE = `npm run chaos [-- --minutes 10 --seed 7]
  faults at random, one and several at once, while people talk; the same seed brings the same faults`;

const { minutes, seed } = commandLine(USAGE, () => {
  const options = { minutes: { type: "string", default: "10" }, seed: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed ?? Date.now() % 1_000_000)];
  if (minutes > 0 && Number.isInteger(seed)) return { minutes, seed };
  throw new Misuse("--minutes must be a number above 0, --seed a whole number");
});

const random = new Random(seed);
const results = new Reliability();
const began = performance.now();
const isOver = () => isInterrupted || performance.now() - began > minutes * 60_000;
let isInterrupted = false;
let harm = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    say("this round is finished, and then it ends");
    isInterrupted = true;
  });
}

console.log(`seed ${seed}, ${minutes} minutes, ${machine()}`);
if (!hasRedis()) console.log("!!! no redis-server here: faults of Redis do nothing");
const cluster = await Cluster.create({ isWired: true, redis: hasRedis() });
try {
  for (let round = 1; !isOver(); round++) await play(round);
} catch (error) {
  harm += 1;
  console.error(`\nIt did not go on (seed ${seed}):`, error);
  for (const { name, server } of cluster.nodes) console.error(`\nnode ${name} said:\n${server.log()}`);
} finally {
  await cluster.remove();
}
const file = results.save("chaos", { at: new Date().toISOString(), machine: machine(), seed });
console.log(`\n${tableOf(results.rows)}\n\nseed ${seed}; figures in ${file}`);
console.log(harm === 0 ? "Nothing was lost, doubled or forked." : `${harm} rounds went WRONG.`);
process.exit(harm === 0 ? 0 : 1);

/** Every other round kills; of the rest, two in five have two or three faults at once. */
async function play(round: number): Promise<void> {
  const faults = round % 2 === 1 ? [KILLS] : chosen();
  const [first = KILLS, ...more] = faults;
  const of = more.length > 0 ? { fault: "several faults at once", invariant: "P1-P11" } : rowOf(first);
  const inject = async (talk: Conversation) => {
    await Promise.all(faults.map((fault) => fault.inject(cluster, talk, new Random(random.below(1_000_000)))));
    await cluster.heal();
    await cluster.whole();
  };
  const outcome = await underFault(cluster, { ...of, pairs: PAIRS, results, seed: random.below(1_000_000) }, inject);
  tell(round, faults, outcome);
}

function chosen(): readonly ChaosFault[] {
  const count = random.percent(60) ? 1 : 2 + random.below(2);
  const faults: ChaosFault[] = [];
  while (faults.length < count) {
    const fault = random.pick(OTHERS);
    if (!faults.some(({ place }) => place === fault.place)) faults.push(fault);
  }
  return faults;
}

function rowOf({ name: fault, invariant, times: runs }: ChaosFault) {
  return { fault, invariant, runs };
}

function tell(round: number, faults: readonly ChaosFault[], { acknowledged, gaps, violations }: Outcome): void {
  const worst =
    gaps.length === 0
      ? "nobody waited"
      : `gap p50 ${partOf(gaps, 0.5).toFixed(0)}, max ${partOf(gaps, 1).toFixed(0)} ms`;
  const names = faults.map(({ name }) => name).join(" + ");
  say(`${round}. ${names}: ${acknowledged} acknowledged, ${worst}${violations.length > 0 ? ", HARM" : ""}`);
  for (const { promise, pair, device, says } of violations)
    console.error(`  [${promise}] ${pair} ${device ?? ""}: ${says}`);
  if (violations.length > 0) harm += 1;
}

function say(text: string): void {
  const seconds = Math.floor((performance.now() - began) / 1000);
  console.log(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}  ${text}`);
}
