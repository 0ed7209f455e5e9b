import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, IncomingMessage, request } from "node:http";
import { createServer as createTcpServer, Socket } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { queryObjects } from "node:v8";
import { WebSocket, WebSocketServer } from "ws";
import { Refusal } from "../../domain/refusal.ts";
import { Elsewhere, type Owner } from "../../rooms/neighbours.ts";
import { PairId, UserId } from "../../schema/wire/ids.ts";
import { roomsAt } from "../../server/adapters/nodes/asking.ts";
import { signatureOf } from "../../server/adapters/nodes/calls.ts";
import { Forwarding } from "../../server/adapters/nodes/forwarding.ts";
import { Greeting } from "../../server/adapters/nodes/greeting.ts";
import { ClusterNeighbours } from "../../server/adapters/nodes/neighbours.ts";
import { ownAddress } from "../../server/adapters/nodes/own-address.ts";
import { readRefusal } from "../../server/adapters/nodes/wire.ts";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import { NoWay, type Pipes } from "../../server/adapters/pipe/pipe.ts";
import { ways } from "../../server/adapters/pipe/ways.ts";
import { KEY, TestNode } from "../support/node.ts";
import { ada, pair } from "../support/twins.ts";

const nodes: TestNode[] = [];
const start = async (...options: Parameters<typeof TestNode.start>): Promise<TestNode> => {
  const node = await TestNode.start(...options);
  nodes.push(node);
  return node;
};
afterEach(() => Promise.all(nodes.splice(0).map((node) => node.stop())));

const twin = { userId: UserId.parse(ada), pairId: PairId.parse(pair(1)) };
const receipt = { id: pair(2), seq: 1, version: 1, at: 5, duplicate: false };

