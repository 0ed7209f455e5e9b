/** The figures of docs/capacity.md, on this machine: `npm run bench`, or some of them: `npm run bench -- chat rooms start`. */
import { cpus } from "node:os";
import { temporaryDatabase } from "../tests/support/postgres.ts";
import { ChatBench } from "./chat.ts";
import { type Figures, median } from "./figures.ts";
import { measureRooms } from "./rooms.ts";
import { measureStart } from "./start.ts";

const SECONDS = 5;
const ROUNDS = 3;
const PAIRS = 200;
const ROOMS = 1000;

const TOGETHER = { pairs: PAIRS, rowsPerBatch: 500, lanes: 2 };
const APART = { pairs: PAIRS, rowsPerBatch: 1, lanes: 2 };

const wanted = process.argv.slice(2);
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

console.log(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}\n`);
if (isWanted("start")) await start();
if (isWanted("chat")) await chat();
if (isWanted("rooms")) await rooms();

async function start(): Promise<void> {
  const { first, later } = await measureStart();
  say("embedded start to /ready, the first time", `${first.toFixed(0)} ms`);
  say("embedded start to /ready, later", `${median(later).toFixed(0)} ms (median of ${later.length})`);
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

function sayFigures(what: string, { perSecond, p50, p99 }: Figures): void {
  say(what, `${perSecond.toFixed(0).padStart(6)} /s   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`);
}

function say(what: string, figure: string): void {
  console.log(`${what.padEnd(60)} ${figure}`);
}
