import assert from "node:assert/strict";
import { Emitter } from "../../client/emitter.ts";
import { Http } from "../../client/http.ts";
import { Refused } from "../../client/retry.ts";
import { Session, type SessionEvents } from "../../client/session.ts";
import { memoryStorage } from "../../client/storage/memory.ts";
import type { Storage } from "../../client/storage/port.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { FakeServer, no, ok, tokens, user } from "./support/fake-server.ts";

const REFRESH = "POST /api/v1/auth/refresh";
const PROFILE = "GET /api/v1/users/profile";
const profile = { method: "GET", path: "/api/v1/users/profile" } as const;

async function phone({ storage = memoryStorage(), server = new FakeServer(), platform = new FakePlatform() } = {}) {
  platform.answer = server.answer;
  const told: string[] = [];
  const events = new Emitter<SessionEvents>((error) => told.push(String(error)));
  events.on("renewed", (token) => told.push(token));
  events.on("signedOut", ({ why }) => told.push(`signed out: ${why}`));
  const session = await Session.restore({ http: new Http("http://server", platform), storage, platform, events });
  return { session, storage, server, platform, told };
}

async function signedIn(more: Parameters<typeof phone>[0] = {}) {
  const desk = await phone(more);
  desk.server.on(PROFILE, ({ headers }) => ok({ profile: { seen: headers["authorization"] } }));
  await desk.session.login("ada@example.org", "Correct-horse-1");
  return desk;
}

/** Whatever is asked meanwhile, answered once time has passed. */
async function after<T>(platform: FakePlatform, ms: number, work: Promise<T>): Promise<T | Error> {
  const outcome = work.catch((error: Error) => error);
  await platform.pass(ms);
  return outcome;
}

