import assert from "node:assert/strict";
import { Away } from "../../domain/deliveries.ts";
import { Undeliverable } from "../../domain/undeliverable.ts";
import { Channel, type Outgoing } from "../../schema/wire/letters.ts";
import { Circuit } from "../../server/adapters/circuit.ts";
import { sendgrid } from "../../server/adapters/mail/sendgrid.ts";
import { expo } from "../../server/adapters/push/expo.ts";
import { twilio } from "../../server/adapters/sms/twilio.ts";
import { openPost } from "../../server/post.ts";
import { type Double, expoDouble, type Said, sendgridDouble, type Trouble, twilioDouble } from "../support/doubles.ts";

const KEY = "SG.for-these-tests-only";
const SID = `AC${"a".repeat(32)}`;
const TIMEOUT_MS = 300;

const mail = {
  ...{ to: "ada@example.org", subject: "Hello", text: "Hello", html: "<p>Hello</p>", deliveryId: "d1" },
  unsubscribeLink: null,
};
const push = {
  to: "ExponentPushToken[ada]",
  text: {
    template: "message",
    title: "Bea",
    body: "sent you a message",
    data: { kind: "message" },
    collapse: "pair-1",
  },
  deliveryId: "d1",
} as const;

/** What a provider may do instead of taking a message, and what becomes of the message then. */
type Cases = readonly (readonly [what: string, said: Said | Trouble, outcome: "final" | "away" | "again"])[];

const BECOMES = { final: "has failed", away: "waits, and that was no attempt", again: "is tried again" } as const;

function outcomeOf(error: unknown): "final" | "away" | "again" {
  if (error instanceof Undeliverable) return "final";
  return error instanceof Away ? "away" : "again";
}

async function holds(
  double: Double,
  said: Said | Trouble,
  times: number,
  send: () => Promise<unknown>,
  outcome: string,
) {
  double.script.push(...Array.from({ length: times }, () => said));
  await assert.rejects(send(), (error: unknown) => {
    assert.equal(outcomeOf(error), outcome, String(error));
    assert.doesNotMatch(`${error} ${JSON.stringify(error)}`, /ada@example|4930123456|for-these-tests/);
    return true;
  });
  double.script.length = 0;
}

const TROUBLES: Cases = [
  ["says nothing", "silence", "again"],
  ["breaks the connection", "cut", "again"],
  ["breaks off in its answer", "half", "again"],
  ["is down", { status: 503 }, "again"],
  ["has a fault of its own", { status: 500, body: { message: "ada@example.org +4930123456" } }, "again"],
  ["does not believe our key", { status: 401, body: {} }, "again"],
];

describe("mail by SendGrid's own client", () => {
  let double: Double;
  before(async () => {
    double = await sendgridDouble(KEY);
  });
  after(() => double.close());
  const mailer = (from = "Twinship <hello@example.org>") =>
    sendgrid({ apiKey: KEY, from, apiUrl: double.url, timeoutMs: TIMEOUT_MS });

  it("[PV1] is taken as it is meant, with our own id to come back with every report", async () => {
    const { providerId } = await mailer().send({ ...mail, unsubscribeLink: "https://twinship.test/u/1" });
    assert.equal(providerId, "md1");
    const sent = JSON.parse(double.got.at(-1)?.body ?? "{}");
    assert.deepEqual(sent.from, { email: "hello@example.org", name: "Twinship" });
    assert.deepEqual(
      sent.content.map(({ type }: { type: string }) => type),
      ["text/plain", "text/html"],
    );
    assert.equal((sent.headers ?? sent.personalizations[0].headers)["List-Unsubscribe"], "<https://twinship.test/u/1>");
    assert.equal(sent.tracking_settings.click_tracking.enable, false);
  });

  for (const [what, said, outcome] of [
    ...TROUBLES,
    ["refuses the message", { status: 400, body: { errors: [{ message: "ada@example.org" }] } }, "final"],
    ["finds it too large", { status: 413 }, "final"],
    ["has too much to do", { status: 429, headers: { "retry-after": "7" } }, "away"],
    ["has too much to do and does not say how long", { status: 429 }, "again"],
  ] satisfies Cases)
    it(`[PV2] when it ${what}, the message ${BECOMES[outcome]}`, async () => {
      await holds(double, said, 1, () => mailer().send(mail), outcome);
    });

  it("[PV2] when it has too much to do, we wait as long as it says", async () => {
    double.script.push({ status: 429, headers: { "retry-after": "7" } });
    await assert.rejects(mailer().send(mail), (error: unknown) => error instanceof Away && error.retryAfterMs === 7000);
  });
});

