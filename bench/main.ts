/** The figures of docs/capacity.md, on this machine: `npm run bench`, or some of them: `npm run bench -- accounts assessments research staff chat rooms start premium media storm scale twintuition fair-time deploy`, `--json` besides for machines. */
import { cpus } from "node:os";
import { temporaryDatabase } from "../tests/support/postgres.ts";
import { measureAccounts } from "./accounts.ts";
import { measureAssessments } from "./assessments.ts";
import { ChatBench } from "./chat.ts";
import { measureDeploy } from "./deploy.ts";
import { judgeFairTime } from "./fair-time.ts";
import { type Figures, median } from "./figures.ts";
import { measureMedia } from "./media.ts";
import { measurePremium } from "./premium.ts";
import { measureResearch } from "./research.ts";
import { measureRooms } from "./rooms.ts";
import { measureScale } from "./scale.ts";
import { measureStaff } from "./staff.ts";
import { measureStart } from "./start.ts";
import { measureStorm } from "./storm.ts";
import { measureTwintuition } from "./twintuition.ts";

const SECONDS = 5;
const ROUNDS = 3;
const PAIRS = 200;
const ROOMS = 1000;

const TOGETHER = { pairs: PAIRS, rowsPerBatch: 500, lanes: 2 };
const APART = { pairs: PAIRS, rowsPerBatch: 1, lanes: 2 };

const NODES = 3;
const STORM_PAIRS = 1000;
const SCALE = [100, 10_000];

const wanted = process.argv.slice(2).filter((name) => name !== "--json");
const json: unknown[] = [];
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

console.log(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}\n`);
if (isWanted("start")) await start();
if (isWanted("accounts")) await accounts();
if (isWanted("assessments")) await assessments();
if (isWanted("research")) await research();
if (isWanted("staff")) await staff();
if (isWanted("chat")) await chat();
if (isWanted("rooms")) await rooms();
if (isWanted("premium")) await premium();
if (isWanted("media")) await media();
if (isWanted("storm")) await storm();
if (isWanted("scale")) await scale();
if (isWanted("twintuition")) await felt();
if (isWanted("fair-time")) fairTime();
if (isWanted("deploy")) await deploy();
if (process.argv.includes("--json")) console.log(JSON.stringify(json));

async function staff(): Promise<void> {
  const figures = await measureStaff();
  const told = (name: string, { p50, p99 }: Figures) => `${name}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  console.log("1,000,000 accounts, 100,000 reports");
  for (const [name, one] of Object.entries(figures)) console.log(told(name, one));
  json.push({ name: "staff", ...figures });
}

async function start(): Promise<void> {
  const { first, later } = await measureStart();
  say("embedded start to /ready, the first time", `${first.toFixed(0)} ms`);
  say("embedded start to /ready, later", `${median(later).toFixed(0)} ms (median of ${later.length})`);
}

async function felt(): Promise<void> {
  const { alert, press, moment } = await measureTwintuition();
  sayFigures("an alert, until the twin's phone has heard it", alert);
  sayFigures("a press, until it is answered", press);
  sayFigures("… that meets another, until both know", moment);
}

function fairTime(): void {
  console.log("| links, one way | apart | mean error | worst | stated | outside |\n|---|---|---|---|---|---|");
  for (const { links, apartMs, meanError, worstError, uncertainty, outside } of judgeFairTime()) {
    const figures = [apartMs, meanError, worstError, uncertainty].map((ms) => `${Math.round(ms)} ms`);
    console.log(`| ${[links, ...figures, outside].join(" | ")} |`);
  }
}

async function accounts(): Promise<void> {
  const { profile, profilesPerCpuSecond, quiet, duringLogins, loginsPerSecond } = await measureAccounts(SECONDS);
  sayFigures("GET /users/profile, signed in, 16 at a time", profile);
  say("… for a second of the server's CPU", `${profilesPerCpuSecond.toFixed(0)}`);
  sayFigures("the smallest answer there is, nobody signing in", quiet);
  sayFigures("… while twenty sign in at once, again and again", duringLogins);
  say("… sign-ins", `${loginsPerSecond.toFixed(0)} /s`);
}

async function research(): Promise<void> {
  const { single, batch, again, intake, release, pairs } = await measureResearch();
  sayTimes("an event of telemetry", single);
  sayTimes("1,000 events of telemetry", batch);
  sayTimes("the same 1,000 again", again);
  sayTimes("intake of a completed assessment", intake);
  say(`a release of ${pairs} pairs, with all its files`, `${release.toFixed(0)} ms`);
}

async function assessments(): Promise<void> {
  const { scoring, answer, message, results } = await measureAssessments();
  sayTimes("scoring 150 answers", scoring);
  sayTimes("assessment.answer, acknowledged", answer);
  sayTimes("chat.send over the same socket, in turns with it", message);
  sayTimes("GET /assessments/:id/results", results);
}

