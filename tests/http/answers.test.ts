import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { Refusal } from "../../domain/refusal.ts";
import { isRefusalCode, STATUS } from "../../schema/wire/errors.ts";
import { HttpWorld, parted } from "../support/http.ts";
import { ada } from "../support/twins.ts";

/** A world in which GET /twins goes as the test says. */
async function worldWhere(current: () => Promise<never>): Promise<HttpWorld> {
  const world = await HttpWorld.open();
  await world.close();
  const { pairing } = world.deps;
  return HttpWorld.open({ pairing: { ...pairing, current } });
}

/** Left to itself, Express prints what it was thrown, with all that is in it. */
async function whatExpressSays(during: () => Promise<void>): Promise<unknown[]> {
  const spoken: unknown[] = [];
  const { error } = console;
  console.error = (...words) => void spoken.push(...words);
  try {
    await during();
    await turns(10);
  } finally {
    console.error = error;
  }
  return spoken;
}

/** As long as there is anything to do, it is done by then. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

describe("answers", () => {
  const worlds: HttpWorld[] = [];
  const open = async (...how: Parameters<typeof HttpWorld.open>) => {
    const world = await HttpWorld.open(...how);
    worlds.push(world);
    return world;
  };
  const failing = async (error: () => unknown) => {
    const world = await worldWhere(async () => {
      throw error();
    });
    worlds.push(world);
    return world;
  };
  afterEach(() => Promise.all(worlds.splice(0).map((world) => world.close())));

  it("[HT12] every code has its status, and only what waiting helps says for how long", async () => {
    for (const code of Object.keys(STATUS).filter(isRefusalCode)) {
      const world = await failing(() => new Refusal(code, "No", { retryAfterMs: 2500 }));
      const { status, headers, body } = await world.call("GET", "/api/v1/twins", { as: "ada" });
      assert.deepEqual([status, body.error], [STATUS[code], { code, message: "No" }]);
      const waits = ["UNAVAILABLE", "RATE_LIMIT_EXCEEDED", "AUTH_ACCOUNT_LOCKED"].includes(code);
      assert.equal(headers.get("retry-after"), waits ? "3" : null, code);
      assert.equal(headers.get("www-authenticate"), status === 401 ? "Bearer" : null);
    }
  });

  it("[HT13] a bug is reported with its request, and says nothing of itself", async () => {
    const world = await failing(() => new Error("insert into users values ('secret')"));
    const { status, body, text, headers } = await world.call("GET", "/api/v1/twins", {
      as: "ada",
      headers: { "x-request-id": "to-be-found" },
    });
    assert.deepEqual([status, body.error.code, body.requestId], [500, "INTERNAL_SERVER_ERROR", "to-be-found"]);
    assert.doesNotMatch(text + JSON.stringify([...headers]), /secret|insert|\.ts|node_modules/);
    const [{ error, about } = { error: undefined, about: undefined }] = world.reported;
    assert.match(String(error), /secret/);
    assert.deepEqual(about, { requestId: "to-be-found", method: "GET", path: "/api/v1/twins" });
  });

  it("[HT13] even what is thrown and is no error", async () => {
    const world = await failing(() => "a word");
    assert.equal(await world.refusal("GET", "/api/v1/twins", { as: "ada" }), "500 INTERNAL_SERVER_ERROR");
  });

  it("[HT14] an answer that does not fit its description stays here", async () => {
    const { pairing } = (await open()).deps;
    const newCode = async () => ({ code: "ABCDEFGH", expiresAt: "tomorrow" });
    const world = await open({ pairing: { ...pairing, newCode } });
    assert.equal(await world.refusal("POST", "/api/v1/twins/code", { as: "ada" }), "500 INTERNAL_SERVER_ERROR");
    assert.match(String(world.reported[0]?.error), /post \/twins\/code answers what it does not declare/);
  });

  it("[HT14] a field that is not described is not told", async () => {
    const { pairing } = (await open()).deps;
    const newCode = async () => ({ code: "ABCDEFGH", expiresAt: new Date(0).toISOString(), inviterId: ada });
    const world = await open({ pairing: { ...pairing, newCode } });
    const { body } = await world.call("POST", "/api/v1/twins/code", { as: "ada" });
    assert.deepEqual(body, { success: true, code: "ABCDEFGH", expiresAt: new Date(0).toISOString() });
  });

  it("[HT15] an export is whole, or is seen not to be", async () => {
    const world = await open();
    for (let n = 0; n < 250; n++) world.said.say(world.twin(ada), `${n}`);
    const { body } = await world.call("GET", "/api/v1/messages/export", { as: "bea" });
    assert.equal(body.messages.length, 250);
    const { history } = world.deps;
    let pages = 0;
    const broken = await open({
      history: {
        ...history,
        page: async (...asked) => (++pages === 2 ? Promise.reject(new Error("gone")) : history.page(...asked)),
      },
    });
    const spoken = await whatExpressSays(() =>
      assert.rejects(broken.call("GET", "/api/v1/messages/export", { as: "bea" })),
    );
    assert.deepEqual(spoken, []);
    assert.match(String(broken.reported[0]?.error), /gone/);
    const before = await open({
      history: { ...history, page: () => Promise.reject(new Refusal("UNAVAILABLE", "No")) },
    });
    assert.equal(await before.refusal("GET", "/api/v1/messages/export", { as: "bea" }), "503 UNAVAILABLE");
  });

  it("[HT15] an export is read no faster than it is taken, and who leaves ends it", async () => {
    const world = await open();
    for (let n = 0; n < 20_000; n++) world.said.say(world.twin(ada), "x".repeat(1000));
    const { history } = world.deps;
    let pages = 0;
    const page: typeof history.page = (...asked) => {
      pages++;
      return history.page(...asked);
    };
    const slow = await open({ history: { ...history, page } });
    const headers = { authorization: "Bearer ada" };
    const asked = get({ port: slow.port, path: "/api/v1/messages/export", headers });
    asked.on("error", () => undefined);
    const [, answer] = await once(slow.http, "request");
    const [taken] = await once(asked, "response");
    taken.pause();
    await turns(3000);
    const read = pages;
    assert.ok(read < 190, `${read} of 200 pages were read for nobody`);
    const left = once(answer, "close");
    asked.destroy();
    await left;
    await turns(100);
    assert.ok(pages <= read + 1, `${pages - read} more pages were read for who had left`);
    assert.deepEqual(slow.reported, []);
  });

  it("[HT1] a request id that could not stand in a header or a log is replaced, and headers cannot be injected", async () => {
    const world = await open();
    for (const forged of ["a b c d e f g", "12345678\tx", "é".repeat(10), "x".repeat(65), "short", "aaaaaaaa;", ""]) {
      const answer = await world.raw(
        `GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: ${forged}\r\n\r\n`,
      );
      assert.match(parted(answer).head, /X-Request-Id: [0-9a-f-]{36}/i);
    }
    const twice = await world.raw(
      "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: abcdefgh\r\nX-Request-Id: ijklmnop\r\n\r\n",
    );
    assert.match(parted(twice).head, /X-Request-Id: [0-9a-f-]{36}/i);
    const split = await world.raw(
      "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: abcdefgh\rX-Evil: 1\r\n\r\n",
    );
    assert.doesNotMatch(split, /^X-Evil/im);
  });

  it("[HT1] answers are not stored, not sniffed, and do not name what made them", async () => {
    const world = await open();
    for (const path of ["/api/v1/twins", "/api/v1/nowhere", "/health", "/ready", "/matchmake/joinOrCreate/pair"]) {
      const { headers } = await world.call("GET", path, { as: "ada" });
      assert.deepEqual(
        [headers.get("cache-control"), headers.get("x-content-type-options"), headers.get("x-powered-by")],
        ["no-store", "nosniff", null],
        path,
      );
    }
  });
});
