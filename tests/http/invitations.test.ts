import assert from "node:assert/strict";
import { eventually } from "../support/embedded.ts";
import { type SignedUp, TestServer } from "../support/server.ts";

describe("invitations, blocks and reports over HTTP", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  after(() => server.remove());

  const call = (method: string, path: string, who?: SignedUp, body?: object) =>
    server.call(method, `/api/v1${path}`, who?.accessToken, body);
  const two = () => Promise.all([server.signUp("Ada"), server.signUp("Bea")]);

  async function invite(of: SignedUp, form: object = { method: "email", email: "somebody@example.org" }) {
    const { status, body } = await call("POST", "/twins/invite", of, form);
    assert.equal(status, 201, JSON.stringify(body));
    return body.invitation;
  }

  /** What it came to, in a word or two. */
  async function outcome(method: string, path: string, who?: SignedUp, body?: object): Promise<string> {
    const { status, body: answer } = await call(method, path, who, body);
    return answer.success ? String(status) : `${status} ${answer.error.code}`;
  }

  it("[IN1] [IN3] an invitation is told whole to who made it, and to who has its link without its address", async () => {
    const [ada] = await two();
    const made = await invite(ada, { method: "both", email: "zirconium@example.org ", phone: "+49 (30) 901820" });
    assert.deepEqual(Object.keys(made).toSorted(), [
      ...["accentColor", "attemptCount", "code", "createdAt", "deepLink", "expiresAt", "id", "inviterName"],
      ...["lastAttemptAt", "recipientEmail", "recipientPhone", "status", "token", "twinType"],
    ]);
    assert.match(made.token, /^[0-9A-F]{64}$/);
    assert.deepEqual([made.recipientEmail, made.recipientPhone], ["zirconium@example.org", "+4930901820"]);
    const place = `/twins/invitations/${made.token}`;
    const first = await call("GET", place);
    assert.equal(first.status, 200);
    assert.doesNotMatch(JSON.stringify(first.body), /zirconium|901820/);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/api/v1${place}`, { method: "HEAD" })).status, 200);
    const small = await call("GET", `/twins/invitations/${made.token.toLowerCase()}`);
    assert.equal(small.body.invitation.code, made.code);
    await eventually(async () => {
      const { invitations, analytics } = (await call("GET", "/twins/invitations", ada)).body;
      return invitations[0].status === "sent" && invitations[0].attemptCount === 2 && analytics.totalSent === 1;
    });
  });

  it("[IN6] one's own is 400, an unknown one 404, a used one 409, one that is over 410; accepted again it is the same", async () => {
    const [ada, bea] = await two();
    const cleo = await server.signUp("Cleo");
    const [made, over, declined] = [await invite(ada), await invite(ada), await invite(ada)];
    const accept = (token: string, who?: SignedUp) => outcome("POST", `/twins/invitations/${token}/accept`, who);
    assert.equal(await accept(made.token, ada), "400 VALIDATION_ERROR");
    assert.equal(await accept(made.token), "401 AUTH_REQUIRED");
    for (const unknown of ["A".repeat(64), "nonsense", "%F0%9F%98%80"])
      assert.equal(await accept(unknown, bea), "404 NOT_FOUND");
    assert.equal(await outcome("DELETE", `/twins/invitations/${over.id}`, ada), "200");
    assert.equal(await accept(over.token, bea), "410 GONE");
    for (const again of [1, 2])
      assert.equal(await outcome("POST", `/twins/invitations/${declined.token}/decline`), "200", `${again}`);
    assert.equal(await accept(declined.token, bea), "410 GONE");
    const [one, other] = await Promise.all([accept(made.token, bea), accept(made.token, bea)]);
    assert.deepEqual([one, other, await accept(made.token, bea)], ["200", "200", "200"]);
    assert.equal(await accept(made.token, cleo), "409 CONFLICT");
    assert.equal(await outcome("POST", `/twins/invitations/${made.id}/resend`, ada), "409 CONFLICT");
    const shown = (await call("GET", `/twins/invitations/${over.token}`)).body.invitation;
    assert.equal(shown.status, "cancelled");
  });

  it("[PG2] its page shows any name as a name, is there for whoever looks twice, and says when it is over", async () => {
    const name = "<img src=x onerror=alert(1)>";
    const ada = await server.signUp("Ada");
    await server.call("PATCH", "/api/v1/users/profile", ada.accessToken, { name });
    const made = await invite(ada);
    const place = `http://127.0.0.1:${server.port}/i/${made.token}`;
    for (const method of ["HEAD", "GET", "GET"]) assert.equal((await fetch(place, { method })).status, 200);
    const page = await (await fetch(place)).text();
    assert.ok(page.includes(made.code) && page.includes(`href="${made.deepLink}"`));
    assert.ok(!page.includes("<img") && /<bdi class="name">&#60;img/.test(page));
    assert.equal((await call("GET", `/twins/invitations/${made.token}`)).body.invitation.expiresAt, made.expiresAt);
    await call("DELETE", `/twins/invitations/${made.id}`, ada);
    const over = await (await fetch(place)).text();
    assert.ok(over.includes("is over") && !over.includes(made.code) && !over.includes("twinship://"));
  });

  it("[BL1] [BL2] who is blocked finds nothing of the other, and who blocked them is told to unblock first", async () => {
    const { ada, bea } = await server.pairUp();
    const room = await server.join(bea);
    const waits = new Promise((resolve) => room.onMessage("pair.closed", resolve));
    assert.equal(await outcome("POST", "/twins/block", ada, {}), "200");
    assert.deepEqual(await waits, { reason: "unpaired" });
    const { token, code } = await invite(ada);
    assert.equal(await outcome("POST", `/twins/invitations/${token}/accept`, bea), "404 NOT_FOUND");
    assert.equal(await outcome("POST", `/twins/invitations/${token}/decline`, bea), "404 NOT_FOUND");
    for (const written of [code, token])
      assert.equal(await outcome("POST", "/twins/pair", bea, { code: written }), "404 NOT_FOUND");
    const theirs = (await call("POST", "/twins/code", bea)).body.code;
    assert.equal(await outcome("POST", "/twins/pair", ada, { code: theirs }), "409 CONFLICT");
    const { blocks } = (await call("GET", "/twins/blocks", ada)).body;
    assert.deepEqual(Object.keys(blocks[0]).toSorted(), ["createdAt", "name", "userId"]);
    assert.equal(await outcome("DELETE", `/twins/blocks/${blocks[0].userId}`, ada), "200");
    assert.equal(await outcome("POST", "/twins/pair", ada, { code: theirs }), "200");
  });

  it("[RP1] [RP2] a report takes what the twin said, also after they were blocked, and nothing of anybody else's", async () => {
    const { ada, bea } = await server.pairUp();
    const { ada: eve } = await server.pairUp();
    const say = async (who: SignedUp) =>
      (await call("POST", "/messages", who, { clientMessageId: crypto.randomUUID(), text: "go away" })).body.message.id;
    const [said, foreign] = [await say(bea), await say(eve)];
    const file = (form: object) => call("POST", "/twins/report", ada, { reason: "harassment", ...form });
    assert.equal((await file({ messageIds: [said, foreign] })).body.error.code, "NOT_FOUND");
    const first = await file({ messageIds: [said], details: "every day" });
    assert.deepEqual([first.status, first.body.report.status], [201, "open"]);
    assert.equal((await call("POST", "/twins/block", ada, {})).status, 200);
    const again = await file({ messageIds: [said], details: "every day" });
    assert.deepEqual([again.status, again.body.report.id], [201, first.body.report.id]);
    assert.notEqual((await file({ reason: "threat" })).body.report.id, first.body.report.id);
  });
});
