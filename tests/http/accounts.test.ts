import assert from "node:assert/strict";
import { TestServer } from "../support/server.ts";

const PASSWORD = "Correct-horse-1";

describe("accounts over HTTP", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  after(() => server.remove());

  const post = (path: string, body: object, token?: string) => server.call("POST", `/api/v1${path}`, token, body);

  it("[AC4] registers once, however the address is spelt, and signs in by any spelling", async () => {
    const first = await post("/auth/register", { email: "Anna@Example.org ", password: PASSWORD, displayName: "Anna" });
    assert.deepEqual(
      [first.status, first.body.user.displayName, first.body.requiresEmailVerification],
      [201, "Anna", false],
    );
    const again = await post("/auth/register", { email: "anna@example.org", password: PASSWORD, name: "Other" });
    assert.deepEqual([again.status, again.body.error.code], [409, "AUTH_EMAIL_ALREADY_EXISTS"]);
    const login = await post("/auth/login", { email: " ANNA@example.org\u00a0", password: PASSWORD, deviceId: "d1" });
    assert.deepEqual([login.status, login.body.tokens.tokenType, login.body.tokens.expiresIn], [200, "Bearer", 3600]);
    const me = await server.call("GET", "/api/v1/auth/me", login.body.tokens.accessToken);
    assert.equal(me.body.user.id, first.body.user.id);
    assert.equal("passwordHash" in me.body.user, false);
  });

  it("[AC10] a wrong password and an unknown address are answered alike, and five of them lock", async () => {
    const { email } = await server.signUp("Lock");
    for (const address of [email, `nobody-${Date.now()}@example.org`]) {
      const codes: string[] = [];
      for (let n = 0; n < 6; n++) {
        const { status, body } = await post("/auth/login", { email: address, password: "Wrong-horse-1" });
        codes.push(`${status} ${body.error.code}`);
      }
      assert.deepEqual(new Set(codes.slice(0, 5)), new Set(["401 AUTH_INVALID_CREDENTIALS"]));
      assert.equal(codes[5], "423 AUTH_ACCOUNT_LOCKED");
    }
    const right = await post("/auth/login", { email, password: PASSWORD });
    assert.equal(right.status, 423);
    assert.ok(Number(right.headers.get("retry-after")) > 0);
  });

  it("[SE3] [SE4] a refresh token rotates; a lost answer is given again; a reuse ends the family", async () => {
    const { refreshToken: first } = await server.signUp("Ref");
    const second = (await post("/auth/refresh", { refreshToken: first })).body.tokens;
    assert.deepEqual((await post("/auth/refresh", { refreshToken: first })).body.tokens, second);
    const third = (await post("/auth/refresh", { refreshToken: second.refreshToken })).body.tokens;
    const thief = await post("/auth/refresh", { refreshToken: second.refreshToken, deviceId: "another" });
    assert.deepEqual([thief.status, thief.body.error.code], [401, "AUTH_TOKEN_REVOKED"]);
    const after = await server.call("GET", "/api/v1/auth/me", third.accessToken);
    assert.deepEqual([after.status, after.body.error.code], [401, "AUTH_TOKEN_REVOKED"]);
  });

  it("[SE11] shows where one is signed in and ends it; somebody else's session is not there", async () => {
    const [anna, other] = [await server.signUp("Anna"), await server.signUp("Other")];
    const phone = await post("/auth/login", {
      email: anna.email,
      password: PASSWORD,
      deviceId: "phone",
      deviceName: "My phone",
    });
    const token = phone.body.tokens.accessToken;
    const { sessions } = (await server.call("GET", "/api/v1/auth/sessions", token)).body;
    assert.deepEqual([sessions.length, sessions[0].current, sessions[0].deviceName], [2, true, "My phone"]);
    const foreign = await server.call("DELETE", `/api/v1/auth/sessions/${sessions[0].id}`, other.accessToken);
    assert.equal(foreign.status, 404);
    assert.equal((await server.call("DELETE", `/api/v1/auth/sessions/${sessions[1].id}`, token)).status, 200);
    assert.equal((await server.call("GET", "/api/v1/auth/me", anna.accessToken)).body.error.code, "AUTH_TOKEN_REVOKED");
    assert.equal((await server.call("GET", "/api/v1/auth/me", token)).status, 200);
  });

  it("[PF5] [PF7] a profile changes on the state it was read in, and what cannot be is refused by name", async () => {
    const { accessToken } = await server.signUp("Prof");
    const read = await server.call("GET", "/api/v1/users/profile", accessToken);
    const etag = read.headers.get("etag") ?? "";
    const patch = (body: object, headers = {}) =>
      server.call("PATCH", "/api/v1/users/profile", accessToken, body, headers);
    const changed = await patch({ birthDate: "1990-08-23", twinType: "identical" }, { "if-match": etag });
    assert.deepEqual([changed.status, changed.body.profile.zodiacSign.toLowerCase()], [200, "virgo"]);
    assert.equal((await patch({ name: "Late" }, { "if-match": etag })).status, 412);
    for (const [field, value] of [
      ["birthDate", "0000-01-01"],
      ["birthDate", "1850-01-01"],
      ["timeOfBirth", "24:00"],
      ["timeOfBirth", "12:60 PM"],
      ["timezone", "Mars/Base"],
      ["isAdmin", true],
    ] as const) {
      const { status, body } = await patch({ [field]: value });
      assert.deepEqual([field, status, body.error.code], [field, 400, "VALIDATION_ERROR"]);
    }
    const after = (await server.call("GET", "/api/v1/users/profile", accessToken)).body.profile;
    assert.deepEqual([after.birthDate, after.timezone, after.accentColor], ["1990-08-23", "UTC", "neon-purple"]);
  });

  it("[PF12] settings are there before anybody sets them, and change in part", async () => {
    const { accessToken } = await server.signUp("Set");
    const { settings } = (await server.call("GET", "/api/v1/users/settings", accessToken)).body;
    assert.deepEqual(settings.quietHours, { enabled: true, start: "22:00", end: "08:00" });
    assert.deepEqual(settings.twintuition, { windowSeconds: 30, keywordMoments: true });
    const changed = await server.call("PUT", "/api/v1/users/settings", accessToken, {
      privacy: { showLastSeen: false },
    });
    assert.deepEqual(
      [changed.body.settings.privacy.showLastSeen, changed.body.settings.privacy.sendReadReceipts],
      [false, true],
    );
    const wild = await server.call("PUT", "/api/v1/users/settings", accessToken, { twintuition: { windowSeconds: 1 } });
    assert.equal(wild.status, 400);
  });
});
