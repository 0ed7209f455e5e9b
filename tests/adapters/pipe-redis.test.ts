import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Redis } from "ioredis";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import { type RedisPipesDeps, redisPipes } from "../../server/adapters/pipe/redis.ts";
import { answerOpen, readGreeting } from "../../server/adapters/pipe/redis-greetings.ts";
import { SealedPipe } from "../../server/adapters/pipe/sealed-pipe.ts";
import { openRedis } from "../../server/adapters/redis/open.ts";
import { endOf, noWay, PATIENT_MS, pipeContract, type TwoProcesses, writeAll } from "../contracts/pipe.contract.ts";
import { eventually } from "../support/embedded.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

const KEY = "a key that these two processes share";
const OTHER_KEY = "a key that another cluster has got";

const log = { info: () => undefined, warn: () => undefined };

const neighbour = (processId: string) => ({ processId, address: "" });

const channelOf = (processId: string) => `twinship:pipe:${processId}`;

/** What Redis may do to a frame. */
const FAULTS = ["lost", "doubled", "swapped"] as const;

describeWithRedis("pipes over Redis", () => {
  let server: TestRedis;
  const opened: { close(): Promise<void> }[] = [];
  let named = 0;

  before(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  after(() => server.stop());

  /** A process that accepts what comes with `accept`. */
  async function start(name: string, deps: Partial<RedisPipesDeps> & { readonly keys?: readonly string[] } = {}) {
    const redis = openRedis({ url: server.url, log });
    const accepted: Duplex[] = [];
    const accept = (duplex: Duplex) => void accepted.push(duplex.on("error", () => duplex.destroy()));
    const key = clusterKey(deps.keys ?? [KEY]);
    const pipes = redisPipes({ redis, processId: name, key, accept, log, ...deps });
    await pipes.start();
    const close = async () => {
      await pipes.close();
      await redis.close();
    };
    opened.push({ close });
    return { name, pipes, accepted, close };
  }

  async function openTwo(accept: (duplex: Duplex) => void): Promise<TwoProcesses> {
    const tag = named++;
    const at = (name: string) => `${name}${tag}`;
    const one = (name: string, key: string) => start(at(name), { keys: [key], accept });
    const all = await Promise.all([one("here", KEY), one("there", KEY), one("other", OTHER_KEY)]);
    opened.splice(0);
    const silent = new Redis(server.url);
    await silent.subscribe(channelOf(at("silent")));
    const close = async () => {
      silent.disconnect();
      for (const each of all) await each.close();
    };
    return {
      pipes: all[0].pipes,
      there: neighbour(at("there")),
      nobody: { at: neighbour(at("nobody")), why: "silent" },
      silent: neighbour(at("silent")),
      otherKey: neighbour(at("other")),
      close,
    };
  }

  pipeContract("Redis", openTwo);

  /** A pair of ends between two new processes. */
  async function pair(deps: Partial<RedisPipesDeps> = {}) {
    const tag = named++;
    const [here, there] = await Promise.all([start(`here${tag}`, deps), start(`there${tag}`, deps)]);
    const ours = await here.pipes.open(neighbour(there.name), undefined, PATIENT_MS);
    ours.on("error", () => ours.destroy());
    await eventually(() => there.accepted.length === 1);
    const theirs = there.accepted[0];
    assert.ok(theirs);
    return { here, there, ours, theirs };
  }

  /** Somebody who listens in, and can speak, without the key. */
  async function intruder(...processIds: readonly string[]) {
    const [ears, mouth] = [new Redis(server.url), new Redis(server.url)];
    const heard: Buffer[] = [];
    ears.on("messageBuffer", (_channel: Buffer, frame: Buffer) => heard.push(Buffer.from(frame)));
    opened.push({
      async close() {
        for (const each of [ears, mouth]) each.disconnect();
      },
    });
    await ears.subscribe(...processIds.map(channelOf));
    return { heard, ears, say: (to: string, frame: Buffer) => mouth.publish(channelOf(to), frame) };
  }

  async function echoes(ours: Duplex, theirs: Duplex, said: string): Promise<void> {
    ours.write(said);
    const [heard] = await once(theirs, "data");
    assert.equal(String(heard), said);
  }

  it("[PI8] a chunk that somebody repeats ends the pipe at both ends", async () => {
    const { there, ours, theirs } = await pair();
    const { heard, say } = await intruder(there.name);
    const ended = Promise.all([endOf(ours), endOf(theirs)]);
    await echoes(ours, theirs, "once");
    await eventually(() => heard.length > 0);
    await say(there.name, heard[0] ?? Buffer.alloc(0));
    await ended;
  });

  it("[PI8] a chunk that somebody invents ends the pipe at both ends", async () => {
    const { here, there, ours, theirs } = await pair();
    const { heard, say } = await intruder(there.name, here.name);
    const ended = Promise.all([endOf(ours), endOf(theirs)]);
    await echoes(ours, theirs, "true");
    await eventually(() => heard.length > 0);
    const invented = Buffer.from(heard[0] ?? "");
    invented.writeUIntBE(invented.readUIntBE(18, 6) + 1, 18, 6);
    await say(there.name, invented);
    await ended;
  });

  for (const fault of FAULTS) {
    it(`[PI8] a chunk that Redis ${fault} ends the pipe at both ends, without a hole`, async () => {
      const redis = openRedis({ url: server.url, log });
      opened.push(redis);
      const faulty = faultyOnce(redis.commands, fault);
      const tag = named++;
      const there = await start(`there${tag}`, { tickMs: 20 });
      const here = await start(`here${tag}`, {
        redis: { commands: faulty },
        tickMs: 20,
      });
      const ours = await here.pipes.open(neighbour(there.name), undefined, PATIENT_MS);
      await eventually(() => there.accepted.length === 1);
      const theirs = there.accepted[0];
      assert.ok(theirs);
      const ended = Promise.all([endOf(ours), endOf(theirs)]);
      const heard: Buffer[] = [];
      theirs.on("data", (piece) => heard.push(piece));
      const pieces = Array.from({ length: 20 }, (_, n) => Buffer.alloc(1000, n));
      for (const [n, piece] of pieces.entries()) {
        if (n === 10) faulty.arm();
        ours.write(piece);
        await nextTurn();
      }
      await ended;
      assert.ok(faulty.hasFired());
      const read = Buffer.concat(heard);
      assert.ok(read.length >= 10_000 && read.length < 20_000);
      assert.ok(read.equals(Buffer.concat(pieces).subarray(0, read.length)));
    });
  }

  it("[PI5] nobody who listens in reads what is said, or opens a pipe by repeating what was said", async () => {
    const tag = named++;
    const [here, there] = await Promise.all([start(`here${tag}`), start(`there${tag}`)]);
    const { heard, say } = await intruder(here.name, there.name);
    const ours = await here.pipes.open(neighbour(there.name), undefined, PATIENT_MS);
    ours.on("error", () => ours.destroy());
    await eventually(() => there.accepted.length === 1);
    const theirs = there.accepted[0];
    assert.ok(theirs);
    await echoes(ours, theirs, "a secret between twins");
    ours.destroy();
    await endOf(theirs.resume());
    await eventually(() => heard.length >= 5);
    const recorded = heard.splice(0);
    assert.equal(Buffer.concat(recorded).includes("secret"), false);
    for (const frame of recorded) await say(there.name, frame);
    await eventually(() => heard.some((frame) => readGreeting(frame)?.says === "opened"));
    const again = await here.pipes.open(neighbour(there.name), undefined, PATIENT_MS);
    await eventually(() => there.accepted.length > 1);
    assert.equal(there.accepted.length, 2);
    again.destroy();
  });

  it("[PI5] nobody can talk a process out of its neighbour by answering in its place", async () => {
    const tag = named++;
    const here = await start(`here${tag}`);
    const there = `there${tag}`;
    const { ears, say } = await intruder(there);
    const [right, wrong] = [clusterKey([KEY]), clusterKey([OTHER_KEY])];
    let theirs: SealedPipe | undefined;
    ears.on("messageBuffer", async (_channel: Buffer, frame: Buffer) => {
      const asked = readGreeting(frame);
      if (asked?.says !== "open") return theirs?.receive(frame);
      const way = { from: here.name, to: there };
      const [stranger, answer, later] = [wrong, right, right].map((key) => answerOpen(key, asked, way));
      assert.ok(stranger && answer?.secret && later);
      const forged = Buffer.from(later.frame);
      forged.write("x".repeat(10), forged.indexOf('"proof":"') + 9);
      const send = (sealed: Buffer) => say(here.name, sealed);
      theirs = new SealedPipe({ secret: answer.secret, side: "acceptor", send, closed: () => undefined });
      for (const said of [stranger.frame, forged, answer.frame, answer.frame, later.frame]) await send(said);
    });
    const ours = await here.pipes.open(neighbour(there), undefined, PATIENT_MS);
    ours.on("error", () => ours.destroy());
    assert.ok(theirs);
    await echoes(ours, theirs, "the true one");
    ours.destroy();
    await endOf(theirs.resume());
  });

  it("[PI5] noise on a channel is nothing, nor is the question that opened a pipe when it comes again", async () => {
    const { heard, say } = await intruder(`there${named}`);
    const { here, there, ours, theirs } = await pair();
    const noise = ["", "\x01", "\x02", "\x01{}", '\x01{"says":"open","id":3}', "\x02\x00", "\x09later version", "{"];
    for (const said of noise) for (const { name } of [here, there]) await say(name, Buffer.from(said));
    await say(there.name, Buffer.alloc(100_000, 1));
    const questions = heard.filter((frame) => readGreeting(frame)?.says === "open");
    assert.equal(questions.length, 1);
    for (const question of questions) await say(there.name, question);
    await echoes(ours, theirs, "still here");
    ours.destroy();
  });

  it("[PI10] a key can be changed while processes run; who has none of the others' keys is a stranger", async () => {
    const tag = named++;
    const old = await start(`old${tag}`, { keys: [KEY] });
    const both = await start(`both${tag}`, { keys: [KEY, OTHER_KEY] });
    const newer = await start(`newer${tag}`, { keys: [OTHER_KEY, KEY] });
    const done = await start(`done${tag}`, { keys: [OTHER_KEY] });
    for (const [from, to] of [
      [old, both],
      [both, old],
      [both, newer],
      [newer, both],
      [newer, done],
      [done, newer],
    ]) {
      assert.ok(from && to);
      (await from.pipes.open(neighbour(to.name), undefined, PATIENT_MS)).on("error", () => undefined).destroy();
    }
    await assert.rejects(old.pipes.open(neighbour(done.name), undefined, PATIENT_MS), noWay("stranger"));
    await assert.rejects(done.pipes.open(neighbour(old.name), undefined, PATIENT_MS), noWay("stranger"));
  });

  it("[PI11] emptying Redis in the middle of a transfer changes nothing", async () => {
    const { ours, theirs } = await pair();
    const pieces = Array.from({ length: 300 }, (_, n) => Buffer.alloc(10_000, n));
    const written = writeAll(ours, pieces);
    const flushed = (async () => {
      for (let n = 0; n < 5; n++) await server.cli("flushall");
    })();
    const heard = await buffer(theirs);
    await Promise.all([written, flushed]);
    assert.ok(heard.equals(Buffer.concat(pieces)));
    theirs.end();
  });

  it("[PI11] when Redis is killed in the middle of a transfer both ends hear it at once, and meet again when it is back", async () => {
    const { here, there, ours, theirs } = await pair();
    const ended = Promise.all([endOf(ours), endOf(theirs)]);
    ours.write(Buffer.alloc(3_000_000));
    await once(theirs, "data");
    theirs.pause();
    const took = stopwatch();
    await server.kill();
    await ended;
    assert.ok(took() < 1000);
    await assert.rejects(here.pipes.open(neighbour(there.name)), noWay("unreachable"));
    await server.restart({ empty: true });
    await eventually(() => opens(here, there));
  });

  it("[PI11] when Redis is frozen both ends hear it within five seconds, and meet again when it thaws", async () => {
    const { here, there, ours, theirs } = await pair();
    const ended = Promise.all([endOf(ours), endOf(theirs)]);
    const took = stopwatch();
    await server.kill("SIGSTOP");
    try {
      await assert.rejects(here.pipes.open(neighbour(there.name)), noWay("silent"));
      await ended;
      assert.ok(took() < 5000);
    } finally {
      await server.kill("SIGCONT");
    }
    await eventually(() => opens(here, there));
  });

  it("[PI11] when one process loses its connection to Redis both ends hear it at once", async () => {
    const { here, there, ours, theirs } = await pair();
    const ended = Promise.all([endOf(ours), endOf(theirs)]);
    const took = stopwatch();
    await server.cli("client", "kill", "type", "pubsub");
    await ended;
    assert.ok(took() < 1000);
    await eventually(() => opens(here, there));
  });

  it("[PI11] a process that lost all its connections for a moment takes leave when they are back", async () => {
    const tag = named++;
    const connections = async () =>
      (await server.cli("client", "list")).split("\n").map((line) => line.match(/\d+/)?.[0] ?? "");
    const here = await start(`here${tag}`);
    const others = await connections();
    const there = await start(`there${tag}`);
    const theirs = (await connections()).filter((id) => !others.includes(id));
    const ours = await here.pipes.open(neighbour(there.name), undefined, PATIENT_MS);
    const ended = endOf(ours);
    const took = stopwatch();
    // The one that speaks goes first.
    for (const id of theirs.toReversed()) await server.cli("client", "kill", "id", id).catch(() => undefined);
    await ended;
    assert.ok(took() < 3000);
  });

  it("[PI9] a process that is killed is noticed within two seconds", async () => {
    const here = await start(`here${named++}`);
    const child = await childProcess(server.url, KEY);
    try {
      const pipe = await here.pipes.open(neighbour(child.name), undefined, PATIENT_MS);
      await saysBack(pipe);
      const ended = endOf(pipe);
      const took = stopwatch();
      child.process.kill("SIGKILL");
      await ended;
      assert.ok(took() < 2000);
      await assert.rejects(here.pipes.open(neighbour(child.name)), noWay("silent"));
    } finally {
      child.process.kill("SIGKILL");
    }
  });

  it("[PI9] a process that is frozen is noticed; when it goes on it has no pipe that the other end has not", async () => {
    const here = await start(`here${named++}`, { tickMs: 50 });
    const child = await childProcess(server.url, KEY);
    try {
      const pipe = await here.pipes.open(neighbour(child.name), undefined, PATIENT_MS);
      await saysBack(pipe);
      const ended = endOf(pipe);
      child.process.kill("SIGSTOP");
      await ended;
      await assert.rejects(here.pipes.open(neighbour(child.name)), noWay("silent"));
      const closed = once(child.process.stdout ?? child.process, "data");
      child.process.kill("SIGCONT");
      assert.equal(String((await closed)[0]), "closed\n");
      await eventually(() => opens(here, child));
    } finally {
      child.process.kill("SIGKILL");
    }
  });
});

/** Connections that do that to the next frame once they are armed. */
function faultyOnce(commands: Redis, fault: (typeof FAULTS)[number]) {
  let isArmed = false;
  let hasFired = false;
  let held: Buffer | undefined;
  const framesOf = (frame: Buffer): readonly Buffer[] => {
    const late = held;
    held = undefined;
    if (late) return [frame, late];
    if (!isArmed) return [frame];
    isArmed = false;
    hasFired = true;
    if (fault === "swapped") held = frame;
    return fault === "doubled" ? [frame, frame] : [];
  };
  return {
    arm: () => {
      isArmed = true;
    },
    hasFired: () => hasFired,
    duplicate(...options: Parameters<Redis["duplicate"]>): Redis {
      const connection = commands.duplicate(...options);
      const publish = connection.publish.bind(connection);
      return Object.assign(connection, {
        async publish(channel: string, frame: Buffer) {
          const listeners = await Promise.all(framesOf(frame).map((one) => publish(channel, one)));
          return listeners[0] ?? 1;
        },
      });
    },
  };
}

async function opens(from: { readonly pipes: TwoProcesses["pipes"] }, to: { readonly name: string }): Promise<boolean> {
  try {
    (await from.pipes.open(neighbour(to.name), undefined, PATIENT_MS)).on("error", () => undefined).destroy();
    return true;
  } catch {
    return false;
  }
}

async function saysBack(pipe: Duplex): Promise<void> {
  pipe.on("error", () => pipe.destroy()).write("hello");
  assert.equal(String((await once(pipe, "data"))[0]), "hello");
}

const PIPES = join(import.meta.dirname, "../../server/adapters/pipe/redis.ts");
const KEYS = join(import.meta.dirname, "../../server/adapters/pipe/cluster-key.ts");
const OPEN = join(import.meta.dirname, "../../server/adapters/redis/open.ts");

/** A process of its own that says back what it hears, and prints when a pipe has closed. */
async function childProcess(
  url: string,
  key: string,
): Promise<{ readonly process: ChildProcess; readonly name: string }> {
  const program = `
    import { redisPipes } from ${JSON.stringify(PIPES)};
    import { clusterKey } from ${JSON.stringify(KEYS)};
    import { openRedis } from ${JSON.stringify(OPEN)};
    const log = { info() {}, warn() {} };
    const redis = openRedis({ url: ${JSON.stringify(url)}, log });
    const accept = (duplex) => duplex.on("error", () => {}).on("close", () => console.log("closed")).pipe(duplex);
    const pipes = redisPipes({ redis, processId: "child" + process.pid, key: clusterKey([${JSON.stringify(key)}]), accept, log });
    await pipes.start();
    console.log("there");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit").then(() => assert.fail("it did not start"));
  await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => undefined);
  return { process: child, name: `child${child.pid}` };
}