describe("calls between nodes", () => {
  it("[CU1] a command goes over, and its receipt comes back", async () => {
    const [a, b] = await Promise.all([
      start({ processId: "a" }),
      start({
        processId: "b",
        rooms: { execute: async (_twin, name, payload) => ({ ...receipt, id: `${name} ${JSON.stringify(payload)}` }) },
      }),
    ]);
    const there = roomsAt(a.calls, b.self);
    assert.deepEqual(await there.execute(twin, "chat.send", { text: "hi" }), {
      ...receipt,
      id: 'chat.send {"text":"hi"}',
    });
  });

  it("[PP10] how a room is doing is asked of the node that has it, and one that has it not says so", async () => {
    const lastError = { code: "UNAVAILABLE", kind: "Error", at: 5 } as const;
    const health = { isOpen: true, devices: 2, queue: 3, lastError };
    const b = await start({
      processId: "b",
      rooms: {
        inspect: async (pairId) => {
          if (pairId === twin.pairId) return health;
          throw new Elsewhere("not here");
        },
      },
    });
    const a = await start({ processId: "a" });
    const there = roomsAt(a.calls, b.self);
    assert.deepEqual(await there.inspect(twin.pairId), health);
    await assert.rejects(there.inspect(PairId.parse(crypto.randomUUID())), Elsewhere);
  });

  it("[SK3] of twenty nodes that were asked and are gone, no way is kept", async () => {
    const a = await start({ processId: "a" });
    const agents = () => Number(queryObjects(Agent, { format: "count" }));
    let least = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 20; n++) {
      const gone = await TestNode.start({ processId: `gone ${n}`, rooms: { execute: async () => receipt } });
      await roomsAt(a.calls, gone.self).execute(twin, "chat.send", {});
      await gone.stop();
      // Of the first few, as many as ever will be.
      if (n === 2) least = agents();
    }
    assert.ok(agents() <= least, `${agents()} agents, and ${least} after three nodes`);
  });

  it("[CU1] a refusal comes back as it was said, and a room that is not there as such", async () => {
    const refusal = new Refusal("GONE", "This is over", { retryAfterMs: 7 });
    const answers = [refusal, new Elsewhere("moved")];
    const b = await start({
      processId: "b",
      rooms: {
        mark: async () => {
          throw answers.shift();
        },
      },
    });
    const a = await start({ processId: "a" });
    const there = roomsAt(a.calls, b.self);
    await assert.rejects(there.mark(twin, "read", 1), {
      name: "Refusal",
      code: "GONE",
      message: "This is over",
      retryAfterMs: 7,
    });
    await assert.rejects(there.mark(twin, "read", 1), Elsewhere);
  });

  it("[CU1] a mistake over there says nothing of itself, is reported there, and may be tried again", async () => {
    const b = await start({
      processId: "b",
      rooms: {
        mark: async () => {
          throw new Error("select secret");
        },
      },
    });
    const a = await start({ processId: "a" });
    await assert.rejects(roomsAt(a.calls, b.self).mark(twin, "read", 1), Elsewhere);
    assert.equal(String(b.reported[0]), "Error: select secret");
  });

  it("[CU2] without a signature, with another key's, one for another process, an old one or one for other words: refused, and nothing is done", async () => {
    const now = 1_000_000_000;
    let asked = 0;
    const b = await start({ processId: "b", now: () => now, rooms: { mark: async () => ++asked } });
    const content = JSON.stringify({ twin, what: "read", upTo: 1 });
    const call = { name: "mark", to: "b", at: now, content };
    const key = clusterKey([KEY]);
    const right = signatureOf(key, call);
    const wrong = [
      {},
      signatureOf(clusterKey(["another key that nobody here knows of"]), call),
      signatureOf(key, { ...call, to: "c" }),
      signatureOf(key, { ...call, at: now - 61_000 }),
      signatureOf(key, { ...call, at: now + 61_000 }),
      signatureOf(key, { ...call, name: "execute" }),
      signatureOf(key, { ...call, content: content.replace("1}", "2}") }),
      { ...right, "x-cluster-time": String(now + 1) },
      { ...right, "x-cluster-proof": "" },
    ];
    for (const headers of wrong) assert.equal(await posted(b.port, headers, content), 403);
    assert.equal(asked, 0);
    assert.equal(await posted(b.port, right, content), 200);
    assert.equal(await posted(b.port, right, "x".repeat(300 * 1024)), 413);
  });

  it("[CU3] keys are changed while nodes run: any of the list is believed, the newest signs", async () => {
    const next = "the key that everybody will have tomorrow";
    const rooms = { mark: async () => 3 };
    const [old, both] = await Promise.all([
      start({ processId: "old", keys: [KEY], rooms }),
      start({ processId: "both", keys: [KEY, next], rooms }),
    ]);
    const fresh = await start({ processId: "fresh", keys: [next, KEY], rooms });
    assert.equal(await roomsAt(both.calls, old.self).mark(twin, "read", 3), 3);
    assert.equal(await roomsAt(both.calls, fresh.self).mark(twin, "read", 3), 3);
    assert.equal(await roomsAt(fresh.calls, both.self).mark(twin, "read", 3), 3);
    await assert.rejects(fresh.pipes.open(old.self), { name: "NoWay", why: "stranger" });
  });

  it("[CU4] a command that the other version does not know is not refused for good, nor is a code of its own", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    await assert.rejects(roomsAt(a.calls, b.self).execute(twin, "chat.sing", {}), Elsewhere);
    assert.equal(readRefusal({ code: "TOO_LOUD", message: "…" }).code, "UNAVAILABLE");
  });
});

const judging = (node: TestNode, silence: (waited: number) => number | undefined) => {
  let time = 0;
  return new ClusterNeighbours({
    calls: node.calls,
    silenceOf: async () => silence(time),
    died: (processId) => node.forwarding.cut(processId),
    wait: async (ms) => {
      time += ms;
      await new Promise(setImmediate);
    },
    monotonic: () => time,
  });
};

