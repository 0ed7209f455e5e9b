import assert from "node:assert/strict";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";

const APP = "https://app.example.org";

describe("HTTP in general", function () {
  this.timeout(60_000);
  let server: TestServer;
  let ada: SignedUp;
  before(async () => {
    server = await TestServer.create({ CORS_ORIGINS: APP });
    await server.start();
    ada = await server.signUp("Ada");
  });
  after(() => server.remove());

  const codeOf = async (...call: Parameters<TestServer["call"]>) => {
    const { status, body } = await server.call(...call);
    return [status, body.error?.code];
  };
  const json = { "content-type": "application/json" };

  it("[HT1] every answer has the envelope, and a request id of its own or the caller's", async () => {
    const mine = await server.call("GET", "/api/v1/nowhere", undefined, undefined, { "x-request-id": "my-request_01" });
    assert.equal(mine.status, 404);
    const { success, error, timestamp, requestId } = mine.body;
    assert.deepEqual([success, error.code, requestId], [false, "NOT_FOUND", "my-request_01"]);
    assert.equal(new Date(timestamp).toISOString(), timestamp);
    assert.equal(mine.headers.get("x-request-id"), "my-request_01");
    for (const forged of ["short", "x".repeat(65), "with space in it"]) {
      const { headers } = await server.call("GET", "/health", undefined, undefined, { "x-request-id": forged });
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    }
    assert.equal((await server.call("GET", "/api/v1/auth/me", ada.accessToken)).body.success, true);
  });

  it("[HT2] a path is the same with a slash behind it, and another one in other letters", async () => {
    for (const [path, status] of [
      ["/users/profile/", 200],
      ["/users/Profile", 404],
      ["/users/profile//", 404],
      ["//users/profile", 404],
    ] as const)
      assert.equal((await server.call("GET", `/api/v1${path}`, ada.accessToken)).status, status, path);
    assert.equal((await server.call("PUT", "/api/v1/twins/", ada.accessToken, {})).status, 405);
  });

  it("[HT2] a path that does not offer a method says what it offers", async () => {
    const { status, headers, body } = await server.call("PUT", "/api/v1/twins", ada.accessToken, {});
    assert.deepEqual([status, body.error.code], [405, "METHOD_NOT_ALLOWED"]);
    assert.match(headers.get("allow") ?? "", /GET.*DELETE/);
  });

  it("[HT3] a body is JSON of at most 64 KiB, an object, and not too deep", async () => {
    const post = (body: string, headers: Record<string, string> = json) =>
      codeOf("POST", "/api/v1/auth/login", undefined, body, headers);
    assert.deepEqual(await post("{"), [400, "MALFORMED_JSON"]);
    assert.deepEqual(await post("[]"), [400, "VALIDATION_ERROR"]);
    for (const odd of ['"word"', "null", "7"]) assert.deepEqual(await post(odd), [400, "VALIDATION_ERROR"]);
    assert.deepEqual(await post("a=b", { "content-type": "application/x-www-form-urlencoded" }), [
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ]);
    assert.deepEqual(await post("{}", { "content-type": "application/json; charset=latin1" }), [
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    ]);
    assert.deepEqual(await post("{}", { ...json, "content-encoding": "gzip" }), [415, "UNSUPPORTED_MEDIA_TYPE"]);
    assert.deepEqual(await post(`{"email":"${"x".repeat(70_000)}"}`), [413, "PAYLOAD_TOO_LARGE"]);
    assert.deepEqual(await post(`{"email":${"[".repeat(10_000)}${"]".repeat(10_000)}}`), [400, "VALIDATION_ERROR"]);
    assert.deepEqual(await post('{"__proto__":{"isAdmin":true},"email":"a@example.org","password":"x"}'), [
      400,
      "VALIDATION_ERROR",
    ]);
  });

  it("[HT3] a body of 5 MB is refused, and the server lives", async () => {
    const big = `{"email":"${"x".repeat(5_000_000)}"}`;
    const refused = await codeOf("POST", "/api/v1/auth/login", undefined, big, json).catch(() => [
      413,
      "PAYLOAD_TOO_LARGE",
    ]);
    assert.deepEqual(refused, [413, "PAYLOAD_TOO_LARGE"]);
    assert.equal((await server.call("GET", "/health")).status, 200);
  });

  it("[HT4] no body at all is an empty form: what needs nothing works, what needs fields names them", async () => {
    assert.equal((await server.call("POST", "/api/v1/twins/code", ada.accessToken)).status, 201);
    const other = await server.signUp("Out");
    assert.equal((await server.call("POST", "/api/v1/auth/logout", other.accessToken)).status, 200);
    for (const [path, field] of [
      ["/auth/login", "email"],
      ["/auth/refresh", "refreshToken"],
      ["/twins/pair", "code"],
    ] as const) {
      for (const headers of [{}, { ...json, "content-length": "0" }]) {
        const { status, body } = await server.call("POST", `/api/v1${path}`, ada.accessToken, undefined, headers);
        assert.deepEqual([path, status, body.error.code], [path, 400, "VALIDATION_ERROR"]);
        assert.ok(
          body.error.details.some(({ path: named }: { path: string }) => named === field),
          JSON.stringify(body),
        );
      }
    }
  });

  it("[HT5] a parameter given twice, a NUL, and a path that cannot be read are refused, never an error of ours", async () => {
    for (const path of [
      "/messages?limit=10&limit=20",
      "/messages?cursor=a&cursor=b",
      "/messages/search?q=a&q=b",
      "/messages?before=5&before=6",
    ]) {
      assert.deepEqual(
        [path, ...(await codeOf("GET", `/api/v1${path}`, ada.accessToken))],
        [path, 400, "VALIDATION_ERROR"],
      );
    }
    for (const path of ["/api/v1/messages/search?q=a%00b", "/api/v1/messages/%E0%A4%A/read", "/api/v1/messages/%00"]) {
      const [status] = await codeOf(path.endsWith("read") ? "POST" : "GET", path, ada.accessToken);
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    }
  });

  it("[HT6] pages of listed origins may call, and read what they must, on errors too; others may not", async () => {
    const asked = "authorization,content-type,idempotency-key,if-match,x-request-id,range";
    const preflight = await server.call("OPTIONS", "/api/v1/twins/pair", undefined, undefined, {
      origin: APP,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked,
    });
    assert.equal(preflight.status, 204);
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(/, ?/);
    for (const name of asked.split(",")) assert.ok(allowed.includes(name), name);
    for (const path of ["/api/v1/auth/me", "/api/v1/nowhere", "/matchmake/joinOrCreate/pair"]) {
      const { headers } = await server.call(path.startsWith("/match") ? "POST" : "GET", path, undefined, undefined, {
        origin: APP,
      });
      assert.equal(headers.get("access-control-allow-origin"), APP);
      assert.match(
        headers.get("access-control-expose-headers") ?? "",
        /X-Request-Id.*Retry-After.*RateLimit-.*ETag.*Content-Range/,
      );
      assert.match(headers.get("vary") ?? "", /Origin/);
    }
    const foreign = await server.call("GET", "/api/v1/auth/me", undefined, undefined, {
      origin: "https://evil.example",
    });
    assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  });

  it("[HT7] nobody comes in without a token of ours", async () => {
    const closed: [method: string, path: string][] = [
      ["GET", "/auth/me"],
      ["GET", "/auth/sessions"],
      ["GET", "/users/profile"],
      ["PATCH", "/users/profile"],
      ["GET", "/users/settings"],
      ["POST", "/twins/code"],
      ["POST", "/twins/pair"],
      ["GET", "/twins"],
      ["DELETE", "/twins"],
      ["GET", "/messages"],
      ["POST", "/messages"],
      ["GET", "/messages/search?q=a"],
      ["GET", "/messages/export"],
      ["POST", "/room/seat"],
      ["GET", "/ws/info"],
    ];
    for (const [method, path] of closed) {
      assert.deepEqual([path, ...(await codeOf(method, `/api/v1${path}`))], [path, 401, "AUTH_REQUIRED"]);
      assert.deepEqual([path, ...(await codeOf(method, `/api/v1${path}`, "a.b.c"))], [path, 401, "AUTH_TOKEN_INVALID"]);
    }
  });

  it("[HT8] tells whether it lives, whether it is ready, and with which keys its tokens are checked", async () => {
    const { body } = await server.call("GET", "/health");
    assert.deepEqual(
      [body.status, body.services.database, (await server.call("GET", "/api/v1/health")).status],
      ["healthy", "connected", 200],
    );
    assert.equal((await server.call("GET", "/ready")).status, 200);
    const { keys } = (await server.call("GET", "/.well-known/jwks.json")).body;
    assert.deepEqual([keys[0].kty, keys[0].alg, "d" in keys[0]], ["RSA", "RS256", false]);
    const { wsUrl } = (await server.call("GET", "/api/v1/ws/info", ada.accessToken)).body;
    assert.match(wsUrl, /^wss?:/);
  });
});

