import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { mock } from "node:test";
import { Forwarding } from "../../server/adapters/nodes/forwarding.ts";
import { patience } from "../../server/adapters/pipe/patience.ts";
import { type Neighbour, NoWay, type NoWayWhy, type Pipes } from "../../server/adapters/pipe/pipe.ts";
import { ways } from "../../server/adapters/pipe/ways.ts";

const b: Neighbour = { processId: "b", address: "" };

/** A way on which the node answers when the test says so. */
class SlowWay implements Pipes {
  readonly #questions: PromiseWithResolvers<Duplex>[] = [];
  /** How many were asked for, ever. */
  get asked(): number {
    return this.#questions.length;
  }

  open(to: Neighbour, signal?: AbortSignal, answerMs = 250): Promise<Duplex> {
    const question = Promise.withResolvers<Duplex>();
    this.#questions.push(question);
    const silent = () => question.reject(new NoWay("silent", to));
    const answered = patience(answerMs, silent);
    signal?.addEventListener("abort", silent);
    return question.promise.finally(answered);
  }

  /** The `n`th question, from 0, is answered. */
  answer(n: number): Duplex {
    const pipe = new PassThrough();
    this.#questions[n]?.resolve(pipe);
    return pipe;
  }

  refuse(n: number, why: NoWayWhy): void {
    this.#questions[n]?.reject(new NoWay(why, b));
  }

  async close(): Promise<void> {}
}

/** Somebody who asked: what became of it, and after how many milliseconds of the test's time. */
interface Asker {
  pipe?: Duplex;
  why?: unknown;
  tookMs?: number;
}

