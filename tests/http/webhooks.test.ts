import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { addressKeysOf } from "../../domain/address-keys.ts";
import { deliveries } from "../../domain/deliveries.ts";
import { providerReports } from "../../domain/provider-reports.ts";
import { secrets } from "../../domain/secrets.ts";
import { isSuppressed } from "../../domain/suppressions.ts";
import type { Outgoing } from "../../schema/wire/letters.ts";
import { sendgridSignature } from "../../server/adapters/mail/sendgrid-signature.ts";
import { twilioSignature } from "../../server/adapters/sms/twilio-signature.ts";
import { chance } from "../../server/chance.ts";
import { FakeClock } from "../support/accounts-world.ts";
import { HttpWorld } from "../support/http.ts";
import { RecordedJobs } from "../support/outbox.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

const TOKEN = "12345";
const SECRET = "for these tests only, and long enough";
const TWILIO_URL = "https://api.example.org/api/v1/webhooks/twilio";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const SENDGRID_KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");

/** As SendGrid signs: the timestamp, and then the bytes it sends. */
const signed = (timestamp: string, body: string) =>
  sign("sha256", Buffer.from(timestamp + body), privateKey).toString("base64");

/** As Twilio's documentation has it: the address, and every parameter behind it, in the order of their names. */
const twilioSigned = (url: string, params: Readonly<Record<string, string>>, token = TOKEN) =>
  createHmac("sha1", token)
    .update(
      url +
        Object.keys(params)
          .sort()
          .map((name) => name + params[name])
          .join(""),
    )
    .digest("base64");

