import assert from "node:assert/strict";
import { pushTokens } from "../../domain/push-tokens.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld } from "../support/accounts-world.ts";
import { HttpWorld } from "../support/http.ts";

describe("profile and settings over HTTP", () => {
  let world: AccountsWorld;
  let http: HttpWorld;
  let as: string;
  before(async () => {
    world = await AccountsWorld.open();
    const { accounts, sessions, profiles, clock, notices, secrets } = world;
    const phones = pushTokens({ database: world.opened.database, clock, chance, notices, secrets });
    const { authenticate } = sessions;
    http = await HttpWorld.open({ accounts, sessions, profiles, clock, pushTokens: phones, authenticate });
  });
  after(async () => {
    await http.close();
    await world.close();
    assert.deepEqual(http.reported, []);
  });
  beforeEach(async () => {
    as = (await world.register()).tokens.accessToken;
  });

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    http.call(method, `/api/v1/users/${path}`, { as, body, headers });

  it("[PF3] the profile is as the contract has it", async () => {
    const { status, body } = await call("GET", "profile");
    assert.equal(status, 200);
    const { id, createdAt, updatedAt, ...rest } = body.profile;
    assert.match(id, /^[0-9a-f-]{14}7[0-9a-f-]{21}$/, "a UUIDv7");
    for (const time of [createdAt, updatedAt]) assert.equal(new Date(time).toISOString(), time);
    assert.deepEqual(rest, {
      name: "Ada",
      age: null,
      gender: null,
      sexualOrientation: null,
      showSexualOrientation: false,
      twinType: null,
      otherTwinTypeDescription: null,
      twinDeceased: false,
      birthDate: null,
      zodiacSign: null,
      placeOfBirth: null,
      timeOfBirth: null,
      profilePicture: null,
      accentColor: "neon-purple",
      timezone: "UTC",
      isConnected: false,
      lastSeen: null,
    });
  });

  it("[PF4] PATCH changes what it names, PUT replaces, and a profile can be put back as it was got", async () => {
    const { body: patched } = await call("PATCH", "profile", { gender: "woman", birthDate: "1990-08-23" });
    assert.deepEqual([patched.profile.gender, patched.profile.age], ["woman", 35]);
    const { status, body: back } = await call("PUT", "profile", patched.profile);
    assert.deepEqual([status, back.profile.gender, back.profile.birthDate], [200, "woman", "1990-08-23"]);
    const { body: replaced } = await call("PUT", "profile", { name: "Ada L." });
    assert.deepEqual([replaced.profile.name, replaced.profile.gender, replaced.profile.age], ["Ada L.", null, null]);
  });

  it("[PF5] a field that is wrong is named, and nobody learns what it held", async () => {
    for (const [field, value] of [
      ["birthDate", "0000-01-01"],
      ["timeOfBirth", "0:15 AM"],
      ["name", "Jordan\r\nBcc: x@example.org"],
      ["accentColor", "secretly-black"],
    ]) {
      const { status, body, text } = await call("PATCH", "profile", { [String(field)]: value });
      assert.deepEqual([status, body.error.details[0].path], [400, field]);
      assert.ok(!/Bcc|secretly/.test(text));
    }
  });

  for (const [path, change] of [
    ["profile", { gender: "woman" }],
    ["settings", { notificationsEnabled: false }],
  ] as const) {
    const method = path === "profile" ? "PATCH" : "PUT";

    it(`[PF7] ${path} has an ETag, and a change with If-Match is made on that state only`, async () => {
      const first = (await call("GET", path)).headers.get("etag") ?? "";
      assert.match(first, /^"[ps]-1"$/);
      const changed = await call(method, path, change, { "if-match": first });
      const second = changed.headers.get("etag") ?? "";
      assert.deepEqual([changed.status, second === first], [200, false]);
      assert.equal((await call("GET", path)).headers.get("etag"), second);
      const late = await call(method, path, change, { "if-match": first });
      assert.deepEqual([late.status, late.body.error.code], [412, "PRECONDITION_FAILED"]);
      assert.equal((await call(method, path, change, { "if-match": "*" })).status, 200);
      assert.equal((await call(method, path, change)).status, 200, "who does not ask for a state changes any");
    });

    it(`[PF7] ${path} that is still the same need not be sent again`, async () => {
      const etag = (await call("GET", path)).headers.get("etag") ?? "";
      // A cache of its own would be asked first by fetch, were it not told otherwise.
      const headers = { "if-none-match": etag, "cache-control": "max-age=0" };
      assert.equal((await call("GET", path, undefined, headers)).status, 304);
      await call(method, path, change);
      assert.equal((await call("GET", path, undefined, headers)).status, 200);
    });
  }

  it("[PF12] settings have all their groups, and a change that names one leaves the others", async () => {
    const { body } = await call("PUT", "settings", { privacy: { showLastSeen: false } });
    assert.deepEqual(body.settings, {
      researchParticipation: false,
      notificationsEnabled: true,
      pushNotifications: { messages: true, twintuition: true, assessments: true, research: false },
      privacy: {
        profileVisible: true,
        shareUsageData: false,
        allowResearchContact: false,
        showLastSeen: false,
        sendReadReceipts: true,
      },
      quietHours: { enabled: true, start: "22:00", end: "08:00" },
      twintuition: { windowSeconds: 30, keywordMoments: true },
    });
    assert.deepEqual((await call("PUT", "settings", body.settings)).body.settings, body.settings);
  });

  it("[PF13] settings out of their bounds are refused by name", async () => {
    const { status, body } = await call("PUT", "settings", { twintuition: { windowSeconds: 4 } });
    assert.deepEqual([status, body.error.details[0].path], [400, "twintuition.windowSeconds"]);
  });

  it("[PT3] a phone is made to ring, and to ring no more, by whose it is", async () => {
    const phone = { token: "ExponentPushToken[abc]", platform: "ios", deviceId: "Ada's phone/1" };
    const place = `push-tokens/${encodeURIComponent(phone.deviceId)}`;
    const statuses = [await call("PUT", "push-tokens", phone), await call("PUT", "push-tokens", phone)];
    assert.deepEqual(
      statuses.map(({ status, body }) => [status, body]),
      Array.from({ length: 2 }, () => [200, { success: true }]),
    );
    const other = (await world.register()).tokens.accessToken;
    const theirs = await http.call("DELETE", `/api/v1/users/${place}`, { as: other });
    assert.deepEqual([theirs.status, theirs.body.error.code], [404, "NOT_FOUND"]);
    assert.equal((await call("DELETE", place)).status, 200);
    assert.equal((await call("DELETE", place)).status, 404);
    assert.equal((await http.call("PUT", "/api/v1/users/push-tokens", { body: phone })).status, 401);
  });

  for (const [field, value] of [
    ["token", "https://evil.example/token"],
    ["token", "ExponentPushToken[a] secretly"],
    ["platform", "pager"],
    ["deviceId", "x".repeat(4000)],
    ["deviceId", "a\0b"],
  ] as const)
    it(`[PT5] a ${field} like ${JSON.stringify(value.slice(0, 20))} is refused by name`, async () => {
      const phone = { token: "ExponentPushToken[abc]", platform: "ios", deviceId: "d1", [field]: value };
      const { status, body, text } = await call("PUT", "push-tokens", phone);
      assert.deepEqual([status, body.error.details[0].path], [400, field]);
      assert.ok(!/evil|secretly/.test(text));
    });
});
