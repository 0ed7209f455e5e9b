import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { Bot } from "../support/bot.ts";
import { Edge, SORRY } from "../support/edge.ts";
import { eventually } from "../support/embedded.ts";
import { Nginx } from "../support/nginx.ts";
import { type PairedUp, TestServer } from "../support/server.ts";
import { smoke } from "../support/smoked.ts";
import { stopwatch } from "../support/stopwatch.ts";

const PASSWORD = "Correct-horse-1";

/** Between two pings, and a little. */
const IDLE_SECONDS = 22;
const PING_MS = 20_000;

describe("behind an edge that rewrites errors, holds answers back and stores what it may", function () {
  this.timeout(90_000);
  let server: TestServer;
  let edge: Edge;
  let twins: PairedUp;
  before(async function () {
    // A gate that cannot look must not say that all is well.
    if (!Nginx.isThere) return process.env["CI"] === "true" ? assert.fail("nginx is not there") : this.skip();
    server = await TestServer.create({ TRUST_PROXY: "127.0.0.1" });
    await server.start();
    edge = await Edge.before(server.port, { idleSeconds: IDLE_SECONDS });
    twins = await edge.pairUp();
  });
  after(async () => {
    await edge?.stop();
    await server?.remove();
  });

  const botOf = (who: "ada" | "bea") =>
    Bot.start({
      ...{ url: edge.url, email: twins[who].email, password: PASSWORD },
      ...{ person: who, pair: twins.pairId, device: `${who}'s phone` },
    });

  it("[EG1] everything works as without it: refusals keep their words, and sockets and answers pass", async () => {
    const { code, said } = await smoke(edge.url);
    assert.equal(code, 0, said);
  });

  it("[EG1] no refusal that is final has a status that edges rewrite", async () => {
    const stranger = await edge.signUp("Eve");
    for (const [method, path, body, status] of [
      ["POST", "/matchmake/joinOrCreate/pair", {}, 409],
      ["POST", "/matchmake/join/pair", {}, 404],
      ["POST", "/api/v1/room/seat", {}, 409],
      ["POST", "/api/v1/messages", { text: "hello" }, 409],
      ["POST", "/api/v1/twins/pair", { code: "no" }, 404],
      ["GET", "/api/v1/messages/0198c8f0-0000-7000-8000-000000000000", undefined, 405],
    ] as const) {
      const answer = await edge.call(method, path, stranger.accessToken, body);
      assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(answer.body)}`);
    }
  });

  it("[EG2] clients take its pages for no answer: while the server is away they wait, and nothing is lost or doubled", async () => {
    const [ada, bea] = [await botOf("ada"), await botOf("bea")];
    await ada.say("before");
    await server.end("SIGKILL");
    const answer = await fetch(`${edge.url}/api/v1/auth/me`);
    assert.deepEqual([answer.status, await answer.text()], [520, SORRY]);
    const meanwhile = [ada.say("while it was away"), bea.say("me too")];
    await server.start();
    await Promise.all(meanwhile);
    await ada.say("after");
    const texts = (bot: Bot) => bot.screen.map((message) => "text" in message && message.text).filter(Boolean);
    for (const bot of [ada, bea]) await bot.until(() => texts(bot).length === 4, "four messages");
    assert.deepEqual(texts(ada), texts(bea));
    assert.deepEqual(texts(ada).toSorted(), ["after", "before", "me too", "while it was away"]);
    assert.deepEqual([...ada.reported, ...bea.reported], []);
    await Promise.all([ada.close(), bea.close()]);
  });

  it("[EG3] a socket on which nobody speaks is pinged every 20 s, so that edges do not take it for idle", async () => {
    const { body } = await edge.call("POST", "/api/v1/room/seat", twins.ada.accessToken, { deviceId: "quiet" });
    const { name, roomId, sessionId, processId } = body.room ? { ...body.room, ...body } : body;
    assert.ok(sessionId, JSON.stringify(body));
    assert.ok(name);
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/${processId}/${roomId}?sessionId=${sessionId}`, {
      headers: { authorization: `Bearer ${twins.ada.accessToken}` },
    });
    const took = stopwatch();
    await once(socket, "open");
    await once(socket, "ping");
    assert.ok(took() < PING_MS + 1500);
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.terminate();
  });

  it("[EG4] it keeps nothing of anybody: two people ask for the same and get their own, and nothing comes from its store", async () => {
    for (const path of [
      "/api/v1/auth/me",
      "/api/v1/twins",
      "/api/v1/messages",
      "/health",
      "/api/v1/health",
      "/ready",
    ]) {
      for (const who of [twins.ada, twins.bea, twins.ada]) {
        const { headers, body, status } = await edge.call("GET", path, who.accessToken);
        assert.equal(status, 200, path);
        assert.match(headers.get("cache-control") ?? "", /no-store/, path);
        assert.notEqual(headers.get("x-kept"), "HIT", path);
        if (path.endsWith("/me")) assert.equal(body.user.id, who.userId);
      }
    }
  });

  it("[EG6] the page's own files are named after what is in them and kept for a year; the page itself is asked for each time", async () => {
    const ask = async (path: string) => {
      const answer = await fetch(`${edge.url}${path}`);
      return { text: await answer.text(), status: answer.status, headers: answer.headers };
    };
    const page = await ask("/");
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.headers.get("cache-control") ?? "", /max-age=[1-9]/);
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map(([, path = ""]) => path);
    assert.ok(files.length >= 2, page.text);
    for (const path of files) {
      await ask(path);
      const again = await ask(path);
      assert.match(again.headers.get("cache-control") ?? "", /max-age=31536000, immutable/, path);
      assert.equal(again.headers.get("x-kept"), "HIT", path);
      assert.match(path, /[-.][A-Za-z0-9_-]{8,}\.(?:js|css)$/, "another content has another name");
    }
    await ask("/");
    assert.notEqual((await ask("/")).headers.get("x-kept"), "HIT");
  });

  it("[EG5] its word on a client's address counts only if TRUST_PROXY names it", async () => {
    const remaining = async (of: string, through: { port: number }) => {
      const answer = await fetch(`http://127.0.0.1:${through.port}/api/v1/auth/me`, {
        headers: { "x-forwarded-for": of },
      });
      return Number(answer.headers.get("ratelimit-remaining"));
    };
    // What a client wrote there is gone at this edge: both count for one address.
    const first = await remaining("203.0.113.1", edge);
    assert.equal(await remaining("203.0.113.2", edge), first - 1);
    const unlisted = await TestServer.create();
    await unlisted.start();
    const one = await remaining("203.0.113.1", unlisted);
    assert.equal(await remaining("203.0.113.2", unlisted), one - 1);
    await unlisted.remove();
    await eventually(() => edge.isReady());
  });
});
