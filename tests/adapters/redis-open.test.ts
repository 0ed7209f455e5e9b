import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { type OpenedRedis, openRedis } from "../../server/adapters/redis/open.ts";
import { sparingly } from "../../server/adapters/redis/sparingly.ts";
import { shownOf } from "../../server/logger.ts";
import { eventually } from "../support/embedded.ts";
import { describeWithRedis, type RedisOptions, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

const CERTIFICATES = join(import.meta.dirname, "../support/certificates");
const pem = (name: string) => readFileSync(join(CERTIFICATES, name), "utf8");

/** `once` of Node would throw at the first error, and there are many on the way. */
const happens = (redis: Redis, event: string): Promise<void> =>
  new Promise((resolve) => void redis.once(event, () => resolve()));

/** Something that listens and is no Redis. */
async function impostor(onSocket: (socket: Socket) => void): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    onSocket(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `redis://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, close };
}

describeWithRedis("a connection to Redis", () => {
  const servers: TestRedis[] = [];
  const opened: OpenedRedis[] = [];
  const lines: string[] = [];
  const reasons: unknown[] = [];
  const log = {
    info: (said: unknown) => void lines.push(`info ${said}`),
    warn: ({ err }: { err?: unknown }, said?: string) => {
      lines.push(`warn ${said}`);
      reasons.push(err);
    },
  };
  const AWAY = "warn Redis does not answer: going on without it";
  const BACK = "info Redis answers again";

  async function start(options?: RedisOptions): Promise<TestRedis> {
    const server = await startRedis(options);
    servers.push(server);
    return server;
  }

  function open(url: string, ca?: string): OpenedRedis {
    const redis = openRedis({ url, ca, log });
    opened.push(redis);
    return redis;
  }

  beforeEach(() => {
    lines.length = 0;
    reasons.length = 0;
  });
  afterEach(async () => {
    for (const redis of opened.splice(0)) await redis.close();
    for (const server of servers.splice(0)) await server.stop();
  });

  /** How long it takes to fail. */
  async function failsIn(work: () => Promise<unknown>): Promise<number> {
    const took = stopwatch();
    await assert.rejects(work());
    return took();
  }

  it("[RD1] starts without it, fails at once meanwhile, and has it when it comes", async () => {
    const server = await start();
    await server.kill();
    const redis = open(server.url);
    let backs = 0;
    redis.onBack(() => backs++);
    await eventually(() => lines.length > 0);
    assert.equal(redis.isThere(), false);
    assert.ok((await failsIn(() => redis.commands.set("a", "1"))) < 100);
    await server.restart();
    await eventually(redis.isThere);
    assert.equal(await redis.commands.set("a", "1"), "OK");
    assert.deepEqual([backs, lines], [1, [AWAY, BACK]]);
  });

  it("[RD2] says once that it went, with the reason, and once that it is back", async () => {
    const server = await start();
    const redis = open(server.url);
    await eventually(redis.isThere);
    assert.deepEqual(lines, []);
    await server.kill();
    // Long enough for several attempts to reach it.
    const { promise, resolve } = Promise.withResolvers<void>();
    let attempts = 0;
    redis.commands.on("reconnecting", () => ++attempts === 5 && resolve());
    await promise;
    assert.deepEqual(lines, [AWAY]);
    await server.restart();
    await eventually(redis.isThere);
    assert.deepEqual(lines, [AWAY, BACK]);
    const gone = open(`redis://127.0.0.1:${await freePort()}`);
    await happens(gone.commands, "reconnecting");
    assert.equal(shownOf(reasons.at(-1)).code, "ECONNREFUSED");
  });

  it("[RD3] whoever waits when it dies is told at once, and nothing is sent twice", async () => {
    const server = await start();
    const redis = open(server.url);
    await eventually(redis.isThere);
    await server.kill("SIGSTOP");
    const waiting = [redis.commands.incr("a"), redis.commands.incr("a")];
    await server.kill("SIGKILL");
    const took = stopwatch();
    for (const each of await Promise.allSettled(waiting)) assert.equal(each.status, "rejected");
    assert.ok(took() < 300);
    await server.restart({ empty: true });
    await eventually(redis.isThere);
    assert.equal(await redis.commands.get("a"), null);
  });

  it("[RD4] a frozen one costs half a second once, then nothing, and is noticed though nobody asks", async () => {
    const server = await start();
    const redis = open(server.url);
    await eventually(redis.isThere);
    await server.kill("SIGSTOP");
    const all = await Promise.all([1, 2, 3].map(() => failsIn(() => redis.commands.get("a"))));
    assert.ok(
      all.every((ms) => ms < 700),
      String(all),
    );
    for (let n = 0; n < 20; n++) assert.ok((await failsIn(() => redis.commands.get("a"))) < 100);
    await server.kill("SIGCONT");
    await eventually(redis.isThere);
    assert.equal(await redis.commands.get("a"), null);
    await server.kill("SIGSTOP");
    await eventually(() => lines.length === 3, 2500);
    assert.deepEqual([redis.isThere(), lines], [false, [AWAY, BACK, AWAY]]);
    assert.match(shownOf(reasons.at(-1)).message ?? "", /did not answer within 500 ms/);
  });

  it("[RD4] what takes connections and says nothing is not there, and nobody waits for it", async () => {
    const mute = await impostor(() => undefined);
    const redis = open(mute.url);
    await happens(redis.commands, "connect");
    assert.equal(redis.isThere(), false);
    assert.ok((await failsIn(() => redis.commands.get("a"))) < 100);
    await eventually(() => lines.length > 0, 2000);
    mute.close();
  });

  it("[RD4] what greets and then says nothing is left alone for a second each time", async () => {
    const greeting = "redis_version:7.0.15\r\nloading:0\r\n";
    const rude = await impostor((socket) => {
      socket.once("data", () => socket.write(`$${greeting.length}\r\n${greeting}\r\n`));
    });
    const redis = open(rude.url);
    await eventually(redis.isThere);
    const asked = performance.now();
    await assert.rejects(redis.commands.get("a"));
    const began = performance.now();
    assert.ok(began - asked >= 490);
    assert.ok((await failsIn(() => redis.commands.get("a"))) < 100);
    await eventually(redis.isThere);
    assert.ok(performance.now() - began > 900);
    rude.close();
  });

  it("[RD4] [P6] what answers who subscribes as no Redis does loses the connection, and nobody else anything", async () => {
    const greeting = "redis_version:7.0.15\r\nloading:0\r\n";
    for (const answer of [":1\r\n", "$-1\r\n", "*0\r\n"]) {
      const liar = await impostor((socket) => {
        socket.on("data", (asked) =>
          socket.write(asked.includes("info") ? `$${greeting.length}\r\n${greeting}\r\n` : answer),
        );
      });
      const listening = open(liar.url).connection();
      await happens(listening, "ready");
      const closed = happens(listening, "close");
      listening.subscribe("news").catch(() => undefined);
      await closed;
      listening.disconnect();
      liar.close();
    }
  });

  it("[RD4] what talks nonsense, or hangs up at once, harms nobody", async () => {
    for (const answer of ["HTTP/1.1 400 Bad Request\r\n\r\n", "*-7\r\n$99999\r\n", "+OK\r\n".repeat(50), undefined]) {
      const liar = await impostor((socket) => {
        socket.on("data", () => (answer ? socket.write(answer) : socket.destroy()));
      });
      const redis = open(liar.url);
      await Promise.race([happens(redis.commands, "reconnecting"), happens(redis.commands, "ready")]);
      await Promise.allSettled([redis.commands.get("a"), redis.commands.ping()]);
      await redis.close();
      liar.close();
    }
  });

  it("[RD3] another connection hears what is published, also after an outage, and takes no more care than the first", async () => {
    const server = await start();
    const redis = open(server.url);
    const listener = redis.connection();
    listener.on("ready", () => void listener.subscribe("news"));
    const heard: string[] = [];
    listener.on("message", (_channel, message) => void heard.push(message));
    const tell = (what: string) =>
      eventually(async () => {
        await redis.commands.publish("news", what).catch(() => undefined);
        return heard.includes(what);
      });
    await tell("first");
    await server.kill("SIGSTOP");
    await happens(listener, "reconnecting");
    await server.kill("SIGKILL");
    await server.restart({ empty: true });
    await tell("second");
    const copy = listener.duplicate();
    await happens(copy, "ready");
    await redis.close();
    await eventually(() => copy.status === "end" && listener.status === "end");
  });

  it("[RD5] its name and password are taken from the URL; a wrong one is an outage with its reason", async () => {
    const server = await start({ password: "a b/@:%" });
    const redis = open(`${server.url}/3`);
    await eventually(redis.isThere);
    await redis.commands.set("a", "1");
    assert.equal(await server.cli("-n", "3", "get", "a"), "1");
    const stranger = open(`redis://:wrong@127.0.0.1:${server.port}`);
    await eventually(() => lines.length > 0);
    assert.equal(stranger.isThere(), false);
    assert.match(shownOf(reasons[0]).message ?? "", /WRONGPASS/);
  });

  it("[RD5] rediss:// is encrypted, and only for whom our CA, and its name, vouch", async () => {
    const server = await start({ tls: true });
    const trusted = open(server.url, pem("ca.pem"));
    await eventually(trusted.isThere);
    assert.equal(await trusted.commands.set("a", "1"), "OK");
    for (const [url, ca] of [
      [server.url, pem("other-ca.pem")],
      [server.url, undefined],
      [server.url.replace("localhost", "127.0.0.1"), pem("ca.pem")],
      [server.url.replace("rediss:", "redis:"), pem("ca.pem")],
    ] as const) {
      lines.length = 0;
      const refused = open(url, ca);
      await eventually(() => lines.length > 0);
      assert.equal(refused.isThere(), false, `${url} ${ca?.length}`);
    }
    assert.ok(trusted.isThere());
  });

  it("[RD6] closing leaves nothing that keeps a process alive, whatever state it is in", async () => {
    const server = await start();
    const dead = `redis://127.0.0.1:${await freePort()}`;
    const code = `
      import { openRedis } from "./server/adapters/redis/open.ts";
      const log = { info() {}, warn() {} };
      const happens = (redis, event) => new Promise((resolve) => redis.once(event, resolve));
      const there = openRedis({ url: ${JSON.stringify(server.url)}, log });
      const gone = openRedis({ url: ${JSON.stringify(dead)}, log });
      const early = openRedis({ url: ${JSON.stringify(server.url)}, log });
      await early.close();
      await Promise.all([happens(there.commands, "ready"), happens(gone.commands, "reconnecting")]);
      there.connection();
      await Promise.all([there.close(), gone.close()]);
    `;
    const root = join(import.meta.dirname, "../..");
    const ended = spawnSync(process.execPath, ["--input-type=module", "-e", code], { cwd: root, timeout: 10_000 });
    assert.deepEqual([ended.status, ended.stderr.toString()], [0, ""]);
  });
});

describe("what goes wrong at each request", () => {
  it("[RD7] is said the first time, and then once a minute", () => {
    let now = 1_000_000;
    const said: unknown[] = [];
    const report = sparingly(
      (error) => void said.push(error),
      () => now,
    );
    for (let n = 0; n < 1000; n++) report(n);
    assert.deepEqual(said, [0]);
    now += 59_999;
    report("too soon");
    now += 1;
    report("still");
    report("and again");
    assert.deepEqual(said, [0, "still"]);
  });
});
