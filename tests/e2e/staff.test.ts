import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { apiRoutes } from "../../http/app.ts";
import type { SignedUp } from "../support/entrance.ts";
import { HttpWorld } from "../support/http.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { Phone } from "../support/phone.ts";
import { TestServer } from "../support/server.ts";
import { stopwatch } from "../support/stopwatch.ts";

const COMMAND = join(import.meta.dirname, "../../server/staff.ts");

const picture = async () =>
  new Uint8Array(
    await sharp({ create: { width: 64, height: 40, channels: 3, background: "#7860dc" } })
      .jpeg()
      .toBuffer(),
  );

const PASSWORD = "Correct-horse-1";

describe("those who work here, at the real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  after(async () => {
    await server.end("SIGKILL");
    await server.remove();
  });

  const call = (method: string, path: string, token?: string, body?: unknown, headers?: Record<string, string>) =>
    server.call(method, `/api/v1${path}`, token, body, headers);

  /** The command, beside the server that runs. */
  async function command(...asked: readonly string[]): Promise<string> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, DATA_DIR: server.dataDir };
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...asked], { env });
    return stdout;
  }

  async function codeFrom(uri: string): Promise<string> {
    const { URI } = await import("otpauth");
    const totp = URI.parse(uri);
    assert.ok("period" in totp);
    return totp.generate();
  }

  /** Somebody new with that role, signed in. */
  async function colleague(role: string): Promise<SignedUp & { readonly token: string; readonly code: string }> {
    const who = await server.signUp("Cleo");
    await command("grant", role, who.email);
    const [uri = ""] = /otpauth:\S+/.exec(await command("enrol", who.email)) ?? [];
    const totp = await codeFrom(uri);
    const { status, body } = await call("POST", "/staff/login", undefined, {
      email: who.email,
      password: PASSWORD,
      totp,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return { ...who, token: body.token, code: totp };
  }

  it("[SF1] [SF2] the command gives a role and an authenticator beside a running server, and a code of it opens once", async () => {
    const { email, code: totp, token } = await colleague("moderator");
    assert.match(await command("list"), new RegExp(email));
    const again = await call("POST", "/staff/login", undefined, { email, password: PASSWORD, totp });
    assert.deepEqual([again.status, again.body.error.code], [401, "AUTH_INVALID_CREDENTIALS"]);
    const me = await call("GET", "/staff/me", token);
    assert.deepEqual(me.body.member.grants, [{ role: "moderator", studyId: null }]);
    await command("revoke", "moderator", email);
    assert.equal((await call("GET", "/staff/me", token)).body.error.code, "AUTH_TOKEN_REVOKED");
    for (const odd of [
      [],
      ["grant", "king", email],
      ["grant", "admin"],
      ["grant", "researcher", email],
      ["enrol", email],
    ])
      await assert.rejects(command(...odd));
  });

  it("[SF5] no route of theirs opens to a twin, none of a twin's to them, and none to nobody", async () => {
    const { token, accessToken } = await colleague("admin");
    for (const { method, path, signIn } of apiRoutes(new HttpWorld().deps)) {
      if (signIn === "none") continue;
      const place = path.replaceAll(/:[a-zA-Z]+/g, crypto.randomUUID());
      const other = signIn === "staff" ? accessToken : token;
      const answer = await call(method.toUpperCase(), place, other);
      assert.deepEqual([answer.status, answer.body.error?.code], [401, "AUTH_TOKEN_INVALID"], `${method} ${path}`);
      if (signIn === "staff") assert.equal((await call(method.toUpperCase(), place)).status, 401, `${method} ${path}`);
    }
    await assert.rejects(server.clientOf({ accessToken: token }).joinOrCreate("pair", {}));
  });

  it("[MQ4] what is removed goes from both phones at once, and no phone can ask for it", async () => {
    const { ada, bea } = await server.pairUp();
    const [hers, his] = [await Phone.join(server, ada), await Phone.join(server, bea)];
    const { id } = await his.say("go away");
    assert.equal(await hers.refusal("chat.remove", { key: "a", messageId: id }), "NOT_FOUND");
    const filed = await call("POST", "/twins/report", ada.accessToken, { reason: "threat", messageIds: [id] });
    const { token } = await colleague("moderator");
    const { body } = await call("GET", "/staff/reports", token);
    const report = body.reports.find((one: { id: string }) => one.id === filed.body.report.id);
    assert.deepEqual([report.messages[0].text, report.reportedId], ["go away", bea.userId]);
    const decision = { action: "remove_message", note: "a threat" };
    const decided = await call("POST", `/staff/reports/${report.id}/decision`, token, decision);
    assert.deepEqual([decided.status, decided.body.report?.status], [200, "decided"], JSON.stringify(decided.body));
    for (const phone of [hers, his]) {
      const { message } = await phone.hears("chat.message", (told) => told.message.deletedAt !== null);
      assert.deepEqual([message.id, message.text], [id, null]);
    }
    await Promise.all([hers.leave(), his.leave()]);
  });

  it("[MQ9] a reported picture is shown to who decides it, with their token and by their link, until its sender takes it back", async () => {
    const { ada, bea } = await server.pairUp();
    const phone = new MediaPhone(server, bea);
    const { id: mediaId } = await phone.upload("chat", "image/jpeg", await picture());
    const form = { clientMessageId: crypto.randomUUID(), type: "image", mediaId };
    const { body: sent } = await call("POST", "/messages", bea.accessToken, form);
    const report = { reason: "sexual", messageIds: [sent.message.id] };
    const { body: filed } = await call("POST", "/twins/report", ada.accessToken, report);
    const [mo, other] = [await colleague("moderator"), await colleague("moderator")];
    const { body: page } = await call("GET", "/staff/reports", mo.token);
    const told = page.reports.find(({ id }: { id: string }) => id === filed.report.id);
    assert.equal(told.messages[0].mediaId, mediaId);
    const place = `/staff/reports/${filed.report.id}/media/${mediaId}`;
    const { status, body } = await call("POST", place, mo.token);
    assert.deepEqual([status, body.media.width, body.media.height], [200, 64, 40], JSON.stringify(body));
    const open = (token?: string) =>
      fetch(server.url + body.media.url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    const file = await open(mo.token);
    assert.deepEqual([file.status, file.headers.get("content-type")], [200, "image/webp"]);
    assert.deepEqual(
      [file.headers.get("cache-control"), file.headers.get("x-content-type-options")],
      ["no-store", "nosniff"],
    );
    assert.equal((await sharp(Buffer.from(await file.arrayBuffer())).metadata()).width, 64);
    for (const [token, refused] of [
      [undefined, 401],
      [ada.accessToken, 401],
      [other.token, 403],
    ] as const)
      assert.equal((await open(token)).status, refused);
    assert.equal((await call("GET", `${place}?until=1&signature=x`, mo.token)).status, 403);
    assert.equal((await call("GET", place, mo.token)).status, 400);
    assert.equal((await call("POST", place, other.token)).status, 409);
    assert.equal((await call("DELETE", `/messages/${sent.message.id}`, bea.accessToken)).status, 200);
    assert.equal((await open(mo.token)).status, 410);
    const gone = await call("POST", place, mo.token);
    assert.deepEqual([gone.status, gone.body.error.message], [410, "It is not there any more"]);
  });

  it("[MQ8] who is suspended is signed out everywhere within five seconds, and told so when they sign in", async () => {
    const { ada, bea } = await server.pairUp();
    const phone = await Phone.join(server, bea);
    const filed = await call("POST", "/twins/report", ada.accessToken, { reason: "harassment" });
    const { token } = await colleague("moderator");
    const took = stopwatch();
    const decision = { action: "suspend", note: "again and again" };
    const path = `/staff/reports/${filed.body.report.id}/decision`;
    assert.equal((await call("POST", path, token, decision)).status, 200);
    assert.equal(await phone.closed, 4401);
    assert.ok(took() < 5000);
    assert.equal((await call("GET", "/auth/me", bea.accessToken)).status, 401);
    assert.equal((await call("POST", "/auth/refresh", undefined, { refreshToken: bea.refreshToken })).status, 401);
    const login = { email: bea.email, password: PASSWORD };
    const refused = await call("POST", "/auth/login", undefined, login);
    assert.deepEqual([refused.status, refused.body.error.code], [403, "ACCOUNT_SUSPENDED"]);
    const wrong = await call("POST", "/auth/login", undefined, { ...login, password: "Wrong-horse-9" });
    assert.equal(wrong.body.error.code, "AUTH_INVALID_CREDENTIALS");
    const { body } = await server.call("GET", `/dev/mailbox.json?to=${bea.email}`);
    assert.ok(body.messages.some(({ text }: { text: string }) => /suspended[\s\S]*object/.test(text)));
  });

  it("[PP7] [PP8] support sees what was sent, and why an address gets nothing", async () => {
    const { token, email } = await colleague("support");
    const { body } = await call("GET", "/staff/deliveries?days=1", token);
    const welcome = body.deliveries.find(({ template }: { template: string }) => template === "verify_address");
    assert.ok(welcome.sent > 0 && welcome.channel === "email");
    const sum = (list: readonly { channel: string; sent: number }[]) =>
      list.reduce((total, { channel, sent }) => total + (channel === "email" ? sent : 0), 0);
    assert.equal(sum(body.perDay), sum(body.deliveries));
    for (const days of ["0", "91", "x", "-1"])
      assert.equal((await call("GET", `/staff/deliveries?days=${days}`, token)).status, 400);
    const place = `/staff/suppressions/${encodeURIComponent(email)}`;
    assert.deepEqual((await call("GET", place, token)).body.suppressions, []);
    assert.equal((await call("DELETE", place, token)).status, 404);
    for (const odd of ["x", "%25", "' or 1=1 --"])
      assert.equal((await call("GET", `/staff/suppressions/${encodeURIComponent(odd)}`, token)).status, 400);
    assert.equal((await call("GET", "/staff/reports", token)).body.error.code, "FORBIDDEN");
  });

  it("[PP10] of a room it is told where it runs and how it stands, and no word", async () => {
    const { token } = await colleague("admin");
    const { ada, bea, pairId } = await server.pairUp();
    const before = await call("GET", `/staff/rooms/${pairId}`, token);
    assert.deepEqual([before.body.room.owner, before.body.room.live], [null, null]);
    const phones = [await Phone.join(server, ada), await Phone.join(server, bea)];
    await phones[0]?.say("a secret word");
    const { body } = await call("GET", `/staff/rooms/${pairId}`, token);
    const { owner, ownerBeatAt, claimedAt, epoch, ...room } = body.room;
    assert.ok(owner && ownerBeatAt && claimedAt && epoch > 0);
    const counts = { revision: 1, version: 1, firstSeq: 1, lastSeq: 1 };
    assert.deepEqual(room, { pairId, status: "open", ...counts, live: { devices: 2, queue: 0 }, lastError: null });
    assert.equal((await call("GET", `/staff/rooms/${crypto.randomUUID()}`, token)).status, 404);
    await Promise.all(phones.map((phone) => phone.leave()));
  });

  it("[PP11] [PP3] admins read who did what, page by page; nobody else does", async () => {
    const { token, userId } = await colleague("admin");
    const bea = await server.signUp("Bea");
    const search = `/staff/people?q=${bea.userId}`;
    assert.equal((await call("GET", search, token)).status, 400);
    const found = await call("GET", `${search}&reason=she%20wrote`, token);
    assert.deepEqual([found.status, found.body.people[0]?.email], [200, bea.email]);
    const ended = await call("POST", `/staff/people/${bea.userId}/end-sessions`, token, { reason: "she lost a phone" });
    assert.equal(ended.status, 200);
    assert.equal((await call("GET", "/auth/me", bea.accessToken)).status, 401);
    const list = `/staff/audit?person=${bea.userId}&limit=1`;
    const first = (await call("GET", list, token)).body;
    const second = (await call("GET", `${list}&cursor=${encodeURIComponent(first.nextCursor)}`, token)).body;
    const told = [...first.entries, ...second.entries].map(
      ({ action, reason, staffId }: { action: string; reason: string; staffId: string }) => [action, reason, staffId],
    );
    assert.deepEqual(told, [
      ["staff.sessions_ended", "she lost a phone", userId],
      ["staff.person_read", "she wrote", userId],
    ]);
    assert.equal(second.nextCursor, null);
    assert.equal((await call("GET", "/staff/audit", (await colleague("moderator")).token)).status, 403);
    assert.equal((await call("GET", "/staff/jobs?state=dead", token)).status, 200);
    assert.equal((await call("POST", `/staff/jobs/${crypto.randomUUID()}/retry`, token)).status, 404);
    assert.equal((await call("POST", "/staff/logout", token)).status, 200);
    assert.equal((await call("GET", "/staff/me", token)).body.error.code, "AUTH_TOKEN_REVOKED");
  });
});
