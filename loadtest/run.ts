/**
 * The scenarios without a terminal, for figures and for CI:
 * `node run.ts --scenario chat-pair --pairs 100 --seconds 30 --url http://localhost:3000 [--json]`.
 * Ends with 0 if everybody joined and nothing failed.
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "./command-line.ts";
import type { Line } from "./line.ts";
import { type Person, preparePeople, readPeople } from "./people.ts";
import { type Pace, SCENARIOS, type Scenario } from "./scenarios.ts";
import { type Figures, type Spread, Tally } from "./tally.ts";

/** Enough to keep a server busy, and not enough to be a storm. */
const JOINS_AT_ONCE = 20;

const USAGE = `npm run headless -- [--scenario chat-pair] [--pairs 100] [--seconds 30] [--url http://localhost:3000] [--json]
  --scenario  one of ${Object.keys(SCENARIOS).join(", ")}
  --people    whose tokens, from a file of npm run people; signed up for it unless said
  --think     milliseconds between an acknowledgement and the next message; 0 unless said
  --every     milliseconds between two storms; 10000 unless said`;

const { values, scenario } = commandLine(USAGE, () => {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", default: "chat-pair" },
      pairs: { type: "string", default: "100" },
      seconds: { type: "string", default: "30" },
      url: { type: "string", default: "http://localhost:3000" },
      people: { type: "string" },
      think: { type: "string", default: "0" },
      every: { type: "string", default: "10000" },
      json: { type: "boolean", default: false },
    },
  });
  const scenario = SCENARIOS[values.scenario];
  if (!scenario) throw new Misuse(`There is no scenario ${values.scenario}`);
  for (const name of ["pairs", "seconds", "think", "every"] as const)
    if (!/^\d+$/.test(values[name])) throw new Misuse(`--${name} must be a whole number`);
  if (URL.parse(values.url) === null) throw new Misuse("--url must be a URL");
  return { values, scenario };
});
const people = await peopleFor(2 * Number(values.pairs));
const pace = { thinkMs: Number(values.think), everyMs: Number(values.every) };
const { figures, loadCpuPercent } = await run(scenario, people, pace, Number(values.seconds));
const result = { scenario: values.scenario, url: values.url, phones: people.length, loadCpuPercent, ...figures };
if (values.json) console.log(JSON.stringify(result));
else print(result);
const isWhole = figures.joined === people.length && Object.keys(figures.errors).length === 0;
process.exit(isWhole ? 0 : 1);

async function peopleFor(count: number): Promise<readonly Person[]> {
  if (values.people === undefined) console.error(`… signing up ${count} people`);
  const { people } = values.people ? readPeople(values.people) : await preparePeople(values.url, count / 2);
  if (people.length < count) throw new Error(`${values.people} holds ${people.length} people, and ${count} are wanted`);
  return people.slice(0, count);
}

async function run(scenario: Scenario, people: readonly Person[], pace: Pace, seconds: number) {
  const tally = new Tally();
  console.error(`… ${people.length} phones join`);
  const lines = await joinAll(scenario, people, pace, tally);
  tally.begin();
  const before = process.cpuUsage();
  console.error(`… for ${seconds} s`);
  await wait(seconds * 1000);
  const figures = tally.figures();
  const { user, system } = process.cpuUsage(before);
  await Promise.all(lines.map((line) => line.close()));
  return { figures, loadCpuPercent: Math.round((user + system) / 1e4 / figures.seconds) };
}

async function joinAll(scenario: Scenario, people: readonly Person[], pace: Pace, tally: Tally): Promise<Line[]> {
  const lines: Line[] = [];
  const waiting = [...people];
  const join = (person: Person) =>
    scenario({ endpoint: values.url.replace(/^http/, "ws"), roomName: "pair", person, tally }, pace).then(
      (line) => void lines.push(line),
      ({ message }) => tally.failure(`join: ${message}`),
    );
  const worker = async () => {
    for (let person = waiting.shift(); person; person = waiting.shift()) await join(person);
  };
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
  return lines;
}

function print(result: Figures & { scenario: string; url: string; phones: number; loadCpuPercent: number }): void {
  const { scenario, url, phones, seconds, joined, acknowledged, acknowledgedPerSecond } = result;
  console.log(`${scenario}, ${phones} phones at ${url}, ${seconds} s`);
  say("joined", `${joined} of ${phones}`, result.joins);
  say("acknowledged", `${acknowledged} (${acknowledgedPerSecond}/s)`, result.answers);
  say("on the twin's phone", `${result.deliveries.count}`, result.deliveries);
  say("lines cut, and back", `${result.cut}, ${result.returns.count}`, result.returns);
  say("tried again", `${result.retried}`);
  say("this process", `${result.loadCpuPercent} % of a core`);
  for (const [message, count] of Object.entries(result.errors)) say("failed", `${count} × ${message}`);
}

function say(what: string, figure: string, spread?: Spread): void {
  const times = spread?.p50 == null ? "" : `p50 ${spread.p50} ms   p99 ${spread.p99} ms   most ${spread.max} ms`;
  console.log(`  ${what.padEnd(22)} ${figure.padEnd(22)} ${times}`.trimEnd());
}