describe("judging an owner", () => {
  const owner = (node: TestNode, silentMs: number | null = 100): Owner => ({ ...node.self, silentMs });
  const never = () => assert.fail("the database was not to be asked again");
  /** So that each call has a connection of its own. */
  const slowly = async () => {
    await new Promise((later) => setTimeout(later, 20));
    return 1;
  };

  it("[CU5] who answers is alive", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    assert.equal(await judging(a, never).judge(owner(b)), "alive");
  });

  it("[CU5] who is on no list, or was silent for three beats, is dead, and is not even asked", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    assert.equal(await judging(a, never).judge(owner(b, null)), "dead");
    assert.equal(await judging(a, never).judge(owner(b, 1501)), "dead");
  });

  it("[CU5] who answered before and was heard of just now is not asked again, until a call does not reach it", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    const neighbours = judging(a, () => 100);
    assert.equal(await neighbours.reach(b.self), undefined);
    await b.stop();
    assert.equal(await neighbours.judge(owner(b)), "alive");
    await assert.rejects(neighbours.of(owner(b)).mark(twin, "read", 1), Elsewhere);
    assert.equal(await neighbours.judge(owner(b)), "dead");
  });

  it("[CU5] who answered before, was not heard of just now, and refuses, is dead at once", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    const neighbours = judging(a, never);
    assert.equal(await neighbours.reach(b.self), undefined);
    await b.stop();
    assert.equal(await neighbours.judge(owner(b, 700)), "dead");
  });

  it("[P7] [CU5] connections that were kept and broke with the owner say nothing: the next question is asked over a new one", async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b", rooms: { mark: slowly } })]);
      const neighbours = judging(a, never);
      neighbours.met(b.self);
      const there = roomsAt(a.calls, b.self);
      await Promise.all(Array.from({ length: 12 }, () => there.mark(twin, "read", 1)));
      // In one turn: nobody has noticed yet that these connections are broken.
      void b.stop();
      assert.equal(await neighbours.judge(owner(b, 700)), "dead");
    }
  });

  it("[P7] [CU5] a call to an owner that freezes meanwhile is given up once it was silent for three beats", async () => {
    const a = await start({ processId: "a" });
    const b = await start({ processId: "b", rooms: { mark: () => new Promise<number>(() => undefined) } });
    const frozen = judging(a, (waited) => waited).of(owner(b));
    await assert.rejects(frozen.mark(twin, "read", 1), Elsewhere);
  });

  it("[CU6] who refuses and never answered, or does not answer at all, is dead if it says nothing more to the database", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    await b.stop();
    const to = owner(b);
    assert.equal(await judging(a, (waited) => 700 + waited).judge(to), "dead");
    assert.equal(await judging(a, () => undefined).judge(to), "dead");
    assert.equal(await judging(a, () => 200).judge(to), "out of reach");
  });

  it("[CU6] who is silent and says to the database that it lives is alive, if it has answered before: it is only busy", async () => {
    const a = await start({ processId: "a" });
    const mute = createTcpServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const address = mute.address();
    const at = typeof address === "object" && address ? `127.0.0.1:${address.port}` : "";
    const busy = { processId: "b", address: at, silentMs: 700 };
    const neighbours = judging(a, () => 200);
    neighbours.met(busy);
    assert.equal(await neighbours.judge(busy), "alive");
    assert.equal(await judging(a, () => 200).judge(busy), "out of reach");
    mute.close();
  });

  it("[CU6] another node that answers in its place proves nothing either, for all of them may stand behind one address", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    const before = { processId: "before", address: b.self.address, silentMs: 1 };
    assert.equal(await judging(a, (waited) => 700 + waited).judge(before), "dead");
    assert.equal(await judging(a, () => 200).judge(before), "out of reach");
  });

  it("[CU6] a stranger at its address proves nothing", async () => {
    const a = await start({ processId: "a" });
    const other = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const at = typeof address === "object" && address ? `127.0.0.1:${address.port}` : "";
    const neighbours = judging(a, () => 200);
    assert.equal(await neighbours.judge({ processId: "b", address: at, silentMs: 1 }), "out of reach");
    assert.equal(neighbours.outOfReach, 1);
    other.close();
  });

  it("[CU6] who accepts and says nothing is asked twice, a quarter of a second each", async () => {
    const a = await start({ processId: "a" });
    const mute = createTcpServer((socket) => void socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const address = mute.address();
    const at = typeof address === "object" && address ? `127.0.0.1:${address.port}` : "";
    const began = performance.now();
    assert.equal(
      await judging(a, (waited) => 700 + waited).judge({ processId: "b", address: at, silentMs: 1 }),
      "dead",
    );
    const took = performance.now() - began;
    assert.ok(took >= 490 && took < 2000, `${took} ms`);
    mute.close();
  });

  it("[CU6] who was out of reach and is asked for no more is not missed for ever", async () => {
    const a = await start({ processId: "a" });
    let time = 0;
    const neighbours = new ClusterNeighbours({
      calls: a.calls,
      silenceOf: async () => 200,
      died: () => undefined,
      wait: async () => undefined,
      monotonic: () => time,
    });
    assert.equal(await neighbours.judge({ processId: "b", address: "127.0.0.1:1", silentMs: 1 }), "out of reach");
    time = 29_000;
    assert.equal(neighbours.outOfReach, 1);
    time = 31_000;
    assert.equal(neighbours.outOfReach, 0);
  });

  it("[CU5] a crowd that arrives at once asks once", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    let calls = 0;
    const counted = {
      call: (...args: Parameters<typeof a.calls.call>) => {
        calls += 1;
        return a.calls.call(...args);
      },
    };
    const neighbours = new ClusterNeighbours({
      calls: counted,
      silenceOf: async () => 0,
      died: () => undefined,
      wait: async () => undefined,
      monotonic: () => 0,
    });
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => neighbours.judge(owner(b))));
    assert.deepEqual([new Set(verdicts), calls], [new Set(["alive"]), 1]);
  });
});

