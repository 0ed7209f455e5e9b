import assert from "node:assert/strict";
import { AccountsWorld, PASSWORD } from "../support/accounts-world.ts";
import { HttpWorld } from "../support/http.ts";

/** The calls that prove something, and what each of them cannot do without. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  "/auth/verify-email": ["token"],
  "/auth/resend-verification": ["email"],
  "/auth/forgot-password": ["email"],
  "/auth/reset-password": ["password", "token"],
};
const SIGNED_IN: Readonly<Record<string, readonly string[]>> = {
  "/auth/change-password": ["currentPassword", "newPassword"],
  "/auth/change-email": ["email", "password"],
  "/auth/phone": ["phone"],
  "/auth/phone/verify": ["code"],
};
const ALL = { ...OPEN, ...SIGNED_IN };

const RIGHT: Readonly<Record<string, string>> = {
  ...{ token: "x".repeat(43), email: "nobody@example.org", password: PASSWORD, currentPassword: PASSWORD },
  ...{ newPassword: "Other-horse-2", phone: "+49 30 123456", code: "123456" },
};

describe("proofs over HTTP", () => {
  let world: AccountsWorld;
  let http: HttpWorld;
  let as: string;
  before(async () => {
    world = await AccountsWorld.open();
    const { accounts, addresses, passwords, phones, signIns, sessions, clock } = world;
    const { authenticate } = sessions;
    http = await HttpWorld.open({ accounts, addresses, passwords, phones, signIns, sessions, clock, authenticate });
    as = (await world.register()).tokens.accessToken;
  });
  after(async () => {
    await http.close();
    await world.close();
    assert.deepEqual(http.reported, []);
  });

  const post = (path: string, body?: unknown) => http.call("POST", `/api/v1${path}`, { as, body });
  const refused = (path: string, body?: unknown) => http.refusal("POST", `/api/v1${path}`, { as, body });
  const formOf = (fields: readonly string[]) => Object.fromEntries(fields.map((field) => [field, RIGHT[field]]));

  it("[AC2] a call that brings nothing is told what it lacks", async () => {
    for (const [path, fields] of Object.entries(ALL))
      for (const body of [undefined, "", {}]) {
        const { status, body: answer } = await post(path, body);
        assert.deepEqual([status, answer.error.code], [400, "VALIDATION_ERROR"], path);
        const named: { path: string }[] = answer.error.details;
        assert.deepEqual([...new Set(named.map((one) => one.path))].sort(), fields, path);
      }
  });

  it("[AC2] nothing that comes in is a reason to fail, and a field nobody offered is refused", async () => {
    const odd = [null, 7, true, [], {}, [RIGHT["email"]], { $ne: "" }, "x".repeat(4000), "\0", "\ud83d", -1e308];
    for (const [path, fields] of Object.entries(ALL)) {
      for (const field of fields)
        for (const value of odd)
          assert.equal(await refused(path, { ...formOf(fields), [field]: value }), "400 VALIDATION_ERROR", path);
      for (const more of [{ userId: crypto.randomUUID() }, { emailVerified: true }, { role: "admin" }])
        assert.equal(await refused(path, { ...formOf(fields), ...more }), "400 VALIDATION_ERROR", path);
    }
  });

  it("[SE19] what is somebody's own is asked for by nobody who is not signed in", async () => {
    for (const [path, fields] of Object.entries(SIGNED_IN))
      assert.equal(await http.refusal("POST", `/api/v1${path}`, { body: formOf(fields) }), "401 AUTH_REQUIRED", path);
    assert.equal(await http.refusal("GET", "/api/v1/auth/sign-ins"), "401 AUTH_REQUIRED");
  });

  it("[EV2] a link that nobody made is 404, and one that is too old 410", async () => {
    const { user } = await world.register();
    const letter = world.outbox.newestTo(user.email)?.letter;
    assert.ok(letter && "link" in letter);
    const token = new URL(letter.link).searchParams.get("token");
    for (const path of ["/auth/verify-email", "/auth/reset-password"])
      assert.equal(await refused(path, formOf(ALL[path] ?? [])), "404 NOT_FOUND");
    world.clock.advance(48 * 3_600_000);
    assert.equal(await refused("/auth/verify-email", { token }), "410 GONE");
    as = (await world.login({ email: user.email })).tokens.accessToken;
  });

  it("[EV3] [EV4] asking for a link is answered alike, the fourth time too, for whatever address", async () => {
    const { user } = await world.register();
    for (const path of ["/auth/resend-verification", "/auth/forgot-password"]) {
      const told = await Promise.all(
        [user.email, `nobody-${path.length}@example.org`].map(async (email) => {
          const answers: unknown[] = [];
          for (let n = 0; n < 4; n++) {
            const { status, body, headers } = await post(path, { email });
            answers.push([status, body.message, body.error?.code, Number(headers.get("retry-after")) > 3500]);
          }
          return answers;
        }),
      );
      assert.deepEqual(told[0], told[1]);
      assert.deepEqual(told[0]?.at(-1), [429, undefined, "RATE_LIMIT_EXCEEDED", true]);
    }
  });

  it("[PH2] [PH5] a code that was not asked for is 410, and a number without a country is told how to be written", async () => {
    assert.equal(await refused("/auth/phone/verify", { code: "123456" }), "410 GONE");
    const { status, body } = await post("/auth/phone", { phone: "030 123456" });
    assert.equal(status, 400);
    assert.match(body.error.message, /^phone: .*\+49/);
  });

  it("[SI2] sign-ins are shown to their own person, and another's place in them leads nowhere", async () => {
    const { user, tokens } = await world.register({ deviceId: "d" });
    world.clock.advance(1000);
    await world.login({ email: user.email, deviceId: "e", deviceName: "Tablet" });
    const list = (query: string, of = tokens.accessToken) =>
      http.call("GET", `/api/v1/auth/sign-ins${query}`, { as: of });
    const { body } = await list("?limit=1");
    assert.deepEqual(Object.keys(body).sort(), ["nextCursor", "signIns", "success"]);
    assert.deepEqual([body.signIns.length, body.signIns[0].deviceName, body.signIns[0].isNew], [1, "Tablet", true]);
    const next = `?limit=1&cursor=${encodeURIComponent(body.nextCursor)}`;
    assert.equal((await list(next)).body.signIns[0].deviceId, "d");
    assert.equal((await list(next, as)).body.error.code, "VALIDATION_ERROR");
  });
});
