import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Balancer } from "../../demo/balancer.ts";
import { isAlive } from "../../server/adapters/database/living.ts";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { eventually } from "../support/embedded.ts";
import { Entrance } from "../support/entrance.ts";
import { Phone } from "../support/phone.ts";

const CLUSTER = join(import.meta.dirname, "../../demo/cluster.ts");

describe("a cluster at hand", function () {
  this.timeout(90_000);
  let running: ChildProcess | undefined;
  afterEach(() => {
    if (running?.exitCode === null) running.kill("SIGTERM");
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`[FA12] three nodes behind one address, of which one may die; ${signal} ends all of it and leaves nothing behind`, async () => {
      const port = await freePort();
      const { PATH, HOME } = process.env;
      const demo = spawn(process.execPath, [CLUSTER, "--nodes", "3"], {
        env: { PATH, HOME, PORT: String(port) },
        stdio: ["ignore", "pipe", "inherit"],
      });
      running = demo;
      let said = "";
      demo.stdout.on("data", (words) => {
        said += words;
      });
      await eventually(() => /^ready: /m.test(said) || demo.exitCode !== null, 60_000);
      const pids = () => [...said.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
      assert.ok(pids().length >= 4, said);
      const entrance = new Entrance(port);
      const twins = await entrance.pairUp();
      const [ada, bea] = await Promise.all([Phone.join(entrance, twins.ada), Phone.join(entrance, twins.bea)]);
      await ada.say("through the balancer");
      await bea.hears("chat.message");
      if (signal === "SIGTERM") {
        const before = pids().length;
        process.kill(Number(said.match(/node 2 +process (\d+)/)?.[1]), "SIGKILL");
        await eventually(() => pids().length > before, 20_000);
      }
      const ended = once(demo, "exit");
      demo.kill(signal);
      assert.deepEqual(await ended, [0, null]);
      assert.deepEqual(pids().filter(isAlive), []);
    });
  }

  it("[FA12] a number of nodes that makes no sense is refused in one line", async () => {
    const demo = spawn(process.execPath, [CLUSTER, "--nodes", "none"], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    demo.stderr.on("data", (words) => {
      said += words;
    });
    const [code] = await once(demo, "close");
    assert.deepEqual([code, said.split("\n")[0]], [2, "--nodes must be a whole number from 1 to 20"]);
  });
});

describe("a plain balancer", () => {
  async function backend(name: string, isReady = true) {
    const server = createServer(({ url }, response) => {
      response.statusCode = url === "/ready" && !isReady ? 503 : 200;
      response.end(name);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return { server, port: typeof address === "object" ? (address?.port ?? 0) : 0 };
  }

  it("[FA13] takes those that are ready in turn, goes on where nobody listens, and lets go whom nobody can serve", async () => {
    const [one, two, out] = [await backend("one"), await backend("two"), await backend("out", false)];
    const balancer = await Balancer.open({ backends: [one.port, out.port, two.port] });
    const ask = async () =>
      (await fetch(`http://127.0.0.1:${balancer.port}/`, { headers: { connection: "close" } })).text();
    try {
      await eventually(() => balancer.ready.length === 2);
      assert.deepEqual([await ask(), await ask(), await ask(), await ask()].toSorted(), ["one", "one", "two", "two"]);
      one.server.closeAllConnections();
      await new Promise((closed) => one.server.close(closed));
      assert.deepEqual([await ask(), await ask(), await ask()], ["two", "two", "two"]);
      two.server.closeAllConnections();
      await new Promise((closed) => two.server.close(closed));
      const socket = connect(balancer.port, "127.0.0.1");
      socket.on("error", () => undefined);
      await new Promise((closed) => socket.on("close", closed));
    } finally {
      await balancer.close();
      for (const { server } of [one, two, out]) {
        server.closeAllConnections();
        server.close();
      }
    }
  });
});