describe("who is signed in on a device", () => {
  it("[CS1] is still signed in when the app starts again, as the same device", async () => {
    const first = await signedIn();
    const second = await phone({ storage: first.storage, server: first.server });
    assert.deepEqual(second.session.account, user);
    assert.equal(second.session.deviceId, first.session.deviceId);
    assert.equal(await second.session.token(), "access-1");
    assert.equal(first.server.all("POST /api/v1/auth/login")[0]?.body["deviceId"], first.session.deviceId);
  });

  it("[CS1] stores new tokens before it uses them", async () => {
    const inner = memoryStorage();
    let isStored = Promise.resolve();
    const slow: Storage = { ...inner, setItem: (name, value) => isStored.then(() => inner.setItem(name, value)) };
    const { session, platform } = await signedIn({ storage: slow });
    const { promise, resolve } = Promise.withResolvers<void>();
    isStored = promise;
    await platform.pass(3_540_000);
    let token = "";
    void session.token().then((renewed) => {
      token = renewed;
    });
    await settled();
    assert.equal(token, "");
    resolve();
    await settled();
    assert.equal(token, "access-2");
  });

  it("[CS2] renews its token by itself, before it ends", async () => {
    const { server, platform, told, session } = await signedIn();
    await platform.pass(3_479_000);
    assert.deepEqual(server.all(REFRESH), []);
    await platform.pass(1000);
    assert.deepEqual(told, ["access-2"]);
    await platform.pass(3_480_000);
    assert.deepEqual(told, ["access-2", "access-3"]);
    session.close();
    await platform.pass(9_000_000);
    assert.equal(server.all(REFRESH).length, 2);
  });

  it("[CS2] refreshes once, however many calls find the token expired", async () => {
    const { session, server } = await signedIn();
    server.on(PROFILE, ({ headers }) =>
      headers["authorization"] === "Bearer access-2" ? ok({ profile: {} }) : no(401, "AUTH_TOKEN_EXPIRED"),
    );
    await Promise.all(Array.from({ length: 5 }, () => session.call(profile)));
    assert.equal(server.all(REFRESH).length, 1);
    assert.equal(server.all(PROFILE).length, 10);
  });

  it("[CS2] a token refused even though it is new is an error, not a loop", async () => {
    const { session, server } = await signedIn();
    server.on(PROFILE, () => no(401, "AUTH_TOKEN_REVOKED"));
    await assert.rejects(session.call(profile), { code: "AUTH_TOKEN_REVOKED" });
    assert.equal(server.all(PROFILE).length, 2);
  });

  it("[CS3] asks again with the same refresh token when the answer is lost, soon enough to be given it again", async () => {
    const { session, server, platform } = await signedIn();
    const at: number[] = [];
    server.on(REFRESH, ({ body }, nth) => {
      at.push(platform.now());
      assert.equal(body["refreshToken"], "refresh-1");
      assert.equal(body["deviceId"], session.deviceId);
      return nth < 3 ? new Promise(() => undefined) : ok({ tokens: tokens(2) });
    });
    assert.equal(await after(platform, 10_000, session.tokenInsteadOf("access-1")), "access-2");
    assert.equal(at.length, 3);
    assert.ok((at[2] ?? Number.NaN) - (at[0] ?? 0) < 9000, "the third within the server's ten seconds");
  });

  it("[CS3] takes what another tab of the same browser has renewed, instead of spending the old token again", async () => {
    const first = await signedIn();
    const other = await phone({ storage: first.storage, server: first.server, platform: first.platform });
    await first.session.tokenInsteadOf("access-1");
    assert.equal(await other.session.tokenInsteadOf("access-1"), "access-2");
    assert.equal(first.server.all(REFRESH).length, 1);
  });

  for (const code of ["AUTH_TOKEN_REVOKED", "AUTH_TOKEN_INVALID", "ACCOUNT_SUSPENDED"]) {
    it(`[CS4] a refresh refused with ${code} means to sign in again`, async () => {
      const { session, server, told, storage } = await signedIn();
      server.on(REFRESH, () => no(401, code));
      await assert.rejects(session.tokenInsteadOf("access-1"), { code });
      assert.deepEqual(told, ["signed out: refused"]);
      assert.equal(session.account, undefined);
      await assert.rejects(session.call(profile), { code: "AUTH_REQUIRED" });
      assert.equal((await phone({ storage })).session.account, undefined);
    });
  }

  it("[CS4] a server in trouble signs nobody out", async () => {
    const { session, server, platform, told } = await signedIn();
    server.on(REFRESH, () => no(500, "INTERNAL_SERVER_ERROR"));
    await assert.rejects(session.tokenInsteadOf("access-1"), { code: "INTERNAL_SERVER_ERROR" });
    server.on(REFRESH, () => new Response("<html>", { status: 502 }));
    assert.ok((await after(platform, 60_000, session.tokenInsteadOf("access-1"))) instanceof Error);
    assert.deepEqual(told, []);
    assert.deepEqual(session.account, user);
  });

  it("[CS5] repeats an unsafe call under one key, and leaves a safe one without", async () => {
    const { session, server, platform } = await signedIn();
    server.on("POST /api/v1/twins/code", (_request, nth) =>
      nth === 1 ? no(503, "UNAVAILABLE", { "retry-after": "1" }) : ok({ code: "ABCDEFGH", expiresAt: "" }, 201),
    );
    await after(platform, 5000, session.call({ method: "POST", path: "/api/v1/twins/code" }));
    const keys = server.all("POST /api/v1/twins/code").map(({ headers }) => headers["idempotency-key"]);
    assert.equal(keys.length, 2);
    assert.match(keys[0] ?? "", /^[0-9a-f]{32}$/);
    assert.equal(keys[0], keys[1]);
    await session.call(profile);
    assert.equal(server.all(PROFILE)[0]?.headers["idempotency-key"], undefined);
  });

  it("[CS6] a registration whose answer was lost ends signed in, and not with an address that is taken", async () => {
    const { session, server, platform } = await phone();
    server.on("POST /api/v1/auth/register", (_request, nth) =>
      nth === 1 ? new Response("<html>", { status: 502 }) : no(409, "AUTH_EMAIL_ALREADY_EXISTS"),
    );
    const form = { email: "ada@example.org", password: "Correct-horse-1", name: "Ada" };
    assert.deepEqual(await after(platform, 5000, session.register(form)), user);
    assert.equal(await session.token(), "access-1");
  });

  it("[CS6] an address that is somebody else's stays taken", async () => {
    const { session, server, platform } = await phone();
    server.on("POST /api/v1/auth/login", () => no(401, "AUTH_INVALID_CREDENTIALS"));
    server.on("POST /api/v1/auth/register", (_request, nth) =>
      nth === 1 ? new Response("<html>", { status: 502 }) : no(409, "AUTH_EMAIL_ALREADY_EXISTS"),
    );
    const form = { email: "ada@example.org", password: "Correct-horse-1", name: "Ada" };
    const outcome = await after(platform, 5000, session.register(form));
    assert.ok(outcome instanceof Refused && outcome.code === "AUTH_EMAIL_ALREADY_EXISTS");
  });

  it("[CS4] signs out on the device whatever the server says, and tells the server if it can", async () => {
    const { session, server, platform, told, storage } = await signedIn();
    await session.logout({ everywhere: true });
    assert.deepEqual(server.all("POST /api/v1/auth/logout")[0]?.body, { everywhere: true });
    assert.deepEqual(told, ["signed out: asked"]);
    assert.equal(await storage.getItem("twinship.session"), null);
    await platform.pass(9_000_000);
    assert.deepEqual(server.all(REFRESH), [], "nobody is renewed who has gone");
  });

  it("[CS4] signs out with a token that still counts, and waits for nobody for long", async () => {
    const { session, server, platform } = await signedIn();
    server.on("POST /api/v1/auth/logout", ({ headers }) =>
      headers["authorization"] === "Bearer access-2" ? new Promise(() => undefined) : no(401, "AUTH_TOKEN_EXPIRED"),
    );
    await after(platform, 5000, session.logout());
    assert.equal(server.all("POST /api/v1/auth/logout").length, 2);
    assert.equal(session.account, undefined);
  });

  it("[CS4] a refresh that comes back after signing out brings nobody back", async () => {
    const { session, server } = await signedIn();
    const { promise, resolve } = Promise.withResolvers<Response>();
    server.on(REFRESH, () => promise);
    const renewed = session.tokenInsteadOf("access-1").catch(({ code }) => code);
    await settled();
    await session.logout();
    resolve(ok({ tokens: tokens(2) }));
    assert.equal(await renewed, "AUTH_REQUIRED");
    assert.equal(session.account, undefined);
  });
});
