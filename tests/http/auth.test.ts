import assert from "node:assert/strict";
import { createLocalJWKSet, jwtVerify } from "jose";
import { AccountsWorld, PASSWORD } from "../support/accounts-world.ts";
import { HttpWorld } from "../support/http.ts";

describe("signing in over HTTP", () => {
  let world: AccountsWorld;
  let http: HttpWorld;
  before(async () => {
    world = await AccountsWorld.open();
    const { accounts, sessions, profiles, publicKeys, clock } = world;
    const { authenticate } = sessions;
    http = await HttpWorld.open({ accounts, sessions, profiles, publicKeys, clock, authenticate });
  });
  after(async () => {
    await http.close();
    await world.close();
    assert.deepEqual(http.reported, []);
  });
  beforeEach(() => world.ended.splice(0));

  const refused = (method: string, path: string, as?: string, body?: unknown) =>
    http.refusal(method, `/api/v1${path}`, { ...(as === undefined ? {} : { as }), body });
  const me = (as: string) => http.call("GET", "/api/v1/auth/me", { as });

  it("[AC1] a person is shown to themselves as the contract has it, with nothing beside", async () => {
    const form = { email: "shape@example.org", password: PASSWORD, name: "Ada", birthDate: "1990-08-23" };
    const { status, body } = await http.call("POST", "/api/v1/auth/register", { body: form });
    assert.equal(status, 201);
    assert.deepEqual(Object.keys(body).sort(), ["requiresEmailVerification", "success", "tokens", "user"]);
    const fields = [
      ...["id", "email", "emailVerified", "name", "displayName", "age", "gender", "sexualOrientation"],
      ...["showSexualOrientation", "twinType", "otherTwinTypeDescription", "twinDeceased", "birthDate", "zodiacSign"],
      ...["placeOfBirth", "timeOfBirth", "profilePicture", "accentColor", "timezone", "isConnected", "lastSeen"],
      ...["createdAt", "updatedAt"],
    ];
    assert.deepEqual(Object.keys(body.user).sort(), fields.sort());
    assert.deepEqual((await me(body.tokens.accessToken)).body.user, body.user);
  });

  it("[AC2] a call that brings nothing is told what it lacks", async () => {
    const lacking: Record<string, string[]> = {
      "/auth/register": ["email", "name", "password"],
      "/auth/login": ["email", "password"],
      "/auth/refresh": ["refreshToken"],
    };
    for (const [path, fields] of Object.entries(lacking)) {
      for (const body of [undefined, ""]) {
        const { status, body: answer } = await http.call("POST", `/api/v1${path}`, { body });
        assert.deepEqual([status, answer.error.code], [400, "VALIDATION_ERROR"], path);
        const named: { path: string }[] = answer.error.details;
        assert.deepEqual(named.map(({ path }) => path).sort(), fields, path);
      }
    }
  });

  it("[AC2] nothing that comes in is a reason to fail", async () => {
    const odd = [null, 7, true, [], {}, ["anna@example.org"], { $ne: "" }, "x".repeat(7000), "\0", "\ud83d", -1e308];
    for (const path of ["/auth/register", "/auth/login", "/auth/refresh", "/auth/logout"]) {
      for (const value of odd) {
        const fields = [
          "email",
          "password",
          "name",
          "deviceId",
          "deviceName",
          "refreshToken",
          "everywhere",
          "birthDate",
        ];
        const body = Object.fromEntries(fields.map((field) => [field, value]));
        assert.equal(await refused("POST", path, undefined, body), "400 VALIDATION_ERROR", path);
      }
    }
  });

  it("[AC10] who is locked out is told for how long, in a header too", async () => {
    const { user } = await world.register();
    const body = { email: user.email, password: "Wrong-guess-1" };
    for (let guess = 0; guess < 5; guess++)
      assert.equal(await refused("POST", "/auth/login", undefined, body), "401 AUTH_INVALID_CREDENTIALS");
    const { status, headers } = await http.call("POST", "/api/v1/auth/login", { body });
    const wait = Number(headers.get("retry-after"));
    assert.ok(status === 423 && wait > 890 && wait <= 900, `${status}, ${wait} s`);
  });

  it("[AC10] thirty wrong passwords from one place, and it gets 429", async () => {
    const { user } = await world.register();
    const guess = (n: number) => ({ email: `nobody-${n}@example.org`, password: PASSWORD });
    const answers: string[] = [];
    for (let n = 0; n < 40 && answers.at(-1) !== "429 RATE_LIMIT_EXCEEDED"; n++)
      answers.push(await refused("POST", "/auth/login", undefined, guess(n)));
    assert.equal(answers.at(-1), "429 RATE_LIMIT_EXCEEDED");
    const body = { email: user.email, password: PASSWORD };
    assert.equal(await refused("POST", "/auth/login", undefined, body), "429 RATE_LIMIT_EXCEEDED", "a right one too");
    await world.limits.clear("login.ip", "127.0.0.1");
    assert.equal((await http.call("POST", "/api/v1/auth/login", { body })).status, 200);
  });

  it("[SE19] opens to nobody who does not bring a token of ours", async () => {
    const { tokens } = await world.register();
    const { accessToken } = tokens;
    assert.equal(await refused("GET", "/auth/me"), "401 AUTH_REQUIRED");
    for (const token of [
      "x",
      `${accessToken}x`,
      accessToken.slice(0, -2),
      tokens.refreshToken,
      "null",
      "x".repeat(6000),
    ])
      assert.equal(await refused("GET", "/auth/me", token), "401 AUTH_TOKEN_INVALID", token.slice(0, 20));
    for (const authorization of [accessToken, `Basic ${accessToken}`, "Bearer", "Bearer a b", `Token ${accessToken}`])
      assert.equal(
        await http.refusal("GET", "/api/v1/auth/me", { headers: { authorization } }),
        "401 AUTH_TOKEN_INVALID",
        authorization.slice(0, 10),
      );
    const headers = { authorization: `bearer  ${accessToken}` };
    assert.equal((await http.call("GET", "/api/v1/auth/me", { headers })).status, 200, "the scheme has no case");
  });

  it("[SE18] a token that has ended says so, and its session goes on", async () => {
    const { tokens } = await world.register();
    world.clock.advance(3_600_000);
    assert.equal(await refused("GET", "/auth/me", tokens.accessToken), "401 AUTH_TOKEN_EXPIRED");
    const body = { refreshToken: tokens.refreshToken };
    const next = await http.call("POST", "/api/v1/auth/refresh", { body });
    assert.equal((await me(next.body.tokens.accessToken)).status, 200);
  });

  it("[SE7] a refresh token says what is wrong with it: unknown, ended, run out", async () => {
    const unknown = { refreshToken: "A".repeat(43) };
    assert.equal(await refused("POST", "/auth/refresh", undefined, unknown), "401 AUTH_TOKEN_INVALID");
    const ended = await world.register();
    await http.call("POST", "/api/v1/auth/logout", { as: ended.tokens.accessToken });
    const revoked = { refreshToken: ended.tokens.refreshToken };
    assert.equal(await refused("POST", "/auth/refresh", undefined, revoked), "401 AUTH_TOKEN_REVOKED");
    const { tokens } = await world.register();
    world.clock.advance(30 * 86_400_000);
    const late = { refreshToken: tokens.refreshToken };
    assert.equal(await refused("POST", "/auth/refresh", undefined, late), "401 AUTH_TOKEN_EXPIRED");
  });

  describe("signing out", () => {
    const logout = (as?: string, body?: unknown, headers: Record<string, string> = {}) =>
      http.call("POST", "/api/v1/auth/logout", { ...(as === undefined ? {} : { as }), body, headers });

    it("[SE10] needs no body at all, and ends this phone only", async () => {
      const { user, tokens } = await world.register({ deviceId: "phone" });
      const tablet = await world.login({ email: user.email, deviceId: "tablet" });
      const { status, body } = await logout(tokens.accessToken);
      assert.deepEqual([status, body], [200, { success: true }]);
      assert.equal(await refused("GET", "/auth/me", tokens.accessToken), "401 AUTH_TOKEN_REVOKED");
      assert.equal((await me(tablet.tokens.accessToken)).status, 200);
      const declared = { "content-type": "application/json", "content-length": "0" };
      assert.equal((await logout(tablet.tokens.accessToken, undefined, declared)).status, 200);
    });

    it("[SE10] works by the refresh token when the access token is lost, and everywhere when asked", async () => {
      const { user, tokens } = await world.register();
      const tablet = await world.login({ email: user.email });
      assert.equal((await logout(undefined, { refreshToken: tokens.refreshToken, everywhere: true })).status, 200);
      assert.equal(world.ended.length, 2);
      assert.equal(await refused("GET", "/auth/me", tablet.tokens.accessToken), "401 AUTH_TOKEN_REVOKED");
      assert.equal(await refused("POST", "/auth/logout"), "401 AUTH_REQUIRED");
    });
  });

  it("[SE11] lists sessions as the contract has them, and ends one by its id", async () => {
    const { user, tokens } = await world.register({ deviceId: "phone", deviceName: "Ada’s phone" });
    const stranger = await world.register();
    const tablet = await world.login({ email: user.email });
    const { body } = await http.call("GET", "/api/v1/auth/sessions", { as: tokens.accessToken });
    const fields = ["createdAt", "current", "deviceId", "deviceName", "id", "lastUsedAt"];
    for (const session of body.sessions) assert.deepEqual(Object.keys(session).sort(), fields);
    const { id } = body.sessions.find(({ current }: { current: boolean }) => !current);
    const path = `/auth/sessions/${id}`;
    assert.equal(await refused("DELETE", path, stranger.tokens.accessToken), "404 NOT_FOUND");
    assert.equal((await http.call("DELETE", `/api/v1${path}`, { as: tokens.accessToken })).status, 200);
    assert.deepEqual(world.ended, [id]);
    assert.equal(await refused("GET", "/auth/me", tablet.tokens.accessToken), "401 AUTH_TOKEN_REVOKED");
    assert.equal(await refused("DELETE", path, tokens.accessToken), "404 NOT_FOUND");
  });

  it("[SE15] publishes its keys at the root, without an envelope, and they fit its tokens", async () => {
    const { body, headers, status } = await http.call("GET", "/.well-known/jwks.json");
    assert.deepEqual([status, Object.keys(body)], [200, ["keys"]]);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    assert.match(headers.get("cache-control") ?? "", /max-age=300/);
    const { user, tokens } = await world.register();
    const { payload } = await jwtVerify(tokens.accessToken, createLocalJWKSet(body), {
      currentDate: new Date(world.clock.now()),
    });
    assert.equal(payload.sub, user.id);
  });

  it("[SE2] answers with tokens are kept by nobody on the way", async () => {
    const body = { email: "cache@example.org", password: PASSWORD, name: "Ada" };
    const { headers } = await http.call("POST", "/api/v1/auth/register", { body });
    assert.equal(headers.get("cache-control"), "no-store");
  });
});