async function chat(): Promise<void> {
  const { pool, close } = await temporaryDatabase(20);
  const bench = new ChatBench(pool);
  await bench.closedLoop(TOGETHER, SECONDS);
  const ratios: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const together = await bench.closedLoop(TOGETHER, SECONDS);
    const apart = await bench.closedLoop(APART, SECONDS);
    ratios.push(together.perSecond / apart.perSecond);
    sayFigures(`${PAIRS} pairs, rows of all in one commit (${round})`, together);
    sayFigures(`${PAIRS} pairs, one message a commit (${round})`, apart);
    const half = apart.perSecond / 2;
    sayFigures(`… the first at half the second's rate, open loop`, await bench.openLoop(TOGETHER, half, SECONDS));
    sayFigures(`… the second at half its rate, open loop`, await bench.openLoop(APART, half, SECONDS));
  }
  say("together : apart", `${median(ratios).toFixed(1)} (median of ${ROUNDS})`);
  const alone = await bench.closedLoop({ ...TOGETHER, pairs: 1 }, SECONDS);
  const bare = await bench.bareCommit();
  sayFigures("one pair alone", alone);
  say("a bare commit of one row", `p50 ${bare.p50.toFixed(2)} ms`);
  say("an acknowledgement above that", `p50 ${(alone.p50 - bare.p50).toFixed(2)} ms`);
  await close();
}

async function rooms(): Promise<void> {
  const figures = await measureRooms(ROOMS, (what) => console.error(`… ${what}`));
  sayFigures(`activating a cold room, by a stock client`, figures.activation);
  sayFigures(`joining an open room, by a stock client`, figures.join);
  say(`a room, of ${ROOMS}`, `${figures.room.toFixed(1)} KiB of heap and buffers`);
  say("a connection", `${figures.connection.toFixed(1)} KiB of heap and buffers`);
  say(`${ROOMS} idle rooms with ${2 * ROOMS} idle connections`, `${figures.idleCpu.toFixed(2)} % of a core`);
}

async function premium(): Promise<void> {
  const { events, entitlements, switches, foldMs } = await measurePremium(SECONDS);
  sayFigures("an event of RevenueCat, without an API key, 8 at a time", events);
  sayFigures("what somebody may do, 8 at a time", entitlements);
  sayFigures("from an order at /dev/store to the phone", switches);
  say("what 1,000 events of one person come to", ms(foldMs));
}

async function media(): Promise<void> {
  const { photoBytes, photo, recording, inspectorMiB, quiet, meanwhile } = await measureMedia();
  const long = ({ p50, p99 }: Figures) => `p50 ${p50.toFixed(0)} ms   slowest ${p99.toFixed(0)} ms`;
  say(`a photo of 12 megapixels, ${(photoBytes / 1e6).toFixed(1)} MB, from complete to ready`, long(photo));
  say("three minutes of sound (WAV), from complete to ready", long(recording));
  say("most memory of a process that looks at files", `${inspectorMiB.toFixed(0)} MiB`);
  sayFigures("the smallest answer there is, nothing being checked", quiet);
  sayFigures("… while photos are, one after the other", meanwhile);
}

async function storm(): Promise<void> {
  const size = { nodes: NODES, pairs: STORM_PAIRS };
  const storms = await measureStorm(size, ["cut", "killed"], (what) => console.error(`… ${what}`));
  json.push(...storms);
  for (const { blow, lost, back, retried, quiet, during, cpu, seconds } of storms) {
    say(
      `${lost} of ${2 * STORM_PAIRS} sockets ${blow}, ${NODES} nodes`,
      `50 % back in ${ms(back.p50)}, 99 % in ${ms(back.p99)}`,
    );
    say("… seats asked for again", `${retried}`);
    say("… a bystander's acknowledgement, quiet", `p50 ${ms(quiet.answers.p50)}   p99 ${ms(quiet.answers.p99)}`);
    say("… a bystander's acknowledgement, meanwhile", `p50 ${ms(during.answers.p50)}   p99 ${ms(during.answers.p99)}`);
    if (during.cut > 0) say("… bystanders whose line went with the node, among these", `${during.cut}`);
    const each = (part: number) => `${((part / lost) * 1000).toFixed(1)} ms`;
    const costs = `nodes ${each(cpu.nodes)}, PostgreSQL ${each(cpu.postgres)}, balancer ${each(cpu.balancer)}, load ${each(cpu.load)}`;
    say(`… CPU a socket, over ${seconds.toFixed(1)} s`, costs);
  }
}

async function scale(): Promise<void> {
  for (const nodes of [1, NODES]) {
    const measured = await measureScale(nodes, SCALE, (what) => console.error(`… ${what}`));
    json.push(...measured);
    for (const { rooms, answers, sendsPerSecond, nodeCpuMs, postgresCpuMs, idleCpu } of measured) {
      const times = `p50 ${ms(answers.p50)}   p99 ${ms(answers.p99)} at ${sendsPerSecond.toFixed(0)} /s`;
      say(`${rooms} rooms alive on ${nodes} node(s), an acknowledgement`, times);
      say("… CPU a send", `nodes ${nodeCpuMs.toFixed(2)} ms, PostgreSQL ${postgresCpuMs.toFixed(2)} ms`);
      say("… all nodes while nobody speaks", `${idleCpu.toFixed(1)} % of a core`);
    }
  }
}

async function deploy(): Promise<void> {
  for (const { what, messages, cpuMs } of await measureDeploy(SECONDS)) {
    sayFigures(what, messages);
    say("  … CPU of the server, each", `${cpuMs.toFixed(2)} ms`);
  }
}

function ms(time: number | null): string {
  return `${(time ?? Number.NaN).toFixed(1)} ms`;
}

function sayFigures(what: string, { perSecond, p50, p99 }: Figures): void {
  say(what, `${perSecond.toFixed(0).padStart(6)} /s   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`);
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(60)} ${figure}`);
}

function sayTimes(what: string, { p50, p99 }: Figures): void {
  say(what, `p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms`);
}
