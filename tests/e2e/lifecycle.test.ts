import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { Phone } from "../support/phone.ts";
import { TestServer } from "../support/server.ts";

const SERVER = join(import.meta.dirname, "../../server");

describe("the server, from start to end", function () {
  this.timeout(60_000);
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.create();
    await server.start();
  });
  afterEach(() => server.remove());

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`[P9] ${signal}: tells each device when to come again, finishes what it was given, closes 4503 and goes`, async () => {
      const twins = await server.pairUp();
      const ada = await Phone.join(server, twins.ada);
      const bea = await Phone.join(server, twins.bea);
      const said = Array.from({ length: 50 }, (_, n) => ada.say(`last words ${n}`).catch(() => undefined));
      const started = Date.now();
      const ended = server.end(signal);
      for (const phone of [ada, bea]) {
        const { reconnectAfterMs } = await phone.hears("server.draining");
        assert.ok(reconnectAfterMs >= 0 && reconnectAfterMs <= 20_000);
        assert.equal(await phone.closed, 4503);
      }
      assert.equal(await ended, 0);
      assert.ok(Date.now() - started < 10_000);
      const acknowledged = (await Promise.all(said)).flatMap((sent) => (sent ? [sent.seq] : []));
      await server.start();
      const { body } = await server.call("GET", "/api/v1/messages?limit=100", twins.bea.accessToken);
      const kept = new Set(body.messages.map(({ seq }: { seq: number }) => seq));
      assert.ok(acknowledged.every((seq) => kept.has(seq)));
    });
  }

  it("[P12] after a kill nobody is shown online who is not: unknown at once, last seen before the kill", async () => {
    const twins = await server.pairUp();
    const ada = await Phone.join(server, twins.ada);
    const bea = await Phone.join(server, twins.bea);
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.status === "online");
    await ada.say("here");
    await server.end("SIGKILL");
    const killedAt = Date.now();
    await server.start();
    const back = await Phone.join(server, twins.bea);
    const member = await back.sees((state) => state.members?.get(twins.ada.userId));
    assert.equal(member.status, "unknown");
    assert.ok(!member.lastSeen || Date.parse(member.lastSeen) <= killedAt);
    assert.equal((await back.hears("chat.window")).messages.at(-1).text, "here");
    await back.leave();
  });

  it("[P2] a command sent again, after the server was killed and started, has one effect and the same answer", async () => {
    const twins = await server.pairUp();
    const ada = await Phone.join(server, twins.ada);
    const command = { key: "once", text: "for ever" };
    const first = await ada.ask("chat.send", command);
    await server.end("SIGKILL");
    await server.start();
    const again = await Phone.join(server, twins.ada);
    assert.deepEqual(await again.ask("chat.send", command), { ...first, duplicate: true });
    assert.equal(await again.refusal("chat.send", { ...command, text: "other" }), "ID_REUSED");
    await again.leave();
  });

  it("[P12] a room that was given back knows that nobody is there", async () => {
    const twins = await server.pairUp();
    const ada = await Phone.join(server, twins.ada);
    await ada.leave();
    await server.end("SIGTERM");
    await server.start();
    const bea = await Phone.join(server, twins.bea);
    const member = await bea.sees((state) => state.members?.get(twins.ada.userId));
    assert.equal(member.status, "offline");
    await bea.leave();
  });

  it("[EM1] is alone on its folder: a second server names the first and goes", async function () {
    // Elsewhere the folder is nothing that two could quarrel about.
    if (process.env["TEST_POOLER_URL"]) return this.skip();
    const [code] = await once(server.spawn(), "exit");
    assert.equal(code, 1);
    assert.match(server.log(), new RegExp(String(server.pid)));
  });
});

describe("commands beside a server that runs", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  after(() => server.remove());

  it("[EM2] join its database, and leave it running", async () => {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, DATA_DIR: server.dataDir, ...server.env };
    for (const [script, says] of [
      ["studies.ts", /consent 1: /],
      ["deliveries.ts", /Nothing was sent within 7 days/],
      ["rescore.ts", /All results are of scoring /],
    ] as const) {
      const { stdout } = await promisify(execFile)(process.execPath, [join(SERVER, script)], { env });
      assert.match(stdout, says, script);
    }
    assert.ok(await server.isReady());
  });
});

describe("tokens that end while a socket is open", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create({ ACCESS_TOKEN_SECONDS: "4" });
    await server.start();
  });
  after(() => server.remove());

  it("[PR4] the device is warned, and closed 4401 at the end of its token", async () => {
    const twins = await server.pairUp();
    const ada = await Phone.join(server, twins.ada);
    const { at } = await ada.hears("session.expiring");
    assert.equal(await ada.closed, 4401);
    assert.ok(Math.abs(Date.now() - Date.parse(at)) < 3000);
  });

  it("[PR6] a device that brings a new token stays", async () => {
    const twins = await server.pairUp();
    const ada = await Phone.join(server, twins.ada);
    const bea = await Phone.join(server, twins.bea);
    let { refreshToken } = twins.ada;
    let warnings = 0;
    // Each new token ends within the minute as well, and is warned of in its turn.
    const renewed = async (): Promise<"renewed"> => {
      warnings += 1;
      await ada.until(() => ada.all("session.expiring")[warnings - 1], `warning ${warnings} was not heard`);
      const { body } = await server.call("POST", "/api/v1/auth/refresh", undefined, { refreshToken });
      ({ refreshToken } = body.tokens);
      await ada.ask("auth.refresh", { accessToken: body.tokens.accessToken });
      return "renewed";
    };
    while ((await Promise.race([renewed(), bea.closed])) === "renewed");
    assert.equal(await bea.closed, 4401);
    assert.equal((await ada.say("still here")).seq, 1);
    await ada.leave();
  });
});