describe("greeting the others", () => {
  const greetingOf = (node: TestNode, others: readonly TestNode[], rounds = 1) => {
    const said: string[] = [];
    let waits = 0;
    const greeting: Greeting = new Greeting({
      calls: node.calls,
      listed: async () => others.map((other) => ({ ...other.self, silentMs: 100 })),
      met: () => undefined,
      wait: async () => void (++waits >= rounds && greeting.stop()),
      log: { info: () => undefined, warn: ({ problem }: { problem?: string }) => void said.push(problem ?? "") },
    });
    return { greeting, said };
  };

  it("[CU7] a node that reaches all, and is reached by all, is ready", async () => {
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((processId) => start({ processId })));
    assert.ok(a && b && c);
    const { greeting } = greetingOf(a, [a, b, c]);
    assert.notEqual(greeting.problem, undefined);
    await greeting.greet(a.self);
    assert.equal(greeting.problem, undefined);
  });

  it("[CU7] with another key, or without a way there or back, it is not ready and says once who and why", async () => {
    const a = await start({ processId: "a" });
    const other = await start({ processId: "b", keys: ["another key that nobody here knows of"] });
    const { greeting, said } = greetingOf(a, [other], 5);
    await greeting.greet(a.self);
    assert.match(greeting.problem ?? "", /^b at 127\.0\.0\.1:\d+: .*CLUSTER_KEY/);
    assert.equal(said.length, 1);

    const deaf = await start({ processId: "d", reach: async () => "unreachable" });
    const back = greetingOf(a, [deaf]);
    await back.greeting.greet(a.self);
    assert.match(
      back.greeting.problem ?? "",
      /finds no way to this node's NODE_ADDRESS 127\.0\.0\.1:\d+ \(unreachable\)/,
    );

    await other.stop();
    const gone = greetingOf(a, [other]);
    await gone.greeting.greet(a.self);
    assert.match(gone.greeting.problem ?? "", /nobody listens there/);
  });

  it("[CU7] becomes ready by itself once what stood against it is gone", async () => {
    const a = await start({ processId: "a" });
    let isReached = false;
    const b = await start({ processId: "b", reach: async () => (isReached ? undefined : "silent") });
    const { greeting } = greetingOf(a, [b], 3);
    const greeted = greeting.greet(a.self);
    isReached = true;
    await greeted;
    assert.equal(greeting.problem, undefined);
  });
});

