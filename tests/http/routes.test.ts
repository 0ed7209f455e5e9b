import assert from "node:assert/strict";
import type { Idempotency, KeyedCall } from "../../domain/idempotency.ts";
import { LIMITS } from "../../domain/limits.ts";
import { Refusal } from "../../domain/refusal.ts";
import { apiRoutes } from "../../http/app.ts";
import { isRefusalCode } from "../../schema/wire/errors.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { HttpWorld } from "../support/http.ts";
import { ada, bea } from "../support/twins.ts";

const ID = "01900000-0000-7000-8000-000000000000";

describe("every route", () => {
  let world: HttpWorld;
  before(async () => {
    world = await HttpWorld.open();
  });
  after(() => world.close());

  const routes = apiRoutes(new HttpWorld().deps);
  const pathOf = (path: string) => `/api/v1${path.replace(":id", ID).replace(":emoji", "%F0%9F%99%82")}`;

  it("[HT16] stands once, and says what it is for", () => {
    const places = routes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(places, [...new Set(places)]);
    assert.ok(routes.every(({ summary, path }) => summary.length > 3 && path.startsWith("/")));
  });

  it("[HT16] is reached at its own path, whatever may stand in another's place", async () => {
    for (const { method, path } of routes) {
      const { status } = await world.call(method.toUpperCase(), pathOf(path), { as: "ada" });
      assert.notEqual(status, 405, `${method} ${path}`);
    }
    assert.equal(await world.refusal("GET", "/api/v1/messages/search", { as: "ada" }), "400 VALIDATION_ERROR");
  });

  for (const { method, path, signIn } of routes) {
    const asked = [method.toUpperCase(), pathOf(path)] as const;
    if (signIn === "required") {
      it(`[HT7] ${method} ${path} is not for who is not signed in`, async () => {
        assert.equal(await world.refusal(...asked), "401 AUTH_REQUIRED");
        for (const authorization of ["Bearer forged", "Bearer a b", "Bearer ", "Basic YWRhOmFkYQ==", "ada"]) {
          assert.equal(await world.refusal(...asked, { headers: { authorization } }), "401 AUTH_TOKEN_INVALID");
        }
      });
    }
    it(`[HT12] ${method} ${path} answers nonsense with a code of ours`, async () => {
      for (const body of ['{"a":1}', "[]", "{", '{"__proto__":{}}']) {
        const call = method === "get" ? { as: "ada" } : { as: "ada", body };
        const { status, body: told } = await world.call(...asked, call);
        assert.ok(status < 500, `${status}`);
        if (status >= 400) assert.ok(isRefusalCode(told.error.code) && told.success === false && told.requestId);
      }
    });
  }

  it("[HT2] a path says what it offers, to who asks for anything else", async () => {
    for (const [path, own] of Map.groupBy(routes, (route) => route.path)) {
      const offered = own.map(({ method }) => method.toUpperCase());
      const all = ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"];
      for (const method of all.filter((one) => !offered.includes(one))) {
        const { status, headers, body } = await world.call(method, pathOf(path), { as: "ada" });
        assert.deepEqual([status, body.error.code], [405, "METHOD_NOT_ALLOWED"], `${method} ${path}`);
        const allow = headers.get("allow")?.split(", ") ?? [];
        assert.deepEqual(allow, [...offered, ...(offered.includes("GET") ? ["HEAD"] : []), "OPTIONS"]);
      }
    }
    for (const path of ["/health", "/ready", "/api/v1/health"]) {
      const { status, headers } = await world.call("POST", path);
      assert.deepEqual([status, headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    }
  });

  it("[HT2] what is nowhere is NOT_FOUND, here and elsewhere", async () => {
    for (const path of ["/api/v1/nowhere", "/api/v1", "/", "/nowhere", "/API/v2", "/api/v1/Twins", "//evil.example/"]) {
      assert.equal(await world.refusal("GET", path), "404 NOT_FOUND", path);
    }
  });

  it("[HT5] a parameter given twice is named, everywhere", async () => {
    for (const path of ["/api/v1/twins", "/api/v1/messages", "/health", "/nowhere"]) {
      const { status, body } = await world.call("GET", `${path}?page=1&limit=10&page=2`, { as: "ada" });
      assert.deepEqual([status, body.error.code], [400, "VALIDATION_ERROR"], path);
      assert.deepEqual(body.error.details, [{ path: "page", message: "is given twice" }]);
    }
    assert.equal(
      (await world.call("GET", "/api/v1/messages?__proto__=1&constructor=2&toString=3", { as: "ada" })).status,
      200,
    );
  });

  it("[HT5] an address that cannot be read is refused, and is no mistake of ours", async () => {
    const odd = ["%", "%zz", "%E0%A4%A", "%ED%A0%80", "%FF", "%C0%80", "a%00b", "?q=%", "?q=%ED%A0%80", "?a%00=1"];
    for (const end of odd) {
      for (const start of ["/api/v1/messages/", "/api/v1/", "/", "/api/v1/messages/search"]) {
        const answer = await world.raw(
          `GET ${start}${end} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ada\r\n\r\n`,
        );
        assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*"VALIDATION_ERROR"/, start + end);
      }
    }
    assert.deepEqual(world.reported, []);
  });
});

describe("calls under a key, as they are known again", () => {
  it("[ID2] by who asks, the key, and the method and address with all of its words; rooms know theirs by themselves", async () => {
    const calls: KeyedCall[] = [];
    const once: Idempotency["once"] = (call, work) => {
      calls.push(call);
      return work();
    };
    const world = await HttpWorld.open({ idempotency: { once, purge: async () => 0 } });
    const headers = { "idempotency-key": "k" };
    await world.call("POST", "/api/v1/twins/code?for=me", { as: "ada", body: {}, headers });
    await world.call("POST", "/api/v1/twins/pair", { as: "bea", body: { code: "A" }, headers });
    for (const [path, body] of [
      ["/twins/code", {}],
      ["/messages", { text: "a" }],
      ["/room/seat", {}],
      ["/auth/logout", {}],
    ] as const) {
      const more = path === "/twins/code" ? {} : { headers };
      await world.call("POST", `/api/v1${path}`, { as: "ada", body, ...more });
    }
    await world.call("GET", "/api/v1/twins", { as: "ada", headers });
    assert.deepEqual(calls, [
      { userId: ada, key: "k", place: "POST /api/v1/twins/code?for=me", body: {} },
      { userId: bea, key: "k", place: "POST /api/v1/twins/pair", body: { code: "A" } },
    ]);
    await world.close();
  });
});

describe("limits of requests", () => {
  it("[LI2] a person counts for themselves, whoever shares their address; others count for their address", async () => {
    const table = {
      ...LIMITS,
      requests: { points: 3, withinMs: 60_000 },
      "requests.ip": { points: 2, withinMs: 60_000 },
    };
    const world = await HttpWorld.open({ limits: memoryLimits(table) });
    const asked = async (as: string | undefined) => {
      const { status, headers } = await world.call("GET", "/api/v1/twins", as === undefined ? {} : { as });
      return [status, headers.get("ratelimit-limit"), headers.get("ratelimit-remaining"), headers.has("retry-after")];
    };
    assert.deepEqual(await asked("ada"), [200, "3", "2", false]);
    assert.deepEqual(await asked("ada"), [200, "3", "1", false]);
    assert.deepEqual(await asked("ada"), [200, "3", "0", false]);
    assert.deepEqual(await asked("ada"), [429, "3", "0", true]);
    assert.deepEqual(await asked("bea"), [200, "3", "2", false]);
    assert.deepEqual(await asked("forged"), [401, "2", "1", false]);
    assert.deepEqual(await asked(undefined), [401, "2", "0", false]);
    assert.deepEqual(await asked("forged again"), [429, "2", "0", true]);
    assert.deepEqual(await asked("bea"), [200, "3", "1", false]);
    const seat = await world.call("POST", "/matchmake/joinOrCreate/pair", { as: "ada" });
    assert.deepEqual([seat.status, seat.headers.has("retry-after")], [429, true]);
    assert.match(seat.body.error, /^RATE_LIMIT_EXCEEDED: /);
    assert.equal((await world.call("GET", "/health")).status, 200);
    await world.close();
  });

  it("[HT6] a page may read when to come back", async () => {
    const origin = "https://app.example.org";
    const take = () => Promise.reject(new Refusal("RATE_LIMIT_EXCEEDED", "Later", { retryAfterMs: 1000 }));
    const world = await HttpWorld.open({ limits: { take }, origins: [origin] });
    for (const path of ["/api/v1/twins", "/api/v1/messages?limit=5"]) {
      const { status, headers } = await world.call("GET", path, { as: "ada", headers: { origin } });
      const told = (headers.get("access-control-expose-headers") ?? "").split(",");
      const needed = ["X-Request-Id", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];
      assert.deepEqual([...needed, "ETag", "Content-Range"], told);
      assert.deepEqual([status, headers.get("access-control-allow-origin")], [429, origin]);
      assert.match(headers.get("vary") ?? "", /\bOrigin\b/);
    }
    await world.close();
  });

  it("[HT9] a forged X-Forwarded-For makes nobody another client, unless a proxy of ours wrote it", async () => {
    const forge = { headers: { "x-forwarded-for": "6.6.6.6", "x-real-ip": "6.6.6.6", forwarded: "for=6.6.6.6" } };
    const seen: string[] = [];
    const limits = {
      take: async (_limit: string, key: string) => {
        seen.push(key);
        return { limit: 1, remaining: 1, resetMs: 0 };
      },
    };
    for (const trusted of [[], ["10.0.0.0/8"], ["127.0.0.0/8"]]) {
      const world = await HttpWorld.open({ limits, proxies: { trusted, header: undefined } });
      await world.call("GET", "/api/v1/twins", forge);
      await world.close();
    }
    // Each was refused for want of a token, and counted once.
    assert.deepEqual(seen, ["127.0.0.1", "127.0.0.1", "6.6.6.6"]);
  });

  it("[LI3] a limit that a use case takes says its own numbers", async () => {
    const { deps } = new HttpWorld();
    const allowance = { limit: 10, remaining: 0, resetMs: 90_500 };
    const redeem = async () => {
      throw new Refusal("RATE_LIMIT_EXCEEDED", "No", { retryAfterMs: 90_500, allowance });
    };
    const world = await HttpWorld.open({ pairing: { ...deps.pairing, redeem } });
    const { headers } = await world.call("POST", "/api/v1/twins/pair", { as: "ada", body: { code: "ABCDEFGH" } });
    const names = ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    assert.deepEqual(
      names.map((name) => headers.get(name)),
      ["91", "10", "0", "91"],
    );
    await world.close();
  });
});
