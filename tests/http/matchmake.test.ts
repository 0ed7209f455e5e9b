import assert from "node:assert/strict";
import type { Caller } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { isRefusalCode, STATUS } from "../../schema/wire/errors.ts";
import { eventually } from "../support/embedded.ts";
import { HttpWorld } from "../support/http.ts";
import { ada } from "../support/twins.ts";

const SEAT = "/matchmake/joinOrCreate/pair";
const APP = "https://app.example.org";

describe("the SDK's way to a seat", () => {
  const worlds: HttpWorld[] = [];
  const open = async (...how: Parameters<typeof HttpWorld.open>) => {
    const world = await HttpWorld.open(...how);
    worlds.push(world);
    return world;
  };
  afterEach(() => Promise.all(worlds.splice(0).map((world) => world.close())));

  it("[MM1] hands on who asks, the room and what the device says of itself, and gives what the SDK reads", async () => {
    const asked: unknown[] = [];
    const reserve = async ({ userId }: Caller, ...args: unknown[]) => {
      asked.push([userId, ...args]);
      return { name: "pair", roomId: "r", sessionId: "s", processId: "p" };
    };
    const world = await open({ seats: { reserve } });
    const options = { deviceId: "d", afterVersion: 5 };
    const { status, body } = await world.call("POST", SEAT, { as: "ada", body: options });
    assert.deepEqual([status, body], [200, { name: "pair", roomId: "r", sessionId: "s", processId: "p" }]);
    const seat = await world.call("POST", "/api/v1/room/seat", { as: "ada", body: options });
    assert.deepEqual([seat.status, seat.body], [200, { success: true, ...body }]);
    await world.call("POST", "/api/v1/room/seat", { as: "ada", body: { room: "waiting" } });
    assert.deepEqual(asked, [
      [ada, "pair", options],
      [ada, "pair", options],
      [ada, "waiting", {}],
    ]);
  });

  it("[MM2] refuses with a status that edges leave alone, the code word first; never in the envelope", async () => {
    for (const code of Object.keys(STATUS).filter(isRefusalCode)) {
      const reserve = () => Promise.reject(new Refusal(code, "No"));
      const { status, body } = await (await open({ seats: { reserve } })).call("POST", SEAT, { as: "ada", body: {} });
      const expected = code === "INTERNAL_SERVER_ERROR" ? 503 : STATUS[code];
      assert.deepEqual([status, body], [expected, { code: expected, error: `${code}: No` }]);
      assert.ok(status === 503 || status < 500);
    }
  });

  it("[MM2] so too when the body, the address or the token is wrong, or we are", async () => {
    const world = await open({ seats: { reserve: () => Promise.reject(new Error("a secret")) } });
    const asked: [path: string, call: Parameters<HttpWorld["call"]>[2], status: number, word: string][] = [
      [SEAT, { as: "ada", body: "{" }, 400, "MALFORMED_JSON"],
      [SEAT, { as: "ada", body: "[]" }, 400, "VALIDATION_ERROR"],
      [SEAT, { as: "ada", body: "{}", headers: { "content-type": "text/plain" } }, 415, "UNSUPPORTED_MEDIA_TYPE"],
      [SEAT, { as: "ada", body: `{"a":"${"x".repeat(70_000)}"}` }, 413, "PAYLOAD_TOO_LARGE"],
      [`${SEAT}?a=1&a=2`, { as: "ada" }, 400, "VALIDATION_ERROR"],
      ["/matchmake/joinOrCreate/%zz", { as: "ada" }, 400, "VALIDATION_ERROR"],
      [SEAT, {}, 401, "AUTH_REQUIRED"],
      [SEAT, { as: "forged" }, 401, "AUTH_TOKEN_INVALID"],
      ["/matchmake/create/pair", { as: "ada" }, 404, "NOT_FOUND"],
      ["/matchmake/joinById/x", {}, 404, "NOT_FOUND"],
      ["/matchmake", {}, 404, "NOT_FOUND"],
      [SEAT, { as: "ada" }, 503, "INTERNAL_SERVER_ERROR"],
    ];
    for (const [path, call, status, word] of asked) {
      const { status: got, body } = await world.call("POST", path, call);
      assert.deepEqual([path, got, body.code, Object.keys(body)], [path, status, status, ["code", "error"]]);
      assert.match(body.error, new RegExp(`^${word}: (?!.*secret)`));
    }
    assert.equal(world.reported.length, 1);
  });

  it("[MM2] seats are asked for by POST only", async () => {
    const world = await open();
    for (const method of ["GET", "PUT", "DELETE"]) {
      const { status, headers, body } = await world.call(method, SEAT, { as: "ada" });
      assert.deepEqual([status, headers.get("allow"), body.code], [405, "POST, OPTIONS", 405]);
    }
  });

  it("[CR7] whoever is sent away from the line is told when to come again, as the SDK reads it, and nothing was done", async () => {
    const tokens: unknown[] = [];
    const line = async (token: string | undefined) => {
      tokens.push(token);
      throw new Refusal("UNAVAILABLE", "Too many come at once", { retryAfterMs: 2500 });
    };
    const reserve = () => assert.fail("nobody gets as far as that");
    const world = await open({ line, seats: { reserve }, arrive: () => assert.fail("nobody is asked for") });
    const { status, headers, body } = await world.call("POST", SEAT, { as: "ada", body: {} });
    assert.deepEqual([status, headers.get("retry-after"), tokens], [503, "3", ["ada"]]);
    assert.deepEqual(body, { code: 503, error: "UNAVAILABLE: Too many come at once" });
  });

  it("[CR6] a turn in the line lasts until the answer has gone, whatever it was", async () => {
    const [taken, given]: [number[], number[]] = [[], []];
    const line = async () => {
      const turn = taken.push(taken.length);
      return () => void given.push(turn - 1);
    };
    const world = await open({
      line,
      seats: {
        reserve: async () => {
          assert.equal(given.length, taken.length - 1, "not before");
          return {};
        },
      },
    });
    for (const as of ["ada", "forged", "bea"]) await world.call("POST", SEAT, { as, body: {} });
    await eventually(() => given.length === 3);
    assert.deepEqual(given, [0, 1, 2]);
  });

  it("[CR6] nothing is done for who gave up while they waited in line", async () => {
    const turn = Promise.withResolvers<() => void>();
    let [isWaiting, left] = [false, 0];
    let isGone = () => false;
    const world = await open({
      line: (_token, gone) => {
        [isWaiting, isGone] = [true, gone];
        return turn.promise;
      },
      seats: { reserve: () => assert.fail("nobody is seated") },
    });
    const impatient = new AbortController();
    const asked = fetch(`http://127.0.0.1:${world.port}${SEAT}`, { method: "POST", signal: impatient.signal });
    await eventually(() => isWaiting);
    impatient.abort();
    await assert.rejects(asked, /aborted/);
    await eventually(() => isGone());
    turn.resolve(() => void left++);
    await eventually(() => left === 1);
    assert.deepEqual(world.reported, []);
  });

  it("[HT6] a page of a listed origin may ask as the SDK does, which is with credentials", async () => {
    const world = await open({ origins: [APP] });
    const preflight = await world.call("OPTIONS", SEAT, {
      headers: {
        origin: APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    assert.equal(preflight.status, 204);
    for (const { headers } of [preflight, await world.call("POST", SEAT, { headers: { origin: APP } })]) {
      assert.deepEqual(
        [headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")],
        [APP, "true"],
      );
    }
    const foreign = await world.call("POST", SEAT, { as: "ada", headers: { origin: "https://app.example.org.evil" } });
    assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  });
});