describe("sockets that arrive at another node", () => {
  const seatAt = (node: TestNode, processId: string) =>
    new WebSocket(`ws://127.0.0.1:${node.port}/${processId}/room?sessionId=seat`, { headers: { "x-own": "kept" } });

  it("[CU8] reach the process that their seat names, byte for byte, and end together with it", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    a.known.set("b", b.self);
    const server = new WebSocketServer({ noServer: true });
    b.onSeat((request, socket, head) =>
      server.handleUpgrade(request, socket, head, (peer) => {
        assert.deepEqual([request.url, request.headers["x-own"]], ["/b/room?sessionId=seat", "kept"]);
        peer.on("message", (frame: Buffer) => (frame.toString() === "bye" ? peer.close(4412) : peer.send(frame)));
      }),
    );
    const phone = seatAt(a, "b");
    await once(phone, "open");
    const frame = Buffer.alloc(200_000, "é🙂");
    phone.send(frame);
    const [echo] = await once(phone, "message");
    assert.deepEqual(echo, frame);
    phone.send("bye");
    const [code] = await once(phone, "close");
    assert.equal(code, 4412);
  });

  it("[CU8] are refused where nobody knows the process, where it cannot be reached, and in a circle", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    assert.equal(await refusedWith(seatAt(a, "nobody")), 404);
    a.known.set("gone", { processId: "gone", address: "127.0.0.1:1" });
    assert.equal(await refusedWith(seatAt(a, "gone")), 503);
    // Each believes the seat to be at the other.
    a.known.set("c", { processId: "b", address: b.self.address });
    b.known.set("c", { processId: "a", address: a.self.address });
    assert.equal(await refusedWith(seatAt(a, "c")), 404);
    assert.deepEqual(a.reported, []);
  });

  it("[CU8] that gave up while their way was opened leave nothing behind", async () => {
    const { promise, resolve } = Promise.withResolvers<Duplex>();
    const forwarding = new Forwarding({
      pipes: { open: () => promise },
      calls: { call: () => assert.fail("nobody was to be called") },
      processId: "a",
      neighbour: async () => ({ processId: "b", address: "" }),
      isBeating: () => assert.fail("whoever gave up waits for nobody"),
      forwarded: () => assert.fail("nothing was passed on"),
      report: assert.ifError,
    });
    const [phone, pipe] = [new PassThrough(), new PassThrough()];
    const asked = new IncomingMessage(new Socket());
    asked.url = "/b/room?sessionId=seat";
    const forwarded = forwarding.forward(asked, phone, Buffer.alloc(0));
    phone.destroy();
    resolve(pipe);
    await forwarded;
    assert.ok(pipe.destroyed);
  });

  it("[P9] whose way is still being opened when the node goes are sent elsewhere, and so is who comes later", async () => {
    const opened: PassThrough[] = [];
    const { promise: opening, resolve: begun } = Promise.withResolvers<AbortSignal | undefined>();
    const forwarding = new Forwarding({
      pipes: {
        // One that was just about to open, whatever is wished.
        open: async (_to, signal) => {
          begun(signal);
          if (signal) await once(signal, "abort");
          const pipe = new PassThrough();
          opened.push(pipe);
          return pipe;
        },
      },
      calls: { call: () => assert.fail("nobody was passed on") },
      processId: "a",
      neighbour: async () => ({ processId: "b", address: "" }),
      isBeating: () => assert.fail("whoever goes waits for nobody"),
      forwarded: () => assert.fail("nothing was passed on"),
      report: assert.ifError,
    });
    const asked = new IncomingMessage(new Socket());
    asked.url = "/b/room?sessionId=seat";
    const [early, late] = [new PassThrough(), new PassThrough()];
    const forwarded = forwarding.forward(asked, early, Buffer.alloc(0));
    await opening;
    await forwarding.drain(() => 0);
    await Promise.all([forwarded, forwarding.forward(asked, late, Buffer.alloc(0))]);
    for (const phone of [early, late]) assert.match(String(phone.read()), /^HTTP\/1\.1 503 /);
    assert.deepEqual(
      opened.map(({ destroyed }) => destroyed),
      [true],
    );
  });

  it("[CU8] are let go once the process they lead to is taken for dead, though it only froze", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    a.known.set("b", b.self);
    const server = new WebSocketServer({ noServer: true });
    b.onSeat((request, socket, head) => server.handleUpgrade(request, socket, head, () => undefined));
    const phone = seatAt(a, "b");
    await once(phone, "open");
    const closed = once(phone, "close");
    assert.equal(await judging(a, () => undefined).judge({ ...b.self, silentMs: 2000 }), "dead");
    assert.equal((await closed)[0], 1006);
  });

  it("[P9] of a node that goes: their rooms hear when each is to come again, and all are gone after it", async () => {
    const [a, b] = await Promise.all([start({ processId: "a" }), start({ processId: "b" })]);
    a.known.set("b", b.self);
    const server = new WebSocketServer({ noServer: true });
    b.onSeat((request, socket, head) => server.handleUpgrade(request, socket, head, () => undefined));
    const phone = seatAt(a, "b");
    await once(phone, "open");
    const closed = once(phone, "close");
    const draining = a.forwarding.drain(() => 1234);
    while (b.departed.length === 0) await new Promise(setImmediate);
    assert.deepEqual(b.departed, [{ roomId: "room", socketId: "seat", reconnectAfterMs: 1234 }]);
    for (const peer of server.clients) peer.close(4503);
    assert.equal((await closed)[0], 4503);
    await draining;
  });
});