describe("what providers tell", () => {
  let opened: TemporaryDatabase;
  let world: HttpWorld;
  const clock = new FakeClock();
  const hidden = secrets([SECRET], chance);
  const states: string[] = [];

  const outbox = () =>
    deliveries({
      ...{
        database: opened.database,
        clock,
        chance,
        jobs: new RecordedJobs(),
        secrets: hidden,
        isSuppressed: (em, message) => isSuppressed(em, message, addressKeysOf(hidden, message.channel, message.to)),
        keepsContents: () => true,
      },
      post: async (_message, id) => ({ providerId: `SM${id}` }),
      followers: [async (_em, _after, { state }) => void states.push(state)],
    });

  before(async () => {
    opened = await temporaryDatabase();
    const reports = providerReports({ database: opened.database, clock, secrets: hidden, deliveries: outbox() });
    world = await HttpWorld.open({
      providerReports: reports,
      signatures: {
        ...{ sendgrid: sendgridSignature(SENDGRID_KEY), twilio: twilioSignature(TOKEN, TWILIO_URL) },
        revenuecat: undefined,
      },
    });
  });
  after(async () => {
    await world.close();
    await opened.close();
  });
  beforeEach(() => {
    states.length = 0;
  });

  const asked = (message: Outgoing = MAIL): Promise<string> =>
    opened.database.transaction((em) => outbox().send(em, message, { userId: null }));

  async function sent(message: Outgoing = MAIL): Promise<string> {
    const id = await asked(message);
    await outbox().deliver({ deliveryId: id });
    return id;
  }
  const statusOf = async (id: string) =>
    (await opened.pool.query("select status, opened_at, clicked_at from deliveries where id = $1", [id])).rows[0];

  const hook = (path: string, body: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${world.port}/api/v1/webhooks/${path}`, { method: "POST", body, headers });
  const fromSendgrid = (body: string, timestamp = "1600112502", signature = signed(timestamp, body)) =>
    hook("sendgrid", body, {
      ...{ "content-type": "application/json", "x-twilio-email-event-webhook-timestamp": timestamp },
      "x-twilio-email-event-webhook-signature": signature,
    });
  const events = (...all: readonly object[]) => JSON.stringify(all);
  const fromTwilio = (
    params: Record<string, string>,
    signature = twilioSigned(TWILIO_URL, params),
    headers = {},
    search = "",
  ) =>
    hook(`twilio${search}`, new URLSearchParams(params).toString(), {
      ...{ "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature },
      ...headers,
    });

  const MAIL: Outgoing = {
    ...{ channel: "email", to: "ada@example.org" },
    letter: { template: "verify_address", name: "Ada", link: "https://twinship.test" },
  };

  it("[WH1] Twilio's published signature is believed, over the published parameters", () => {
    const params = {
      ...{
        CallSid: "CA1234567890ABCDE",
        Caller: "+14158675309",
        Digits: "1234",
        From: "+14158675309",
        To: "+18005551212",
      },
    };
    const verify = twilioSignature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2");
    assert.ok(verify(params, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    assert.ok(!verify({ ...params, Digits: "1235" }, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
  });

  it("[WH2] SendGrid's published signature is believed, over the published bytes", () => {
    const verify = sendgridSignature(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==",
    );
    const event = {
      email: "hello@world.com",
      event: "dropped",
      reason: "Bounced Address",
      sg_event_id: "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
      sg_message_id: "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
      "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
      timestamp: 1600112492,
    };
    const signature =
      "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    assert.ok(verify("1600112502", Buffer.from(`${JSON.stringify([event])}\r\n`), signature));
    assert.ok(!verify("1600112502", Buffer.from(JSON.stringify([event])), signature));
    assert.ok(!verify("1600112503", Buffer.from(`${JSON.stringify([event])}\r\n`), signature));
  });

  it("[WH2] what is signed is the bytes that came: breaks, spaces, odd orders and escapes and all", async () => {
    const id = await sent();
    const body = `[\r\n  {"timestamp" : 1600112492,  "event":"delivered", "x":"caf\\u00e9",\r\n "deliveryId":"${id}"}\r\n]\r\n`;
    assert.equal((await fromSendgrid(body)).status, 200);
    assert.equal((await statusOf(id)).status, "delivered");
    const flipped = body.replace("delivered", "deliveref");
    assert.equal((await fromSendgrid(flipped, "1600112502", signed("1600112502", body))).status, 403);
    assert.equal((await fromSendgrid(body, "1600112503", signed("1600112502", body))).status, 403);
    for (const nonsense of ["", "x", Buffer.alloc(70).toString("base64"), "é"])
      assert.equal((await fromSendgrid(body, "1600112502", encodeURI(nonsense))).status, 403);
  });

  it("[WH3] told twice, late and in any order, it ends the same", async () => {
    const id = await sent();
    const told = ["delivered", "processed", "open", "delivered", "click", "open"];
    for (const event of told) await fromSendgrid(events({ event, timestamp: 1600112492, deliveryId: id }));
    const first = await statusOf(id);
    assert.equal(first.status, "delivered");
    assert.ok(first.opened_at && first.clicked_at);
    await fromSendgrid(events(...told.map((event) => ({ event, timestamp: 1600112999, deliveryId: id }))));
    await fromSendgrid(events({ event: "dropped", timestamp: 1600112999, deliveryId: id }));
    assert.deepEqual(await statusOf(id), first);
    assert.deepEqual(states, ["sent", "delivered"]);
  });

  it("[WH4] what nobody knows is passed over: unknown mails, unknown events, things that are none, ten thousand at once", async () => {
    const id = await sent();
    const odd = [
      {},
      null,
      7,
      "x",
      [],
      { event: "yodel", timestamp: 1 },
      { event: "delivered", timestamp: "x" },
      { event: "constructor", timestamp: 1 },
    ];
    const unknown = { event: "delivered", timestamp: 1600112492, deliveryId: crypto.randomUUID() };
    const known = { event: "delivered", timestamp: 1600112492, deliveryId: id };
    assert.equal((await fromSendgrid(JSON.stringify([...odd, unknown, known]))).status, 200);
    assert.equal((await statusOf(id)).status, "delivered");
    assert.equal((await fromSendgrid("{}")).status, 400);
    assert.equal((await fromSendgrid("[")).status, 400);
    assert.equal(
      (await fromSendgrid(JSON.stringify(Array.from({ length: 10_000 }, () => ({ event: "yodel", timestamp: 1 })))))
        .status,
      200,
    );
    assert.equal((await fromSendgrid("x".repeat(1024 * 1024 + 1))).status, 413);
  });

  it("[WH5] Twilio signs our address as the world knows it; what a request says of its host is not asked", async () => {
    const params = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered" };
    assert.equal((await fromTwilio(params)).status, 200);
    assert.equal(
      (await fromTwilio(params, twilioSigned(`http://127.0.0.1:${world.port}/api/v1/webhooks/twilio`, params))).status,
      403,
    );
    assert.equal(
      (await fromTwilio(params, twilioSigned(TWILIO_URL, params), { "x-forwarded-host": "evil.example" })).status,
      200,
    );
    assert.equal((await fromTwilio(params, twilioSigned(TWILIO_URL, params, "another token"))).status, 403);
    assert.equal(
      (await fromTwilio({ ...params, MessageStatus: "failed" }, twilioSigned(TWILIO_URL, params))).status,
      403,
    );
    assert.equal((await fromTwilio(params, "")).status, 403);
  });

  it("[WH5] a delivered message stays so, whatever comes late", async () => {
    const id = await sent({ channel: "sms", to: "+4930123456", letter: { template: "phone_code", code: "123456" } });
    for (const MessageStatus of ["delivered", "sent", "queued", "delivered", "failed", "undelivered"])
      assert.equal((await fromTwilio({ MessageSid: `SM${id}`, MessageStatus })).status, 200);
    assert.equal((await statusOf(id)).status, "delivered");
  });

  const TEXT: Outgoing = {
    ...{ channel: "sms", to: "+4930123456" },
    letter: { template: "phone_code", code: "123456" },
  };

  it("[WH3] what Twilio reports before we know its id of a message, or never learn it, is found by ours", async () => {
    const id = await asked(TEXT);
    const params = { MessageSid: "SM-not-known-yet", MessageStatus: "delivered" };
    const search = `?delivery=${id}`;
    assert.equal((await fromTwilio(params, twilioSigned(TWILIO_URL, params), {}, search)).status, 403);
    assert.equal((await fromTwilio(params, twilioSigned(TWILIO_URL + search, params))).status, 403);
    assert.equal((await statusOf(id)).status, "queued");
    assert.equal((await fromTwilio(params, twilioSigned(TWILIO_URL + search, params), {}, search)).status, 200);
    assert.equal((await statusOf(id)).status, "delivered");
    await outbox().deliver({ deliveryId: id });
    assert.deepEqual(states, ["delivered"], "and it is not sent again");
  });

  it("[WH4] what stands where our id should is passed over", async () => {
    const id = await sent(TEXT);
    const params = { MessageSid: `SM${id}`, MessageStatus: "delivered" };
    for (const search of ["?delivery=x", "?delivery=", "?", `?delivery=${crypto.randomUUID()}`])
      assert.equal((await fromTwilio(params, twilioSigned(TWILIO_URL + search, params), {}, search)).status, 200);
    assert.equal((await statusOf(id)).status, "delivered");
  });

  it("[WH6] where there is nothing to know them by, nobody is believed", async () => {
    const other = await HttpWorld.open();
    for (const path of ["sendgrid", "twilio"])
      assert.equal(await other.refusal("POST", `/api/v1/webhooks/${path}`, { body: "[]" }), "403 FORBIDDEN");
    assert.equal(await other.refusal("GET", "/api/v1/webhooks/twilio"), "405 METHOD_NOT_ALLOWED");
    await other.close();
  });

  describe("and who wants nothing of us", () => {
    const letterTo = (to: string, template: "invitation" | "reset_password"): Outgoing => ({
      ...{ channel: "email", to },
      letter:
        template === "reset_password"
          ? { template, name: "Ada", link: "https://twinship.test" }
          : {
              ...{ template, inviterName: "Bea", accentColor: "neon-red", code: "ABCDEFGH" },
              ...{ link: "https://twinship.test", expiresAt: "2026-06-15T12:00:00.000Z" },
            },
    });
    const outcome = async (message: Outgoing) => (await statusOf(await sent(message))).status;
    const textTo = (to: string): Outgoing => ({
      channel: "sms",
      to,
      letter: { template: "phone_code", code: "123456" },
    });

    it("[SU1] a mailbox that is gone gets nothing more, however it is spelt; one that was full only this time does", async () => {
      const id = await sent(letterTo("Gone@example.org", "invitation"));
      await fromSendgrid(
        events({
          event: "bounce",
          type: "blocked",
          timestamp: 1,
          deliveryId: await sent(letterTo("full@example.org", "invitation")),
        }),
      );
      await fromSendgrid(events({ event: "bounce", type: "bounce", timestamp: 1, deliveryId: id }));
      assert.equal((await statusOf(id)).status, "bounced");
      assert.equal(await outcome(letterTo("gone@EXAMPLE.org", "reset_password")), "suppressed");
      assert.equal(await outcome(letterTo("full@example.org", "reset_password")), "sent");
    });

    it("[SU1] what SendGrid did not even try, because it was told before, we know from then on", async () => {
      for (const [reason, outcomes] of [
        ["Bounced Address", ["suppressed", "suppressed"]],
        ["Invalid", ["suppressed", "suppressed"]],
        ["Spam Reporting Address", ["suppressed", "sent"]],
        ["Unsubscribed Address", ["suppressed", "sent"]],
        ["Spam Content", ["sent", "sent"]],
        [undefined, ["sent", "sent"]],
      ] as const) {
        const to = `${crypto.randomUUID()}@example.org`;
        const id = await sent(letterTo(to, "invitation"));
        await fromSendgrid(events({ event: "dropped", timestamp: 1, deliveryId: id, reason }));
        assert.equal((await statusOf(id)).status, "failed");
        const after = [await outcome(letterTo(to, "invitation")), await outcome(letterTo(to, "reset_password"))];
        assert.deepEqual(after, outcomes, reason);
      }
    });

    it("[SU1] a number that nobody has gets nothing more; a phone that is switched off does", async () => {
      for (const [ErrorCode, after] of [
        ["30005", "suppressed"],
        ["30006", "suppressed"],
        ["30003", "sent"],
        ["30008", "sent"],
      ] as const) {
        const phone = `+49301${ErrorCode}`;
        const id = await sent(textTo(phone));
        await fromTwilio({ MessageSid: `SM${id}`, MessageStatus: "undelivered", ErrorCode });
        assert.equal((await statusOf(id)).status, "failed");
        assert.equal(await outcome(textTo(phone)), after, ErrorCode);
      }
    });

    it("[SU1] that nobody has a number is not heard twice: it may be somebody's by then", async () => {
      const phone = "+4930777777";
      const gone = { MessageSid: `SM${await sent(textTo(phone))}`, MessageStatus: "undelivered", ErrorCode: "30005" };
      await fromTwilio(gone);
      clock.advance(1000);
      await fromTwilio({ From: phone, Body: "START", MessageSid: "SM-here-i-am" });
      clock.advance(1000);
      await fromTwilio(gone);
      assert.equal(await outcome(textTo(phone)), "sent");
    });

    it("[SU2] who complains or unsubscribes gets what they ask for, and nothing else", async () => {
      for (const event of ["spamreport", "unsubscribe"]) {
        const to = `${event}@example.org`;
        await fromSendgrid(events({ event, timestamp: 1, email: to.toUpperCase() }));
        assert.equal(await outcome(letterTo(to, "invitation")), "suppressed");
        assert.equal(await outcome(letterTo(to, "reset_password")), "sent");
      }
    });

    it("[SU3] STOP stops text messages, START brings them back, and what was said before is not heard after", async () => {
      const phone = "+4930999999";
      await fromTwilio({ From: phone, Body: " stop ", MessageSid: "SM1" });
      assert.equal(await outcome(textTo(phone)), "suppressed");
      clock.advance(1000);
      await fromTwilio({ From: phone, Body: "START", MessageSid: "SM2" });
      assert.equal(await outcome(textTo(phone)), "sent");
      await fromTwilio({ From: phone, Body: "please do not stop", MessageSid: "SM3" });
      assert.equal(await outcome(textTo(phone)), "sent");
      clock.advance(1000);
      await fromTwilio({ From: phone, Body: "ok", OptOutType: "STOP", MessageSid: "SM4" });
      assert.equal(await outcome(textTo(phone)), "suppressed");
    });

    it("[SU3] an old STOP told again does not undo a later START, and one that is said again counts again", async () => {
      const phone = "+4930888888";
      const stop = { From: phone, Body: "STOP", MessageSid: "SM-stop" };
      await fromTwilio(stop);
      clock.advance(1000);
      await fromTwilio({ From: phone, Body: "START", MessageSid: "SM-start" });
      clock.advance(1000);
      await fromTwilio(stop);
      assert.equal(await outcome(textTo(phone)), "sent");
      await fromTwilio({ ...stop, MessageSid: "SM-stop-again" });
      assert.equal(await outcome(textTo(phone)), "suppressed");
    });

    it("[SU3] which words were heard is known for thirty days", async () => {
      const reports = providerReports({ database: opened.database, clock, secrets: hidden, deliveries: outbox() });
      await fromTwilio({ From: "+4930666666", Body: "STOP", MessageSid: "SM-long-ago" });
      const heard = async () => (await opened.pool.query("select from heard_texts where sid = 'SM-long-ago'")).rowCount;
      clock.advance(30 * 86_400_000 - 1000);
      await reports.sweep();
      assert.equal(await heard(), 1);
      clock.advance(2000);
      await reports.sweep();
      assert.equal(await heard(), 0);
    });

    it("[SU4] stays known when the secret is changed, and is lifted under the new one", async () => {
      const phone = "+4930555555";
      await fromTwilio({ From: phone, Body: "STOP", MessageSid: "SM-before" });
      const changed = secrets(["a newer secret, and long enough as well", SECRET], chance);
      const keys = addressKeysOf(changed, "sms", phone);
      const silent = () => opened.database.read((em) => isSuppressed(em, textTo(phone), keys));
      assert.equal(await silent(), true);
      const reports = providerReports({ database: opened.database, clock, secrets: changed, deliveries: outbox() });
      clock.advance(1000);
      await reports.text({ From: phone, Body: "START", MessageSid: "SM-after" });
      assert.equal(await silent(), false);
      clock.advance(1000);
      await reports.text({ From: phone, Body: "STOP", MessageSid: "SM-after-all" });
      assert.equal(await silent(), true);
    });

    it("[SU4] is known by a mark of the address, which does not tell it", async () => {
      const { rows } = await opened.pool.query("select * from suppressions");
      assert.ok(rows.length >= 4);
      assert.doesNotMatch(JSON.stringify(rows), /example|4930\d{5}/);
    });
  });
});
