import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { ConfigProblem, readConfig } from "../../server/config.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { Phone } from "../support/phone.ts";
import { emptyDatabase } from "../support/postgres.ts";

const PARENT = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${PARENT}-b7ad6b7169203331-01`;
const UNSAMPLED = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

interface Got {
  readonly path: string | undefined;
  readonly token: string | undefined;
  readonly body: string;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

interface Told {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

describe("traces", function () {
  this.timeout(60_000);
  const got: Got[] = [];
  let collector: Server;
  let url: string;
  let status = 200;
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  const hosts: Host[] = [];
  before(async () => {
    database = await emptyDatabase();
    collector = createServer(async (request, response) => {
      got.push({ path: request.url, token: request.headers["x-api-key"]?.toString(), body: await text(request) });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
    await once(collector.listen(0, "127.0.0.1"), "listening");
    const address = collector.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  beforeEach(() => {
    got.length = 0;
    status = 200;
  });
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.remove())));
  after(async () => {
    collector?.close();
    collector?.closeAllConnections();
    await database?.drop();
  });

  async function start(env: Readonly<Record<string, string>> = {}): Promise<Host> {
    const host = await Host.start([process.execPath, "server/main.ts"], { DATABASE_URL: database.url, ...env });
    hosts.push(host);
    await eventually(() => host.isReady(), 20_000).catch(() => assert.fail(host.words));
    return host;
  }
  const spans = (): Told[] => got.flatMap(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans);
  const ofSpan = (span: Told) =>
    Object.fromEntries(span.attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
  async function stop(host: Host): Promise<void> {
    host.signal("SIGTERM");
    await host.ended();
  }

  it("[WA3] are off by default, whatever comes along", async () => {
    const host = await start();
    await host.call("GET", "/api/v1/auth/me", undefined, undefined, { traceparent: TRACEPARENT });
    await stop(host);
    assert.doesNotMatch(host.words, /trace_id/);
    const disabled = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: "true" });
    await disabled.call("GET", "/health");
    await stop(disabled);
    assert.deepEqual(got, []);
  });

  it("[WA3] [WA4] go to the collector by the standard variables: each request and command, with its end and nothing of what was said", async () => {
    const host = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: "X-Api-Key=a%20key",
      OTEL_SERVICE_NAME: "twins-of-this-test",
      LOG_LEVEL: "info",
    });
    const twins = await host.pairUp();
    const phone = await Phone.join(host, twins.ada);
    await phone.say("secretword of the room");
    assert.equal(await phone.refusal("chat.send", { key: "k", text: "" }), "VALIDATION_ERROR");
    await host.call("POST", "/api/v1/messages", twins.bea.accessToken, { text: "secretword by http" });
    const headers = { traceparent: TRACEPARENT, authorization: "Bearer secrettoken" };
    await host.call("GET", "/api/v1/messages?cursor=secretquery", undefined, undefined, headers);
    await host.call("GET", "/api/v1/twins/invitations/secretpath", twins.ada.accessToken);
    await host.call("GET", "/health", undefined, undefined, { traceparent: UNSAMPLED });
    await phone.leave();
    await stop(host);

    assert.deepEqual(new Set(got.map(({ path, token }) => `${path} ${token}`)), new Set(["/v1/traces a key"]));
    const [{ resource } = { resource: undefined }] = JSON.parse(got[0]?.body ?? "{}").resourceSpans;
    assert.equal(resource.attributes[0].value.stringValue, "twins-of-this-test");
    const all = spans();
    const one = (name: string) => {
      const found = all.filter((span) => span.name === name);
      assert.ok(found.length > 0, `${name} among ${all.map((span) => span.name).join(", ")}`);
      return found;
    };
    const [asked] = one("GET /api/v1/messages");
    assert.ok(asked);
    assert.deepEqual([asked.traceId, asked.parentSpanId, asked.kind], [PARENT, "b7ad6b7169203331", 2]);
    assert.deepEqual(ofSpan(asked), {
      "http.request.method": "GET",
      "http.route": "/api/v1/messages",
      "http.response.status_code": 401,
    });
    assert.deepEqual(
      one("chat.send")
        .map((span) => ofSpan(span)["twinship.outcome"])
        .toSorted(),
      ["VALIDATION_ERROR", "ok", "ok"],
    );
    const [posted] = one("POST /api/v1/messages");
    assert.ok(
      one("chat.send").some((span) => span.parentSpanId === posted?.spanId && span.traceId === posted?.traceId),
    );
    assert.ok(all.every((span) => BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)));
    assert.ok(!all.some((span) => span.traceId.startsWith("1af7")), "who is not to be sampled is not");
    const told = got.map(({ body }) => body).join("");
    assert.doesNotMatch(told, /secret|example\.org|Bearer|eyJ|Correct-horse/);
    for (const { userId } of [twins.ada, twins.bea]) assert.ok(!told.includes(userId));
  });

  it("[WA5] a line of the log that is written meanwhile bears the ids of its trace", async () => {
    const host = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    await host.pairUp();
    // A database that is broken in one place makes a line.
    const { one } = await import("../support/embedded.ts");
    await one(database.url, "alter table pairing_codes rename to elsewhere").catch(() => undefined);
    await one(database.url, "alter table invitations rename to elsewhere_too").catch(() => undefined);
    const ada = await host.signUp("Ada");
    const { status: answer } = await host.call("POST", "/api/v1/twins/code", ada.accessToken, undefined, {
      traceparent: TRACEPARENT,
    });
    await one(database.url, "alter table if exists elsewhere rename to pairing_codes");
    await one(database.url, "alter table if exists elsewhere_too rename to invitations");
    assert.equal(answer, 500);
    const line = host.words.split("\n").find((words) => /something went wrong/.test(words)) ?? "{}";
    assert.equal(JSON.parse(line).trace_id, PARENT);
    assert.match(JSON.parse(line).span_id, /^[0-9a-f]{16}$/);
  });

  it("[WA4] a collector that is away costs nothing but spans, and is named once", async () => {
    status = 503;
    const host = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    for (let n = 0; n < 600; n++) await host.call("GET", "/health");
    await eventually(() => /the collector of traces takes none/.test(host.words));
    await host.pairUp();
    await stop(host);
    assert.equal(host.words.match(/the collector of traces takes none/g)?.length, 1);
  });

  it("[WA3] a variable that makes no sense is named, and no header's value", () => {
    for (const [name, value] of [
      ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"],
      ["OTEL_EXPORTER_OTLP_HEADERS", "tell-nobody"],
      ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
      ["OTEL_SDK_DISABLED", "perhaps"],
    ] as const) {
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) => error instanceof ConfigProblem && error.message.includes(name) && !/tell-nobody/.test(error.message),
      );
    }
    assert.equal(readConfig({ OTEL_TRACES_SAMPLER_ARG: "0.25" }).OTEL_TRACES_SAMPLER_ARG, 0.25);
  });
});