describe("text messages by Twilio's own client", () => {
  let double: Double;
  before(async () => {
    double = await twilioDouble(SID, "a token of theirs");
  });
  after(() => double.close());
  const texter = (reportsTo?: string) =>
    twilio({
      ...{ accountSid: SID, authToken: "a token of theirs", from: "+15005550006", apiUrl: double.url },
      ...{ reportsTo, timeoutMs: TIMEOUT_MS },
    });
  const message = { to: "+4930123456", text: "123456 is your Twinship code", deliveryId: "d1" };

  it("[PV1] is taken as it is meant, and told where to report to", async () => {
    const { providerId } = await texter("https://twinship.test/api/v1/webhooks/twilio").send(message);
    assert.match(providerId, /^SM/);
    const form = new URLSearchParams(double.got.at(-1)?.body);
    assert.deepEqual(
      [form.get("To"), form.get("From"), form.get("Body"), form.get("StatusCallback")],
      [
        "+4930123456",
        "+15005550006",
        "123456 is your Twinship code",
        "https://twinship.test/api/v1/webhooks/twilio?delivery=d1",
      ],
    );
  });

  for (const [what, said, outcome] of [
    ...TROUBLES,
    ["knows no such number", { status: 400, body: { code: 21211, status: 400, message: "+4930123456" } }, "final"],
    [
      "knows that they want nothing of us",
      { status: 400, body: { code: 21610, status: 400, message: "STOP" } },
      "final",
    ],
    ["has too much to do", { status: 429, body: { code: 20429, status: 429, message: "slow" } }, "away"],
  ] satisfies Cases)
    it(`[PV2] when it ${what}, the message ${BECOMES[outcome]}`, async () => {
      await holds(double, said, 1, () => texter().send(message), outcome);
    });
});

describe("pushes by Expo's own client", () => {
  let double: Double;
  const [one, two, three] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  before(async () => {
    double = await expoDouble("an access token", {
      [one]: { status: "ok" },
      [two]: { status: "error", message: "gone", details: { error: "DeviceNotRegistered" } },
    });
  });
  after(() => double.close());
  const pusher = () => expo({ accessToken: "an access token", apiUrl: double.url, timeoutMs: TIMEOUT_MS, retryMs: 1 });

  it("[PV1] is taken as it is meant, and one takes the place of the one before", async () => {
    assert.match((await pusher().send(push)).providerId, /^[0-9a-f-]{36}$/);
    const [sent] = [JSON.parse(double.got.at(-1)?.body ?? "[]")].flat();
    assert.deepEqual([sent.title, sent.body, sent.collapseId], ["Bea", "sent you a message", "pair-1"]);
  });

  it("[PV3] a phone that is not registered any more is named so, at once or by its receipt", async () => {
    await assert.rejects(pusher().send({ ...push, to: "ExponentPushToken[gone]" }), (error: unknown) => {
      assert.ok(error instanceof Undeliverable);
      assert.equal(error.reason, "DeviceNotRegistered");
      return true;
    });
    const fates = await pusher().receipts([one, two, three]);
    assert.deepEqual(
      [...fates],
      [
        [one, { isDelivered: true }],
        [two, { isDelivered: false, reason: "DeviceNotRegistered" }],
      ],
    );
  });

  it("[PV3] is not asked about what never went there, and about a thousand in parts", async () => {
    const asked = double.got.length;
    assert.equal((await pusher().receipts(["home-1"])).size, 0);
    assert.equal(double.got.length, asked);
    const ids = [one, "home-1", ...Array.from({ length: 1000 }, () => crypto.randomUUID())];
    assert.deepEqual([...(await pusher().receipts(ids)).keys()], [one]);
    assert.ok(double.got.length > asked + 1);
  });

  for (const [what, to, body, outcome] of [
    ["is too big", "ExponentPushToken[ada]", "x".repeat(5000), "final"],
    ["comes too often for its phone", "ExponentPushToken[busy]", "hello", "again"],
  ] as const)
    it(`[PV2] one that ${what} ${BECOMES[outcome]}`, async () => {
      await assert.rejects(pusher().send({ ...push, to, text: { ...push.text, body } }), (error: unknown) => {
        assert.equal(outcomeOf(error), outcome, String(error));
        return true;
      });
    });

  for (const [what, said, outcome] of [
    ...TROUBLES,
    ["refuses the message", { status: 400, body: { errors: [{ code: "VALIDATION_ERROR", message: "no" }] } }, "final"],
    [
      "has too much to do, however often",
      { status: 429, body: { errors: [{ code: "TOO_MANY_REQUESTS", message: "slow" }] } },
      "away",
    ],
  ] satisfies Cases)
    it(`[PV2] when it ${what}, the message ${BECOMES[outcome]}`, async () => {
      await holds(double, said, 3, () => pusher().send(push), outcome);
    });
});

