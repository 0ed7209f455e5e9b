import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { apiRoutes } from "../../http/app.ts";
import { allOf } from "../support/assessment-answers.ts";
import { HttpWorld } from "../support/http.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { picture } from "../support/pictures.ts";
import { TestServer } from "../support/server.ts";

const PASSWORD = "Correct-horse-1";

interface Person {
  readonly email: string;
  readonly id: string;
  readonly token: string;
}

/** A route with an id in it, and one of the owner's own to put there. */
type OwnId = (owner: Person, twin: Person) => Promise<string>;

describe("attacks", function () {
  this.timeout(60_000);
  let server: TestServer;
  let ada: Person;
  let bea: Person;
  let eve: Person;

  const call = (method: string, path: string, of?: Person, body?: unknown, headers?: Record<string, string>) =>
    server.call(method, `/api/v1${path}`, of?.token, body, headers);

  async function signUp(name: string, form: object = {}): Promise<Person> {
    const email = `${crypto.randomUUID()}@example.org`;
    const { status, body } = await call("POST", "/auth/register", undefined, {
      email,
      password: PASSWORD,
      name,
      ...form,
    });
    assert.equal(status, 201, JSON.stringify(body));
    return { email, id: body.user.id, token: body.tokens.accessToken };
  }

  async function pairUp(one: Person, other: Person): Promise<void> {
    const { body } = await call("POST", "/twins/code", one);
    assert.equal((await call("POST", "/twins/pair", other, { code: body.code })).status, 200);
  }

  before(async () => {
    server = await TestServer.create();
    await server.start();
    [ada, bea, eve] = [await signUp("Ada"), await signUp("Bea"), await signUp("Eve")];
    await pairUp(ada, bea);
    await pairUp(eve, await signUp("Mallory"));
  });
  after(async () => {
    await server.end("SIGKILL");
    await server.remove();
  });

  const said = async (owner: Person): Promise<string> => {
    const form = { clientMessageId: crypto.randomUUID(), text: "between us" };
    return (await call("POST", "/messages", owner, form)).body.message.id;
  };
  const phoneOf = ({ token }: Person) => new MediaPhone(server, { accessToken: token });
  const sent = async (owner: Person): Promise<string> => {
    const file = await picture(40, 30).jpeg().toBuffer();
    const announced = await phoneOf(owner).announce("chat", "image/jpeg", file);
    await phoneOf(owner).send(announced, file);
    return announced.media.id;
  };
  const told = async (owner: Person): Promise<string> =>
    (await call("POST", "/stories", owner, { title: "Mine", visibility: "private" })).body.story.id;
  const invited = async (owner: Person) =>
    (await call("POST", "/twins/invite", owner, { method: "email", email: "somebody@example.org" })).body.invitation;

  const anyStudy = async (owner: Person) => (await call("GET", "/research/studies", owner)).body.studies[0].id;

  const assessed = async (owner: Person) => (await call("POST", "/assessments", owner)).body.session.id;

  const completed = async (owner: Person) => {
    const { body } = await call("GET", "/assessments?status=completed", owner);
    if (body.assessments[0]) return body.assessments[0].id;
    const id = await assessed(owner);
    await call("POST", `/assessments/${id}/responses`, owner, { responses: allOf(4), isComplete: true });
    return id;
  };

  /** Every route that names something by an id: a new one without a line here fails. */
  const OWN: Readonly<Record<string, OwnId>> = {
    "delete /auth/sessions/:id": async (owner) => (await call("GET", "/auth/sessions", owner)).body.sessions[0].id,
    "delete /users/push-tokens/:deviceId": async (owner) => {
      const deviceId = `phone-${crypto.randomUUID()}`;
      await call("PUT", "/users/push-tokens", owner, {
        token: `ExponentPushToken[${deviceId}]`,
        platform: "ios",
        deviceId,
      });
      return deviceId;
    },
    "get /assessments/:id": assessed,
    "post /assessments/:id/responses": assessed,
    "get /assessments/:id/results": completed,
    "get /assessments/:id/report.pdf": completed,
    "get /users/export/:id": async (owner) => (await call("POST", "/users/export", owner)).body.export.id,
    "post /twins/invitations/:invitation/resend": async (owner) => (await invited(owner)).id,
    "delete /twins/invitations/:invitation": async (owner) => (await invited(owner)).id,
    "delete /twins/blocks/:userId": async (owner) => {
      const former = await signUp("Former");
      await call("DELETE", "/twins", owner);
      await pairUp(owner, former);
      await call("POST", "/twins/block", owner);
      await pairUp(ada, bea);
      return former.id;
    },
    "delete /research/studies/:id/consent": async (owner) => {
      const study = await anyStudy(owner);
      await call("PATCH", "/users/profile", owner, { birthDate: "1990-08-23" });
      const consentItems = { data_collection: true, data_sharing: true };
      await call("POST", `/research/studies/${study}/consent`, owner, { consentItems, consentVersion: "1" });
      return study;
    },
    "patch /messages/:id": said,
    "delete /messages/:id": said,
    "post /messages/:id/reactions": said,
    "delete /messages/:id/reactions/:emoji": said,
    "post /messages/:id/read": (_owner, twin) => said(twin),
    "post /twintuition/alerts/:id/seen": async (_owner, twin) =>
      (await call("POST", "/twintuition/alerts", twin, { kind: "thought" })).body.id,
    "post /media/:id/complete": sent,
    "get /media/:id": sent,
    "get /stories/:id": told,
    "patch /stories/:id": told,
    "delete /stories/:id": told,
  };

  /** Whoever has the token is who it is for: it is not guessed, and nobody owns it. */
  const BY_SECRET = [
    "get /twins/invitations/:invitation",
    "post /twins/invitations/:invitation/accept",
    "post /twins/invitations/:invitation/decline",
  ];

  /** The same for all, and nobody's. */
  const FOR_EVERYBODY = ["get /research/studies/:id", "post /research/studies/:id/consent"];

  const BODIES: Readonly<Record<string, object>> = {
    "delete /research/studies/:id/consent": { disposition: "delete" },
    "patch /messages/:id": { text: "between you" },
    "patch /stories/:id": { title: "Ours" },
    "post /messages/:id/reactions": { emoji: "🙂" },
    "post /assessments/:id/responses": { responses: [{ itemId: "IF001", value: 4 }] },
  };

  /** What one's own is answered where it is there, and costs. */
  const NOT_FOR_FREE: Readonly<Record<string, number>> = { "get /assessments/:id/report.pdf": 402 };

  // Those of the staff open to no twin at all, whatever the id: that is asked in a test of its own.
  const routes = apiRoutes(new HttpWorld().deps).filter(({ path, signIn }) => path.includes(":") && signIn !== "staff");

  it("[AT1] every route with an id in it is attacked below", () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(names.toSorted(), [...Object.keys(OWN), ...BY_SECRET, ...FOR_EVERYBODY].toSorted());
  });

  for (const [name, idOf] of Object.entries(OWN))
    it(`[AT1] ${name}: somebody else's is not there, and nothing happens to it`, async () => {
      const [method = "", path = ""] = name.split(" ");
      const id = await idOf(ada, bea);
      const place = path.replace(/:(?:id|deviceId|invitation|userId)/, id).replace(":emoji", encodeURIComponent("🙂"));
      const body = BODIES[name];
      const asked = (of?: Person) => call(method.toUpperCase(), place, of, body);
      const stranger = await asked(eve);
      assert.deepEqual([stranger.status, stranger.body.error.code], [404, "NOT_FOUND"]);
      assert.equal((await asked()).status, 401);
      const own = await asked(ada);
      assert.ok(own.status < 300 || own.status === NOT_FOR_FREE[name], `${own.status} ${JSON.stringify(own.body)}`);
      if (name === "delete /auth/sessions/:id") ada = { ...ada, token: (await signIn(ada)).token };
    });

  async function signIn({ email, id }: Person): Promise<Person> {
    const { body } = await call("POST", "/auth/login", undefined, { email, password: PASSWORD });
    return { email, id, token: body.tokens.accessToken };
  }

  it("[AT2] nobody becomes more than they are by saying so", async () => {
    for (const more of [
      { role: "admin" },
      { isAdmin: true },
      { emailVerified: true },
      { id: ada.id },
      { status: "active" },
      { userId: ada.id },
    ]) {
      const form = { email: `${crypto.randomUUID()}@example.org`, password: PASSWORD, name: "Eve", ...more };
      assert.equal((await call("POST", "/auth/register", undefined, form)).status, 400, JSON.stringify(more));
      assert.equal((await call("PATCH", "/users/profile", eve, more)).status, 400);
      const message = { clientMessageId: crypto.randomUUID(), text: "x", senderId: ada.id, ...more };
      assert.equal((await call("POST", "/messages", eve, message)).status, 400);
    }
    for (const proto of [
      '{"name":"Eve","__proto__":{"isAdmin":true}}',
      '{"name":"Eve","constructor":{"prototype":{"isAdmin":true}}}',
    ])
      assert.equal((await call("PATCH", "/users/profile", eve, proto)).status, 400);
    assert.equal(Reflect.get({}, "isAdmin"), undefined);
  });

  it("[AT3] operators and statements in place of words find nothing and break nothing", async () => {
    for (const value of [{ $ne: null }, { $gt: "" }, ["a@example.org"], 1, true, null])
      assert.equal((await call("POST", "/auth/login", undefined, { email: value, password: PASSWORD })).status, 400);
    for (const query of [
      "/messages?limit[$gt]=1",
      "/messages?before[$ne]=1",
      "/messages/search?q[$ne]=x",
      "/auth/sign-ins?cursor[$gt]=",
    ])
      assert.ok([200, 400].includes((await call("GET", query, eve)).status), query);
    for (const sql of [
      "'; drop table users; --",
      '" or 1=1 --',
      "\\'; select pg_sleep(5); --",
      "%' or '1'='1",
      "$1",
      `${"$"}{1}`,
      "?",
    ]) {
      const name = await call("PATCH", "/users/profile", eve, { name: sql });
      assert.deepEqual([name.status, name.body.profile?.name], [200, sql]);
      assert.equal((await call("GET", `/messages/search?q=${encodeURIComponent(sql)}`, eve)).status, 200);
      assert.equal((await call("POST", "/twins/pair", ada, { code: sql })).status < 500, true);
    }
    assert.equal((await call("GET", "/auth/me", ada)).status, 200);
  });

  it("[AT4] what somebody calls themselves opens no line of its own in headers, logs or mails", async () => {
    for (const name of ["Jordan\r\nBcc: x@example.org", "Jordan\u2028X", "a\u0000b"])
      assert.equal((await call("PATCH", "/users/profile", eve, { name })).status, 400);
    const sam = await signUp(`{{7*7}} ${"$"}{7*7} <b>x</b> http://evil.example`);
    await call("POST", "/auth/forgot-password", undefined, { email: sam.email });
    const { body } = await server.call("GET", `/dev/mailbox.json?to=${sam.email}`);
    for (const { subject, html, text } of body.messages) {
      assert.doesNotMatch(subject, /[\r\n]/);
      assert.doesNotMatch(html, /<b>x|>\s*49\s*</);
      assert.doesNotMatch(text, /evil\.example|\b49\b/);
    }
    await call("GET", "/auth/me", eve, undefined, { "x-request-id": "injected%0d%0aline" });
    const log = readFileSync(join(server.dataDir, "test.log"), "utf8");
    for (const line of log.split("\n").filter((one) => one !== "")) assert.doesNotThrow(() => JSON.parse(line), line);
  });

  it("[AT5] nobody learns whether an address has an account: by words, by codes or by how long it takes", async () => {
    const times = { known: [] as number[], unknown: [] as number[] };
    const timed = async (list: number[], path: string, body: object) => {
      const before = performance.now();
      const answer = await call("POST", path, undefined, body);
      list.push(performance.now() - before);
      return [answer.status, answer.body.error?.code, answer.body.message];
    };
    for (let n = 0; n < 12; n++) {
      const known = (await signUp("Ada")).email;
      const unknown = `${crypto.randomUUID()}@example.org`;
      for (const path of ["/auth/forgot-password", "/auth/resend-verification"])
        assert.deepEqual(
          await timed(times.known, path, { email: known }),
          await timed(times.unknown, path, { email: unknown }),
        );
      const guess = { password: "Wrong-horse-9" };
      const [wrong, nobody] = [
        { email: known, ...guess },
        { email: unknown, ...guess },
      ];
      assert.deepEqual(
        await timed(times.known, "/auth/login", wrong),
        await timed(times.unknown, "/auth/login", nobody),
      );
    }
    const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
    const [one, other] = [median(times.known), median(times.unknown)];
    assert.ok(Math.abs(one - other) < Math.max(5, 0.5 * Math.max(one, other)), `${one} ms, ${other} ms`);
  });

  it("[AT6] what is served of our own is all that is served: no file beside it, no way to another site", async () => {
    for (const path of [
      "/docs/../package.json",
      "/docs/%2e%2e/package.json",
      "/docs/..%2f..%2fpackage.json",
      "/docs/....//package.json",
      "/docs/%2e%2e%5cpackage.json",
    ]) {
      const answer = await fetch(`${server.url}${path}`, { redirect: "manual" });
      assert.ok(answer.status >= 400 && answer.status < 500, `${path} ${answer.status}`);
    }
    for (const path of [
      "//evil.example",
      "/\\evil.example",
      "/docs//evil.example",
      "/verify-email?next=https://evil.example",
      "/i/%2f%2fevil.example",
    ]) {
      const answer = await fetch(`${server.url}${path}`, { redirect: "manual" });
      assert.equal(answer.headers.get("location"), null, path);
    }
  });

  it("[AT7] pages stand in nobody's frame, and run nothing that is not theirs", async () => {
    for (const path of [
      "/docs",
      "/verify-email?token=x",
      "/reset-password?token=x",
      `/i/${"F".repeat(64)}`,
      "/dev/mailbox",
      "/dev/store",
    ]) {
      const { headers } = await fetch(`${server.url}${path}`);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/, path);
      assert.match(policy, /frame-ancestors 'none'/, path);
      assert.doesNotMatch(policy, /script-src[^;]*'unsafe/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    }
  });

  it("[AT8] codes of six figures are not guessed: five tries, and few codes", async () => {
    await call("POST", "/auth/phone", eve, { phone: "+49 30 901821" });
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call("POST", "/auth/phone/verify", eve, { code: String(n).padStart(6, "0") }),
      ),
    );
    const codes = tries.map(({ status }) => status);
    assert.ok(codes.filter((status) => status === 400).length <= 5, codes.join(" "));
    assert.equal((await call("POST", "/auth/phone/verify", eve, { code: "123456" })).status, 410);
  });
});