describe("limits", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  before(async () => {
    server = await TestServer.create({ RATE_LIMIT_REQUESTS_PER_MINUTE: "12", RATE_LIMIT_MESSAGES_PER_MINUTE: "5" });
    await server.start();
    twins = await server.pairUp();
  });
  after(() => server.remove());

  it("[LI1] messages have a limit of their own, whichever door they come by; a refusal says when to come again", async () => {
    const room = await server.join(twins.ada);
    const said = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => room.request("chat.send", { key: `k${n}`, text: "a" })),
    );
    const refused = said.flatMap((one) => (one.status === "rejected" ? [one.reason.reason] : []));
    assert.equal(refused.length, 3);
    assert.ok(refused.every(({ code, retryAfterMs }) => code === "RATE_LIMIT_EXCEEDED" && retryAfterMs > 0));
    const posted = await server.call("POST", "/api/v1/messages", twins.ada.accessToken, {
      clientMessageId: "p",
      text: "a",
    });
    assert.deepEqual([posted.status, posted.body.error.code], [429, "RATE_LIMIT_EXCEEDED"]);
    assert.ok(Number(posted.headers.get("retry-after")) > 0);
    await room.leave();
  });

  it("[LI2] everything else has one a person, told in headers; a refusal is not kept under its key", async () => {
    const call = (key: string) =>
      server.call("POST", "/api/v1/twins/code", twins.bea.accessToken, undefined, { "idempotency-key": key });
    const first = await call("first");
    assert.equal(first.headers.get("ratelimit-limit"), "12");
    let last = first;
    for (let n = 0; n < 15 && last.status !== 429; n++) last = await call(`n${n}`);
    assert.deepEqual(
      [last.status, last.body.error.code, last.headers.get("ratelimit-remaining")],
      [429, "RATE_LIMIT_EXCEEDED", "0"],
    );
    assert.ok(Number(last.headers.get("retry-after")) > 0 && Number(last.headers.get("ratelimit-reset")) > 0);
    const other = await server.call("GET", "/api/v1/auth/me", twins.ada.accessToken);
    assert.equal(other.status, 200);
  });
});
