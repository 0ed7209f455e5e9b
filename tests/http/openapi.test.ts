import assert from "node:assert/strict";
import { z } from "zod";
import { apiRoutes } from "../../http/app.ts";
import { isRefusalCode } from "../../schema/wire/errors.ts";
import { HttpWorld } from "../support/http.ts";

type Json = Readonly<Record<string, unknown>>;

const record = (value: unknown): Json => {
  assert.ok(typeof value === "object" && value !== null);
  return Object.fromEntries(Object.entries(value));
};

describe("the document of the interface", () => {
  let world: HttpWorld;
  let document: Json;
  const routes = apiRoutes(new HttpWorld().deps);
  before(async () => {
    world = await HttpWorld.open();
    document = (await world.call("GET", "/openapi.json")).body;
  });
  after(() => world.close());

  const operations = (): [string, Json][] =>
    Object.entries(record(document["paths"])).flatMap(([path, own]) =>
      Object.entries(record(own)).map(([method, operation]): [string, Json] => [
        `${method} ${path}`,
        record(operation),
      ]),
    );

  /** The schema behind `$ref`s, as zod reads it. */
  function schemaOf(operation: Json, status: string): z.ZodType {
    const responses = record(operation["responses"]);
    const content = record(record(responses[status])["content"]);
    const schema = record(record(content["application/json"])["schema"]);
    const components = record(record(document["components"])["schemas"] ?? {});
    const text = JSON.stringify({ ...schema, $defs: components }).replaceAll("#/components/schemas/", "#/$defs/");
    return z.fromJSONSchema(JSON.parse(text));
  }

  it("[OA1] holds every route there is, and none that there is not", () => {
    const mounted = routes.map(({ method, path }) => `${method} /api/v1${path.replace(/:([^/]+)/g, "{$1}")}`);
    const described = operations()
      .map(([name]) => name)
      .filter((name) => name.includes(" /api/v1/"));
    const content = "get /api/v1/media/{id}/content";
    const beside = [
      content,
      "get /api/v1/downloads/{token}",
      "post /api/v1/webhooks/sendgrid",
      "post /api/v1/webhooks/twilio",
      "post /api/v1/webhooks/revenuecat",
    ];
    assert.deepEqual(described.toSorted(), [...mounted, ...beside].toSorted());
  });

  it("[OA1] what it describes beside them is there", async () => {
    for (const [name] of operations()) {
      const [method = "", path = ""] = name.split(" ");
      if (path.startsWith("/dev/") || path === "/metrics") continue;
      const { status } = await world.call(
        method.toUpperCase(),
        path.replace(/\{[^}]+\}/g, "01900000-0000-7000-8000-000000000000"),
        { as: "ada" },
      );
      assert.notEqual(status, 405, name);
    }
  });

  it("[OA2] is an OpenAPI 3.1 document in itself: every reference leads somewhere, every call has a name of its own", () => {
    assert.equal(document["openapi"], "3.1.0");
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      assert.ok(name && name in record(record(document["components"])["schemas"]), name);
    const names = operations().flatMap(([, { operationId }]) => (operationId === undefined ? [] : [operationId]));
    assert.deepEqual(names, [...new Set(names)]);
    for (const [name, { summary, responses, parameters }] of operations()) {
      assert.ok(typeof summary === "string" && summary.length > 3, name);
      assert.ok(
        Object.keys(record(responses)).some((status) => /^2\d\d$/.test(status)),
        name,
      );
      const inPath = [...name.matchAll(/\{([^}]+)\}/g)].map(([, one]) => one);
      const declared = (Array.isArray(parameters) ? parameters : [])
        .filter((one) => one.in === "path")
        .map((one) => one.name);
      assert.deepEqual(declared, inPath, name);
    }
  });

  it("[OA3] says who may call, and which calls a key makes once", () => {
    const byName = new Map(operations());
    const keyed = (name: string) => JSON.stringify(byName.get(name)?.["parameters"] ?? []).includes("Idempotency-Key");
    assert.deepEqual(byName.get("get /api/v1/auth/me")?.["security"], [{ bearer: [] }]);
    assert.equal(byName.get("post /api/v1/auth/login")?.["security"], undefined);
    assert.deepEqual(
      [keyed("post /api/v1/twins/code"), keyed("post /api/v1/auth/login"), keyed("get /api/v1/twins")],
      [true, false, false],
    );
  });

  it("[OA4] what is answered is what it says: of what succeeds, and of every refusal", async () => {
    const byName = new Map(operations());
    const success = [
      ["get /api/v1/twins", {}],
      ["post /api/v1/twins/code", {}],
      ["get /api/v1/twins/former", {}],
      ["get /api/v1/messages", {}],
      ["get /api/v1/ws/info", {}],
      ["post /api/v1/messages", { body: { clientMessageId: "k1", text: "are you awake?" } }],
    ] as const;
    for (const [name, how] of success) {
      const [method = "", path = ""] = name.split(" ");
      const operation = byName.get(name);
      assert.ok(operation, name);
      const { status, body } = await world.call(method.toUpperCase(), path, { as: "ada", ...how });
      assert.ok(status < 300, `${name} ${status} ${JSON.stringify(body)}`);
      schemaOf(operation, String(status)).parse(body);
    }
    for (const { method, path } of routes) {
      const operation = byName.get(`${method} /api/v1${path.replace(/:([^/]+)/g, "{$1}")}`);
      assert.ok(operation);
      const broken = method === "get" ? {} : { body: '{"a":' };
      const place = `/api/v1${path.replace(/:[^/]+/g, "nonsense")}`;
      const { status, body } = await world.call(method.toUpperCase(), place, { as: "nobody", ...broken });
      if (status < 400) continue;
      schemaOf(operation, "default").parse(body);
      assert.ok(isRefusalCode(body.error.code));
    }
  });

  it("[OA5] is kept by who has it, and read on a page of our own without anything from elsewhere", async () => {
    const { headers } = await world.call("GET", "/openapi.json");
    const etag = headers.get("etag");
    assert.ok(etag);
    assert.equal((await world.call("GET", "/openapi.json", { headers: { "if-none-match": etag } })).status, 304);
    const { text, status } = await world.call("GET", "/docs");
    assert.equal(status, 200);
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? "");
    assert.ok(files.length >= 3);
    for (const file of files) {
      assert.ok(file.startsWith("/docs/"), file);
      assert.equal((await world.call("GET", file)).status, 200, file);
    }
  });
});
