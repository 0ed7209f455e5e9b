import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { MailboxItem } from "../../schema/wire/mailbox.ts";
import { eventually } from "../support/embedded.ts";
import { type SignedUp, TestServer } from "../support/server.ts";

const PUBLIC_URL = "https://api.example.org";
const TWILIO_AUTH_TOKEN = "for these tests only";
const TWILIO = `${PUBLIC_URL}/api/v1/webhooks/twilio`;

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

describe("a server that providers report to", function () {
  this.timeout(30_000);
  let server: TestServer;
  before(async () => {
    const SENDGRID_WEBHOOK_KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    server = await TestServer.create({ PUBLIC_URL, TWILIO_AUTH_TOKEN, SENDGRID_WEBHOOK_KEY });
    await server.start();
  });
  after(() => server.remove());

  async function fromSendgrid(body: string, signedBody = body, at = "1600112502"): Promise<number> {
    const signature = sign("sha256", Buffer.from(`1600112502${signedBody}`), privateKey).toString("base64");
    const headers = {
      ...{ "content-type": "application/json", "x-twilio-email-event-webhook-signature": signature },
      "x-twilio-email-event-webhook-timestamp": at,
    };
    return (await fetch(`${server.url}/api/v1/webhooks/sendgrid`, { method: "POST", headers, body })).status;
  }

  async function fromTwilio(params: Record<string, string>, url = TWILIO, headers = {}): Promise<number> {
    const names = Object.keys(params).sort();
    const signed = url + names.map((name) => name + params[name]).join("");
    const signature = createHmac("sha1", TWILIO_AUTH_TOKEN).update(signed).digest("base64");
    const answer = await fetch(server.url + new URL(url).pathname + new URL(url).search, {
      method: "POST",
      headers: { "x-twilio-signature": signature, ...headers },
      body: new URLSearchParams(params),
    });
    return answer.status;
  }

  const messagesTo = async (to: string): Promise<MailboxItem[]> =>
    (await server.call("GET", `/dev/mailbox.json?to=${encodeURIComponent(to)}`)).body.messages;

  async function messageTo(to: string): Promise<MailboxItem> {
    const [newest] = await messagesTo(to);
    assert.ok(newest, `something was sent to ${to}`);
    return newest;
  }

  async function invited(by: SignedUp, to: object): Promise<{ id: string }> {
    const { status, body } = await server.call("POST", "/api/v1/twins/invite", by.accessToken, to);
    assert.equal(status, 201, JSON.stringify(body));
    return body.invitation;
  }
  const statusOf = async (by: SignedUp, id: string): Promise<string> => {
    const { body } = await server.call("GET", "/api/v1/twins/invitations", by.accessToken);
    return body.invitations.find((one: { id: string }) => one.id === id)?.status;
  };

  it("[WH2] [WH3] believes SendGrid's signed bytes, and the inviter sees how far their invitation came, and never less", async () => {
    const ada = await server.signUp("Ada");
    const { id } = await invited(ada, { email: "bea@example.org", method: "email" });
    const { id: deliveryId, links } = await messageTo("bea@example.org");
    assert.ok(
      links.every((link) => link.startsWith(`${PUBLIC_URL}/`)),
      String(links),
    );
    await eventually(async () => (await statusOf(ada, id)) === "sent");
    const body = `[\r\n {"timestamp": 1600112492, "deliveryId":"${deliveryId}",\r\n  "event" : "deliver\\u0065d", "x":"caf\\u00e9"}\r\n]\r\n`;
    assert.equal(await fromSendgrid(body.replace("492", "493"), body), 403);
    assert.equal(await fromSendgrid(body, body, "1600112503"), 403);
    assert.equal(await statusOf(ada, id), "sent");
    assert.equal(await fromSendgrid(body), 200);
    assert.equal(await statusOf(ada, id), "delivered");
    for (const event of ["processed", "dropped", "open", "delivered"])
      assert.equal(await fromSendgrid(JSON.stringify([{ event, timestamp: 1600112500, deliveryId }])), 200);
    assert.equal(await statusOf(ada, id), "delivered");
  });

  it("[WH5] checks Twilio's signature over the address that the world knows, whatever host it is asked by", async () => {
    const unknown = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered" };
    assert.equal(await fromTwilio(unknown), 200);
    assert.equal(await fromTwilio(unknown, `${server.url}/api/v1/webhooks/twilio`), 403);
    assert.equal(await fromTwilio(unknown, TWILIO, { host: "evil.example", "x-forwarded-host": "evil.example" }), 200);
  });

  it("[WH5] an accepted invitation stays so, whatever is reported of it, in whatever order", async () => {
    const [ada, bea] = [await server.signUp("Ada"), await server.signUp("Bea")];
    const phone = "+4915112345678";
    const { id } = await invited(ada, { phone, method: "sms" });
    const { id: deliveryId, links } = await messageTo(phone);
    const told = (MessageStatus: string) =>
      fromTwilio({ MessageSid: "SM1", MessageStatus }, `${TWILIO}?delivery=${deliveryId}`);
    for (const status of ["delivered", "sent", "queued", "delivered", "failed"]) assert.equal(await told(status), 200);
    assert.equal(await statusOf(ada, id), "delivered");
    const token = links[0]?.split("/").at(-1);
    const path = `/api/v1/twins/invitations/${token}/accept`;
    assert.equal((await server.call("POST", path, bea.accessToken)).status, 200);
    for (const status of ["delivered", "sent", "failed"]) assert.equal(await told(status), 200);
    assert.equal(await statusOf(ada, id), "accepted");
  });

  it("[SU3] texts nobody who said STOP, until they say START", async () => {
    const ada = await server.signUp("Ada");
    const phone = "+4915187654321";
    const ask = () => server.call("POST", "/api/v1/auth/phone", ada.accessToken, { phone });
    assert.equal(await fromTwilio({ From: phone, Body: "Stop", MessageSid: "SM-a" }), 200);
    assert.equal((await ask()).status, 200);
    // It is there until it is its turn to leave.
    await eventually(async () => (await messagesTo(phone)).length === 0);
    assert.equal(await fromTwilio({ From: phone, Body: "Start", MessageSid: "SM-b" }), 200);
    assert.equal((await ask()).status, 200);
    assert.match((await messageTo(phone)).code ?? "", /^\d{6}$/);
  });
});
