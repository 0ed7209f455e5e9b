import assert from "node:assert/strict";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { httpApp } from "../../http/app.ts";
import { createMetrics, type Metrics } from "../../server/metrics.ts";
import { eventually } from "../support/embedded.ts";
import { figuresOf } from "../support/figures.ts";
import { HttpWorld, parted } from "../support/http.ts";

const TOKEN = "0123456789abcdef-figures";

describe("GET /metrics", () => {
  let world: HttpWorld;
  let metrics: Metrics;
  beforeEach(() => {
    metrics = createMetrics({ version: "1" });
  });
  afterEach(async () => {
    metrics.stop();
    await world.close();
  });

  const open = async (metricsToken?: string, overrides: Parameters<typeof HttpWorld.open>[0] = {}) => {
    const { figures, request: observe } = metrics;
    world = await HttpWorld.open({ metrics: { figures, metricsToken }, observe, ...overrides });
  };

  const ask = async (headers: Record<string, string> = {}, path = "/metrics") => {
    const answer = await asked(world.port, path, headers);
    const code = answer.status === 200 ? undefined : JSON.parse(answer.text).error.code;
    return { ...answer, said: code === undefined ? "200" : `${answer.status} ${code}` };
  };

  it("[MT9] with METRICS_TOKEN tells whoever shows it, and nobody else, not even this machine", async () => {
    await open(TOKEN);
    assert.equal((await ask({ authorization: `Bearer ${TOKEN}` })).said, "200");
    assert.equal((await ask({ authorization: `bearer  ${TOKEN}`, "x-forwarded-for": "203.0.113.1" })).said, "200");
    const none = await ask();
    assert.equal(none.said, "401 AUTH_REQUIRED");
    assert.equal(none.headers["www-authenticate"], "Bearer");
    for (const token of [TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), "ada", "\u00e9"])
      assert.equal((await ask({ authorization: `Bearer ${token}` })).said, "401 AUTH_TOKEN_INVALID", token);
    assert.equal((await ask({ authorization: `Basic ${TOKEN}` })).said, "401 AUTH_TOKEN_INVALID");
    assert.equal((await ask({}, `/metrics?token=${TOKEN}`)).said, "401 AUTH_REQUIRED");
  });

  it("[MT10] without METRICS_TOKEN tells this machine", async () => {
    await open();
    const { said, headers, text } = await ask();
    assert.equal(said, "200");
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(headers["cache-control"], "no-store");
    assert.match(text, /^# HELP twinship_/m);
    for (const host of ["localhost", `localhost:${world.port}`, "127.0.0.1", "[::1]:3000"])
      assert.equal((await ask({ host })).said, "200", host);
  });

  it("[MT10] nor does anybody get in by a proxy on this machine, whatever it adds", async () => {
    await open();
    const ADDED = ["forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "cf-connecting-ip"];
    for (const name of [...ADDED, "x-forwarded-host", "x-client-ip", "true-client-ip", "x-original-forwarded-for"])
      assert.equal((await ask({ [name]: "127.0.0.1" })).said, "403 FORBIDDEN", name);
    const old = parted(await world.raw("GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"));
    assert.match(old.head, /^HTTP\/1\.1 403/);
  });

  it("[MT10] nor by a proxy that TRUST_PROXY names, nor with the header that it names the client by", async () => {
    await open(undefined, { proxies: { trusted: ["127.0.0.0/8", "::1"], header: undefined } });
    assert.equal((await ask()).said, "403 FORBIDDEN");
    await world.close();
    await open(undefined, { proxies: { trusted: ["10.0.0.0/8", "fd00::/8"], header: "x-whose" } });
    assert.equal((await ask()).said, "200");
    assert.equal((await ask({ "x-whose": "127.0.0.1" })).said, "403 FORBIDDEN");
  });

  it("[MT10] nor a page whose host's name leads here", async () => {
    await open();
    for (const host of ["example.org", "localhost.example.org", "127.0.0.1.example.org", "203.0.113.9"])
      assert.equal((await ask({ host })).said, "403 FORBIDDEN", host);
  });

  it("[MT10] nor another machine, whatever it says of itself", async function () {
    const outside = Object.values(networkInterfaces())
      .flatMap((all = []) => all)
      .find(({ internal, family }) => !internal && family === "IPv4");
    if (!outside) return this.skip();
    await open();
    world.http.close();
    world.http.closeAllConnections();
    await new Promise<void>((listening) => world.http.listen(world.port, "0.0.0.0", listening));
    const answer = await asked(world.port, "/metrics", { host: "127.0.0.1" }, outside.address);
    assert.equal(answer.status, 403);
    assert.equal((await asked(world.port, "/metrics", {}, "127.0.0.1")).status, 200);
  });

  it("[MT11] is asked with GET, answers refusals in the envelope, and stores nothing", async () => {
    await open(TOKEN);
    const posted = await world.call("POST", "/metrics", { body: {} });
    assert.equal(posted.status, 405);
    const refused = await ask();
    const body = JSON.parse(refused.text);
    assert.equal(body.success, false);
    assert.equal(body.requestId, refused.headers["x-request-id"]);
    assert.equal(refused.headers["cache-control"], "no-store");
    assert.ok(!refused.text.includes(TOKEN));
  });

  it("[MT11] is not there where nobody counts", async () => {
    world = await HttpWorld.open();
    assert.equal((await ask()).said, "404 NOT_FOUND");
  });

  it("[MT11] is never limited, and tells what it knows while what it asks does not answer", async () => {
    metrics.gauge("twinship_partitions_ahead_months", () => new Promise(() => undefined));
    metrics.gauge("twinship_rooms", () => 7);
    const take = () => assert.fail("nobody counts these");
    await open(undefined, { limits: { take }, notReady: async () => ["draining", "database"] });
    const { text, said } = await ask();
    assert.equal(said, "200");
    assert.equal(figuresOf(text).value("twinship_rooms"), 7);
    assert.equal(figuresOf(text).value("twinship_partitions_ahead_months"), undefined);
  });
});

describe("requests, as they are counted", () => {
  let world: HttpWorld;
  const metrics = createMetrics({ version: "1" });
  before(async () => {
    world = await HttpWorld.open({ observe: metrics.request });
  });
  after(async () => {
    metrics.stop();
    await world.close();
  });

  const counted = async (method: string, route: string, status: string) =>
    figuresOf((await metrics.figures()).text).value("twinship_http_requests_total", { method, route, status });

  it("[MT12] stand under their route as it is declared, with method and status, refused or not", async () => {
    const id = "00000000-0000-4000-8000-00000000000a";
    const cases: [string, string, string, string][] = [
      ["GET", "/health", "/health", "200"],
      ["GET", "/api/v1/health?x=1", "/api/v1/health", "200"],
      ["GET", "/ready", "/ready", "200"],
      ["GET", "/.well-known/jwks.json", "/.well-known/jwks.json", "200"],
      ["GET", "/api/v1/messages", "/api/v1/messages", "401"],
      ["GET", "/API/v1/messages", "/api/v1/messages", "401"],
      ["PATCH", `/api/v1/messages/${id}`, "/api/v1/messages/:id", "401"],
      ["PUT", "/api/v1/messages", "/api/v1/messages", "405"],
      ["POST", "/matchmake/joinOrCreate/pair", "/matchmake/:method/:room", "401"],
      ["POST", "/matchmake/anything/else", "/matchmake/:method/:room", "404"],
      ["GET", `/no/such/${id}`, "none", "404"],
      ["GET", "/api/v1/%zz", "none", "400"],
    ];
    for (const [method, address, route, status] of cases) {
      const before = (await counted(method, route, status)) ?? 0;
      await world.call(method, address);
      await eventually(async () => (await counted(method, route, status)) === before + 1);
    }
    const figures = figuresOf((await metrics.figures()).text);
    assert.ok(figures.all("twinship_http_requests_total").every(({ labels }) => !labels["route"]?.includes(id)));
    assert.ok((figures.value("twinship_http_request_seconds_count", { route: "/ready" }) ?? 0) >= 1);
  });

  it("[MT12] an unusual method is `other`", async () => {
    await world.raw("PROPFIND /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await eventually(async () => (await counted("other", "/health", "405")) === 1);
  });

  it("[MT12] whoever does not wait for the answer counts as 499", async () => {
    const slow = await HttpWorld.open({ observe: metrics.request, health: () => new Promise(() => undefined) });
    const asking = request({ port: slow.port, host: "127.0.0.1", path: "/health" });
    asking.on("error", () => undefined);
    slow.http.once("request", () => asking.destroy());
    asking.end();
    await eventually(async () => (await counted("GET", "/health", "499")) === 1);
    await slow.close();
  });

  it("[MT12] are told as they come even if nobody counts", () => {
    assert.ok(httpApp(world.deps));
  });
});

interface Asked {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** Unlike fetch, it sends the Host that it is given. */
function asked(port: number, path: string, headers: Record<string, string>, host = "127.0.0.1"): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asking = request({ host, port, path, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asking.on("error", reject).end();
  });
}