describe("a way to a node that is busy, and to one that is gone", () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => mock.timers.reset());

  const settle = () => new Promise((done) => void setImmediate(done));
  async function pass(ms: number): Promise<void> {
    for (const until = now + ms; now < until; now += 10) {
      mock.timers.tick(10);
      await settle();
    }
  }
  function ask(pipes: Pick<Pipes, "open">, answerMs?: number): Asker {
    const [asker, began]: [Asker, number] = [{}, now];
    const over = () => {
      asker.tookMs = now - began;
    };
    pipes.open(b, undefined, answerMs).then(
      (pipe) => {
        asker.pipe = pipe;
        over();
      },
      (error) => {
        asker.why = error.why;
        over();
      },
    );
    return asker;
  }
  /** Somebody was there once, so that the way is known. */
  async function knownBy(way: SlowWay, pipes: Pipes): Promise<void> {
    const first = ask(pipes);
    await settle();
    way.answer(way.asked - 1);
    await settle();
    assert.ok(first.pipe);
  }
  const near = (tookMs: number | undefined, wanted: number) =>
    assert.ok(tookMs !== undefined && Math.abs(tookMs - wanted) <= 30, `${tookMs} ms, and not ${wanted}`);

  it("[CU9] a busy node that answers one after the other loses nobody: who waits 8 s while others are answered is answered", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    await knownBy(way, pipes);
    const crowd = Array.from({ length: 9 }, () => ask(pipes));
    for (let n = 1; n < 9; n++) {
      await pass(950);
      way.answer(n);
    }
    const next = ask(pipes);
    way.answer(9);
    await settle();
    assert.deepEqual([crowd.filter(({ pipe }) => pipe).length, way.asked], [9, 11]);
    await pass(2900);
    way.answer(10);
    await settle();
    assert.ok(next.pipe);
  });

  it("[CU9] a node that opens no way for a while and answers calls over others is waited for", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    await knownBy(way, pipes);
    const asker = ask(pipes);
    await pass(2500);
    pipes.heard?.("another");
    pipes.heard?.("b");
    await pass(2500);
    way.answer(1);
    await settle();
    assert.ok(asker.pipe);
  });

  it("[CU9] nobody is waited for longer than 9 s, however many others are answered, and the way stays known", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    await knownBy(way, pipes);
    const unlucky = ask(pipes);
    for (let n = 2; n < 11; n++) {
      ask(pipes);
      await pass(900);
      way.answer(n);
    }
    await pass(1000);
    assert.equal(unlucky.why, "silent");
    near(unlucky.tookMs, 9000);
    const next = ask(pipes);
    await pass(2900);
    way.answer(11);
    await settle();
    assert.ok(next.pipe);
  });

  it("[CU9] a way that opens for nobody for 9 s is forgotten, though the node is heard of over pipes of before", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    await knownBy(tcp, pipes);
    const first = ask(pipes);
    for (let second = 0; second < 10; second++) {
      pipes.heard?.("b");
      await pass(1000);
    }
    near(first.tookMs, 9000);
    ask(pipes);
    await pass(300);
    assert.equal(redis.asked, 1);
  });

  it("[CU9] who goes away while a way is opened has learnt nothing of it: it stays known", async () => {
    const way = new SlowWay();
    const pipes = ways(way, new SlowWay());
    await knownBy(way, pipes);
    const gone = new AbortController();
    const left = pipes.open(b, gone.signal);
    gone.abort();
    await assert.rejects(left, { why: "silent" });
    const next = ask(pipes);
    await pass(2000);
    way.answer(2);
    await settle();
    assert.ok(next.pipe);
  });

  it("[CU9] an answer that comes after its asker gave up makes the way known again, and leaves no pipe behind", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    const first = ask(pipes);
    await pass(400);
    near(first.tookMs, 250);
    const late = way.answer(0);
    await settle();
    assert.ok(late.destroyed);
    const next = ask(pipes);
    await pass(2900);
    way.answer(1);
    await settle();
    assert.ok(next.pipe && !next.pipe.destroyed);
  });

  it("[CU9] who asks for the first time is waited for as well once somebody else was answered", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    const crowd = Array.from({ length: 20 }, () => ask(pipes));
    await pass(200);
    way.answer(7);
    await pass(2000);
    for (let n = 0; n < 20; n++) way.answer(n);
    await settle();
    assert.deepEqual([crowd.filter(({ pipe }) => pipe).length, way.asked], [20, 20]);
  });

  it("[CU9] a node that is silent to everybody is given up after 3 s by who knew the way, and after 250 ms by who comes next", async () => {
    const way = new SlowWay();
    const pipes = ways(way);
    await knownBy(way, pipes);
    const [one, other] = [ask(pipes), ask(pipes)];
    await pass(3100);
    for (const { why, tookMs } of [one, other]) {
      assert.equal(why, "silent");
      near(tookMs, 3000);
    }
    const next = ask(pipes);
    await pass(500);
    assert.equal(next.why, "silent");
    near(next.tookMs, 250);
  });

  it("[CU9] where nobody listens any more that is said at once, each time", async () => {
    const way = new SlowWay();
    const pipes = ways(way, new SlowWay());
    await knownBy(way, pipes);
    for (const n of [1, 2, 3]) {
      const asker = ask(pipes);
      way.refuse(n, "refused");
      await settle();
      assert.deepEqual([asker.why, asker.tookMs], ["refused", 0]);
    }
  });

  it("[CU9] between two nodes that are cut off from each other the second way is taken after 250 ms, and known from then on", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    await knownBy(tcp, pipes);
    const first = ask(pipes);
    await pass(3100);
    assert.deepEqual([first.why, redis.asked], ["silent", 0]);
    const second = ask(pipes);
    await pass(300);
    redis.answer(0);
    await settle();
    assert.ok(second.pipe);
    const third = ask(pipes);
    await settle();
    assert.deepEqual([tcp.asked, redis.asked], [3, 2]);
    redis.answer(1);
    await settle();
    assert.ok(third.pipe);
  });

  it("[CU9] of many who come while two nodes are cut off from each other, each takes the second way 250 ms after it came", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    const crowd: Asker[] = [];
    for (let at = 0; at < 700; at += 10) {
      if (at < 400 && at % 100 === 0) crowd.push(ask(pipes));
      await pass(10);
      for (let n = 0; n < redis.asked; n++) redis.answer(n);
    }
    for (const { pipe, tookMs } of crowd) assert.ok(pipe && Number(tookMs) <= 300, String(tookMs));
  });

  it("[CU9] who waits on a way that was cut is not kept waiting by those who were answered on another", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    await knownBy(tcp, pipes);
    const first = ask(pipes);
    await pass(2000);
    const second = ask(pipes);
    await pass(1100);
    ask(pipes);
    await pass(300);
    redis.answer(0);
    await pass(2000);
    near(first.tookMs, 3000);
    near(second.tookMs, 3000);
  });

  it("[CU9] a quicker way that answers late is preferred to a slower one from then on, and never the other way round", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    ask(pipes);
    await pass(300);
    const taken = redis.answer(0);
    await settle();
    const late = tcp.answer(0);
    await settle();
    assert.deepEqual([late.destroyed, taken.destroyed], [true, false]);
    ask(pipes);
    await settle();
    assert.deepEqual([tcp.asked, redis.asked], [2, 1]);
    tcp.answer(1);
    const anew = ways(tcp, redis);
    ask(anew);
    await pass(300);
    tcp.answer(2);
    await settle();
    redis.answer(1);
    await settle();
    ask(anew);
    await settle();
    assert.deepEqual([tcp.asked, redis.asked], [4, 2]);
  });

  it("[CU9] that all ways are gone is said by the last of them, as soon as it is known", async () => {
    const [tcp, redis] = [new SlowWay(), new SlowWay()];
    const asker = ask(ways(tcp, redis), 3000);
    tcp.refuse(0, "refused");
    await settle();
    redis.refuse(0, "unreachable");
    await settle();
    assert.deepEqual([asker.why, asker.tookMs], ["unreachable", 0]);
  });

  it("[PI6] a process that was frozen or busy itself hears first what came meanwhile, before it calls anybody silent", async () => {
    let isOver = false;
    patience(250, () => {
      isOver = true;
    });
    for (const wait of [50, 50, 10_000, 50]) {
      mock.timers.tick(wait);
      await settle();
      assert.equal(isOver, false);
    }
    mock.timers.tick(50);
    assert.equal(isOver, true);
  });

  /** A socket for a seat at another node, and what it was answered. */
  function passedOn(pipes: Pick<Pipes, "open">, isBeating = true) {
    const forwarding = new Forwarding({
      pipes,
      calls: { call: () => assert.fail("nobody was to be called") },
      processId: "a",
      neighbour: async () => b,
      isBeating: async () => isBeating,
      forwarded: () => () => undefined,
      report: assert.ifError,
    });
    const said: string[] = [];
    const phone = new Duplex({
      read: () => undefined,
      write(piece, _encoding, done) {
        said.push(String(piece));
        done();
      },
    });
    const asked = new IncomingMessage(new Socket());
    asked.method = "GET";
    asked.url = "/b/room?sessionId=seat";
    void forwarding.forward(asked, phone, Buffer.alloc(0));
    return { forwarding, said };
  }

  it("[CU8] a socket is passed on to a busy node that opens its way after 2.9 s, whether one was known or not", async () => {
    const way = new SlowWay();
    const { said } = passedOn(ways(way));
    await pass(2900);
    assert.deepEqual(said, []);
    const pipe = way.answer(0);
    await settle();
    await settle();
    // What goes there comes back.
    assert.match(said.join(""), /^GET \/b\/room\?sessionId=seat HTTP\/1.1\r\n/);
    pipe.destroy();
  });

  it("[CU8] a node that is silent for 3 s and says to the database that it lives is tried again, by every way; one that does not is given up", async () => {
    const [tcp, redis, dead] = [new SlowWay(), new SlowWay(), new SlowWay()];
    const pipes = ways(tcp, redis);
    await knownBy(tcp, pipes);
    const cutOff = passedOn(pipes);
    const others = ways(dead);
    await knownBy(dead, others);
    const frozen = passedOn(others, false);
    await pass(3100);
    assert.deepEqual(cutOff.said, []);
    assert.match(frozen.said.join(""), /^HTTP\/1.1 503 /);
    await pass(300);
    const pipe = redis.answer(0);
    await settle();
    await settle();
    assert.match(cutOff.said.join(""), /sessionId=seat/);
    pipe.destroy();
  });

  it("[CU8] a socket whose way is being opened is refused at once when its node is taken for dead", async () => {
    const { said, forwarding } = passedOn(ways(new SlowWay()));
    await pass(1500);
    assert.deepEqual(said, []);
    forwarding.cut("another");
    await settle();
    assert.deepEqual(said, []);
    forwarding.cut("b");
    await settle();
    await settle();
    assert.match(said.join(""), /^HTTP\/1.1 503 /);
  });
});