describe("ways to a node", () => {
  const to = { processId: "b", address: "" };
  const failing = (why: "refused" | "gone", tried: string[], name: string): Pipes => ({
    open: async () => {
      tried.push(name);
      throw new NoWay(why, to);
    },
    close: async () => undefined,
  });

  it("[CU9] are tried in turn, and the one that led there is the only one asked the next time", async () => {
    const b = await start({ processId: "b" });
    const a = await start({ processId: "a" });
    const tried: string[] = [];
    const pipes = ways(failing("refused", tried, "first"), {
      ...a.pipes,
      open: (...args) => {
        tried.push("second");
        return a.pipes.open(...args);
      },
    });
    (await pipes.open(b.self)).destroy();
    (await pipes.open(b.self)).destroy();
    assert.deepEqual(tried, ["first", "second", "second"]);
    await b.stop();
    await assert.rejects(pipes.open(b.self), { why: "refused" });
    assert.equal(tried.length, 4);
  });

  it("[CU9] end where another node answers in its place", async () => {
    const tried: string[] = [];
    const pipes = ways(failing("gone", tried, "first"), failing("refused", tried, "second"));
    await assert.rejects(pipes.open(to), { why: "gone" });
    assert.deepEqual(tried, ["first"]);
  });
});

it("[CU10] a node's address is what the operator said, what it listens on, or the first that others can see", () => {
  const seen = (address: string, family: "IPv4" | "IPv6", internal = false) => ({ address, family, internal });
  const all = [
    seen("127.0.0.1", "IPv4", true),
    seen("fe80::1", "IPv6"),
    seen("fd00::7", "IPv6"),
    seen("10.0.0.7", "IPv4"),
  ];
  const of = { given: undefined, host: undefined, port: 3000, interfaces: all };
  assert.equal(ownAddress({ ...of, given: "node-1.internal:4000", host: "10.0.0.9" }), "node-1.internal:4000");
  assert.equal(ownAddress({ ...of, host: "10.0.0.9" }), "10.0.0.9:3000");
  assert.equal(ownAddress({ ...of, host: "::1" }), "[::1]:3000");
  assert.equal(ownAddress({ ...of, host: "0.0.0.0" }), "10.0.0.7:3000");
  assert.equal(ownAddress({ ...of, interfaces: all.slice(0, 3) }), "[fd00::7]:3000");
  assert.equal(ownAddress({ ...of, interfaces: [] }), "127.0.0.1:3000");
});

async function posted(port: number, headers: Record<string, string>, content: string): Promise<number> {
  const asked = request({ port, host: "127.0.0.1", path: "/cluster/v1/mark", method: "POST", headers });
  asked.on("error", () => undefined);
  asked.end(content);
  const [answer] = await once(asked, "response");
  answer.resume();
  return answer.statusCode;
}

async function refusedWith(socket: WebSocket): Promise<number> {
  socket.on("error", () => undefined);
  const [, answer] = await once(socket, "unexpected-response");
  socket.terminate();
  return answer.statusCode;
}