describe("a provider that is down", () => {
  let now = 0;
  const changes: string[] = [];
  const circuit = () => new Circuit({ monotonic: () => now, changed: (state) => void changes.push(state) });
  const down = () => Promise.reject(new Error("down"));
  const fails = (one: Circuit, work = down) => assert.rejects(one.run(work));
  beforeEach(() => {
    now = 0;
    changes.length = 0;
  });

  it("[CI1] is asked no more after five failures in a row, and once after half a minute", async () => {
    const one = circuit();
    for (let n = 0; n < 5; n++) await fails(one);
    let asked = 0;
    const ask = async () => void asked++;
    await assert.rejects(one.run(ask), (error: unknown) => error instanceof Away && error.retryAfterMs === 30_000);
    now = 29_999;
    await assert.rejects(one.run(ask), Away);
    assert.equal(asked, 0);
    now = 30_000;
    assert.equal(one.state, "half-open");
    const under = Promise.withResolvers<void>();
    const first = one.run(() => under.promise);
    await assert.rejects(one.run(ask), Away);
    under.resolve();
    await first;
    await one.run(ask);
    assert.deepEqual([asked, one.state, changes], [1, "closed", ["open", "closed"]]);
  });

  it("[CI1] is asked by one at a time, also when somebody who began before it opened ends in between", async () => {
    const one = circuit();
    const [early, trial] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = one.run(() => early.promise);
    for (let n = 0; n < 5; n++) await fails(one);
    now = 30_000;
    const first = one.run(() => trial.promise);
    early.reject(new Away(1));
    await assert.rejects(late, Away);
    await assert.rejects(
      one.run(async () => undefined),
      Away,
    );
    trial.resolve();
    await first;
    assert.equal(one.state, "closed");
  });

  it("[CI1] that is still down stays so, and is said once", async () => {
    const one = circuit();
    for (let n = 0; n < 5; n++) await fails(one);
    for (let n = 1; n < 4; n++) {
      now = n * 30_000;
      await fails(one);
      assert.equal(one.state, "open");
    }
    assert.deepEqual(changes, ["open"]);
  });

  it("[CI2] a message that is refused says nothing of the provider, nor does one who asks for patience", async () => {
    const one = circuit();
    for (let n = 0; n < 9; n++) await fails(one, () => Promise.reject(new Undeliverable("no such mailbox")));
    for (let n = 0; n < 9; n++) await fails(one, () => Promise.reject(new Away(1)));
    for (let n = 0; n < 4; n++) await fails(one);
    await one.run(async () => undefined);
    for (let n = 0; n < 4; n++) await fails(one);
    assert.equal(one.state, "closed");
  });

  it("[CI3] keeps nobody waiting who goes by another", async () => {
    const log = { warn: () => undefined, info: () => undefined };
    const mailer = { send: down };
    const texter = { send: async () => ({ providerId: "sms" }) };
    const post = openPost({ mailer, texter, pusher: undefined }, log);
    const letter = { template: "phone_code", code: "123456" } as const;
    const byMail: Outgoing = { channel: "email", to: "ada@example.org", letter };
    for (let n = 0; n < 5; n++) await assert.rejects(post.send(byMail, "d"));
    await assert.rejects(post.send(byMail, "d"), Away);
    assert.deepEqual(await post.send({ channel: "sms", to: "+4930123456", letter }, "d"), { providerId: "sms" });
    assert.deepEqual(post.circuits(), [
      { channel: "email", state: "open" },
      { channel: "sms", state: "closed" },
    ]);
    assert.deepEqual(Channel.options.filter(post.isAtHome), ["push"]);
  });

  it("[CI4] a letter that is no text message never becomes one", async () => {
    const post = openPost(
      { mailer: undefined, texter: { send: down }, pusher: undefined },
      { warn: () => undefined, info: () => undefined },
    );
    const letter = { template: "verify_address", name: "Ada", link: "https://twinship.test" } as const;
    await assert.rejects(post.send({ channel: "sms", to: "+4930123456", letter }, "d"), Undeliverable);
  });
});
