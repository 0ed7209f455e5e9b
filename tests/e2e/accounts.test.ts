import assert from "node:assert/strict";
import { request } from "node:http";
import { Client } from "@colyseus/sdk";
import type { MailboxItem } from "../../schema/wire/mailbox.ts";
import { eventually } from "../support/embedded.ts";
import { TestServer } from "../support/server.ts";

const PASSWORD = "Correct-horse-1";

describe("accounts, as people meet them", function () {
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

  async function mail(to: string, subject: RegExp, withinMs = 10_000): Promise<MailboxItem> {
    let found: MailboxItem | undefined;
    await eventually(async () => {
      const { body } = await server.call("GET", `/dev/mailbox.json?to=${encodeURIComponent(to)}`);
      found = body.messages.find((message: MailboxItem) => subject.test(message.subject ?? message.text));
      return found !== undefined;
    }, withinMs);
    assert.ok(found);
    return found;
  }
  const post = (path: string, body?: object, token?: string) => server.call("POST", `/api/v1${path}`, token, body);
  const tokenIn = ({ links }: MailboxItem) => new URL(links[0] ?? "").searchParams.get("token") ?? "";

  async function signUp(name: string): Promise<{ email: string; token: string; id: string }> {
    const email = `${name.toLowerCase()}-${crypto.randomUUID().slice(0, 8)}@example.org`;
    const { status, body } = await post("/auth/register", {
      email,
      password: PASSWORD,
      name,
      deviceId: `${name}-phone`,
    });
    assert.equal(status, 201);
    return { email, token: body.tokens.accessToken, id: body.user.id };
  }

  /** As scanners of mail do, before whoever it is for. */
  async function scan({ links }: MailboxItem): Promise<void> {
    for (const link of links)
      for (const method of ["HEAD", "GET", "GET"]) assert.equal((await fetch(link, { method })).status, 200, link);
  }

  it("[EV1] [EV6] [IN3] a mailed link is opened by scanners, burns nothing, and does by its button what it is for", async () => {
    const [ada, bea] = [await signUp("Ada"), await signUp("Bea")];
    const welcome = await mail(ada.email, /Confirm/);
    await scan(welcome);
    const isVerified = async () => (await server.call("GET", "/api/v1/auth/me", ada.token)).body.user.emailVerified;
    assert.equal(await isVerified(), false);
    assert.equal((await post("/auth/verify-email", { token: tokenIn(welcome) })).status, 200);
    assert.equal(await isVerified(), true);

    const { invitation } = (await post("/twins/invite", { email: bea.email, method: "email" }, ada.token)).body;
    await scan(await mail(bea.email, /invites you/));
    assert.equal((await post(`/twins/invitations/${invitation.token}/accept`, undefined, bea.token)).status, 200);

    await post("/auth/forgot-password", { email: ada.email });
    const forgotten = await mail(ada.email, /new password/);
    await scan(forgotten);
    const body = { token: tokenIn(forgotten), password: "Other-horse-2" };
    assert.equal((await post("/auth/reset-password", body)).status, 200);
  });

  it("[EV6] every link is made of configuration, whatever a request says of its host", async () => {
    const [ada, bea] = [await signUp("Ada"), await signUp("Bea")];
    const lies = {
      ...{ host: "evil.example", origin: "https://evil.example", "x-forwarded-host": "evil.example" },
      ...{ "x-forwarded-proto": "https", forwarded: "host=evil.example", authorization: `Bearer ${ada.token}` },
    };
    const lie = (path: string, body: object) =>
      new Promise<number>((resolve, reject) => {
        const headers = { ...lies, "content-type": "application/json" };
        const way = { host: "127.0.0.1", port: server.port, path: `/api/v1${path}`, method: "POST", headers };
        const asked = request(way, (answer) => resolve(answer.resume().statusCode ?? 0)).on("error", reject);
        asked.end(JSON.stringify(body));
      });
    assert.equal(await lie("/auth/forgot-password", { email: ada.email }), 200);
    assert.equal(await lie("/auth/resend-verification", { email: bea.email }), 200);
    assert.equal(await lie("/auth/change-email", { email: `new-${ada.email}`, password: PASSWORD }), 200);
    assert.equal(await lie("/twins/invite", { email: bea.email, method: "email" }), 201);
    const toBea = async () => (await server.call("GET", `/dev/mailbox.json?to=${bea.email}`)).body.messages;
    await eventually(async () => (await toBea()).length === 3);
    const mails = [
      await mail(ada.email, /new password/),
      ...(await toBea()),
      await mail(`new-${ada.email}`, /Confirm/),
    ];
    for (const { links } of mails) {
      assert.equal(links.length, 1);
      assert.ok(links[0]?.startsWith(`http://localhost:${server.port}/`), links[0]);
    }
    assert.ok(!JSON.stringify(mails).includes("evil"));
  });

  it("[PW1] [PR5] a new password by mail closes every socket of before", async () => {
    const ada = await signUp("Ada");
    const client = new Client(`http://127.0.0.1:${server.port}`);
    client.auth.token = ada.token;
    const room = await client.joinOrCreate("waiting", { deviceId: "Ada-phone" });
    const closed = new Promise<number>((resolve) => room.onLeave(resolve));
    await post("/auth/forgot-password", { email: ada.email });
    const token = tokenIn(await mail(ada.email, /new password/));
    assert.equal((await post("/auth/reset-password", { token, password: "Other-horse-2" })).status, 200);
    assert.equal(await closed, 4401);
    assert.equal((await server.call("GET", "/api/v1/auth/me", ada.token)).status, 401);
    assert.equal((await post("/auth/login", { email: ada.email, password: "Other-horse-2" })).status, 200);
  });

  it("[PH1] a phone is proved by the code that was sent there, as it is written everywhere", async () => {
    const ada = await signUp("Ada");
    assert.equal((await post("/auth/phone", { phone: "+49 30 901820" }, ada.token)).status, 200);
    const { code } = await mail("+4930901820", /code/);
    const { status, body } = await post("/auth/phone/verify", { code: ` ${code} ` }, ada.token);
    assert.deepEqual([status, body.phone], [200, "+4930901820"]);
  });

  it("[IN4] [PA10] an invitation by mail brings two together: both hear of it where they are", async () => {
    const [ada, bea] = [await signUp("Ada"), await signUp("Bea")];
    const { body } = await post("/twins/invite", { email: bea.email, method: "email" }, ada.token);
    const letter = await mail(bea.email, /invites you/);
    assert.deepEqual(letter.links, [`http://localhost:${server.port}/i/${body.invitation.token}`]);
    assert.equal(letter.code, body.invitation.code);
    await eventually(async () => {
      const { body: mine } = await server.call("GET", "/api/v1/twins/invitations", ada.token);
      return mine.invitations[0].status === "sent" && mine.analytics.totalSent === 1;
    });
    assert.equal((await fetch(letter.links[0] ?? "")).status, 200);

    const client = new Client(`http://127.0.0.1:${server.port}`);
    client.auth.token = ada.token;
    const room = await client.joinOrCreate("waiting", { deviceId: "Ada-phone" });
    const heard: string[] = [];
    room.onMessage("invitation.updated", ({ status }: { status: string }) => void heard.push(status));
    const opened = new Promise<{ twinProfile: { name: string } }>((resolve) => room.onMessage("pair.opened", resolve));
    const accepted = await post(`/twins/invitations/${body.invitation.token}/accept`, undefined, bea.token);
    assert.equal(accepted.status, 200);
    assert.equal((await opened).twinProfile.name, "Bea");
    await eventually(() => heard.includes("accepted"));
    assert.match((await mail(ada.email, /accepted/)).text, /Bea/);
    await room.leave();
  });

  it("[PU1] [PU2] a twin who is away is rung once for many messages, and one who reads is not", async () => {
    const [ada, bea] = [await signUp("Ada"), await signUp("Bea")];
    const { body } = await post("/twins/code", undefined, ada.token);
    await post("/twins/pair", { code: body.code }, bea.token);
    await server.call("PUT", "/api/v1/users/settings", bea.token, { quietHours: { enabled: false } });
    const token = `ExponentPushToken[${crypto.randomUUID()}]`;
    const ring = await server.call("PUT", "/api/v1/users/push-tokens", bea.token, {
      token,
      platform: "ios",
      deviceId: "Bea-phone",
    });
    assert.equal(ring.status, 200);
    for (let n = 0; n < 5; n++)
      assert.equal(
        (await post("/messages", { clientMessageId: crypto.randomUUID(), text: "secretword" }, ada.token)).status,
        201,
      );
    const push = await mail(token, /Ada/);
    assert.match(push.text, /^(?:sent you a message|\d new messages)$/);
    const rung = async () => {
      const { body: all } = await server.call("GET", `/dev/mailbox.json?to=${encodeURIComponent(token)}`);
      assert.ok(all.messages.length <= 2 && !JSON.stringify(all).includes("secretword"));
      return all.messages.length;
    };
    assert.ok((await rung()) >= 1);

    // The last of the five may ring a second after the first, and before this.
    assert.equal((await post("/auth/logout", {}, bea.token)).status, 200);
    const before = await rung();
    await post("/messages", { clientMessageId: crypto.randomUUID(), text: "are you there?" }, ada.token);
    await signUp("Cleo");
    assert.equal(await rung(), before, "a phone that signed out is silent");
  });

  it("[DV1] [QU7] killed right after the commit, it sends once it is back, within half a minute", async () => {
    const ada = await signUp("Ada");
    await post("/auth/forgot-password", { email: ada.email });
    await server.end("SIGKILL");
    await server.start();
    assert.match((await mail(ada.email, /new password/, 40_000)).text, /reset-password/);
  });
});
