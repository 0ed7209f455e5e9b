import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { Caller } from "../../domain/ports.ts";
import { revenuecatHook } from "../../server/adapters/store/revenuecat-signature.ts";
import { HttpWorld } from "../support/http.ts";
import { PremiumWorld } from "../support/premium-world.ts";

const AUTH = "Bearer a-long-random-value";
const SECRET = "whsec_for_these_tests";

describe("subscriptions over HTTP", function () {
  this.timeout(60_000);
  let world: PremiumWorld;
  let http: HttpWorld;
  let signed: HttpWorld;
  let ada: Caller;
  const now = () => Date.UTC(2026, 5, 15, 12);

  before(async () => {
    world = await PremiumWorld.open();
    ada = await world.person("<b>Ada</b>");
    const { subscriptions, storePage } = world.selling({ isTestStoreOpen: true });
    const others = { sendgrid: undefined, twilio: undefined };
    const open = (secrets: Parameters<typeof revenuecatHook>[0]) =>
      HttpWorld.open({
        ...{ subscriptions, storePage, authenticate: async () => ada },
        signatures: { ...others, revenuecat: revenuecatHook(secrets, now) },
      });
    http = await open({ auth: AUTH, secret: undefined });
    signed = await open({ auth: "a-long-random-value", secret: SECRET });
  });
  after(async () => {
    await http.close();
    await signed.close();
    await world.close();
  });

  const HOOK = "/api/v1/webhooks/revenuecat";
  const told = (type = "INITIAL_PURCHASE", fields = {}) => JSON.stringify(world.event(ada.userId, type, fields));
  const tell = (body: string, authorization: string | undefined, at = http, headers = {}) =>
    at.refusal("POST", HOOK, {
      body,
      headers: { ...(authorization === undefined ? {} : { authorization }), ...headers },
    });
  const isActive = async () =>
    (await http.call("GET", "/api/v1/subscriptions", { as: "ada" })).body.subscription.isActive;
  const signatureOf = (body: string, seconds = now() / 1000, secret = SECRET) =>
    `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;

  it("[RV9] only whoever sends the value RevenueCat was told is believed; of the others nothing is read at all", async () => {
    for (const wrong of [undefined, "", "Bearer", "Bearer a-long-random-valu", `${AUTH}x`, AUTH.toLowerCase(), "é"])
      assert.equal(await tell(told(), wrong && encodeURI(wrong)), "403 FORBIDDEN", String(wrong));
    assert.equal(await tell("no json at all", "Bearer wrong"), "403 FORBIDDEN");
    assert.equal((await world.sql("select 1 from subscription_events")).length, 0);
    assert.equal(await tell("no json at all", AUTH), "400 MALFORMED_JSON");
    assert.equal(await tell("{}", AUTH), "400 VALIDATION_ERROR");
    assert.equal(await tell("x".repeat(1024 * 1024 + 1), AUTH), "413 PAYLOAD_TOO_LARGE");
    assert.equal((await http.call("GET", HOOK)).headers.get("allow"), "POST, OPTIONS");
  });

  it("[RV9] nobody is believed where there is neither value nor secret", async () => {
    const bare = await HttpWorld.open();
    assert.equal(await tell(told(), AUTH, bare), "403 FORBIDDEN");
    await bare.close();
  });

  it("[RV10] where there is a secret, time and bytes are signed, and not long ago; also while the secret is changed", async () => {
    const body = told("SOMETHING", { note: "caf\\u00e9" });
    const send = (signature: string | undefined, authorization = AUTH) =>
      tell(body, authorization, signed, signature === undefined ? {} : { "x-revenuecat-webhook-signature": signature });
    const right = signatureOf(body);
    for (const wrong of [
      undefined,
      "",
      "t=1,v1=",
      right.replace("t=", "t=1"),
      signatureOf(`${body} `),
      signatureOf(body, now() / 1000, "other"),
      signatureOf(body, now() / 1000 - 301),
      signatureOf(body, now() / 1000 + 301),
      `v1=${right.split("v1=")[1]}`,
    ])
      assert.equal(await send(wrong), "403 FORBIDDEN", String(wrong));
    assert.equal(await send(right, "Bearer wrong"), "403 FORBIDDEN");
    const [time, mine] = right.split(",");
    for (const good of [right, `${time},v1=${"0".repeat(64)},${mine}`, signatureOf(body, now() / 1000 - 299)])
      assert.equal(await send(good), "200 undefined", good);
  });

  it("[RV1] an event told ten times at once is one, and all ten are answered", async () => {
    const body = told();
    const answers = await Promise.all(Array.from({ length: 10 }, () => tell(body, AUTH)));
    assert.deepEqual(new Set(answers), new Set(["200 undefined"]));
    assert.equal(await isActive(), true);
    const id = JSON.parse(body).event.id;
    assert.equal((await world.sql("select 1 from subscription_events where id = $1", [id])).length, 1);
  });

  it("[SB18] the answer says what one has, what it opens, and the plans there are", async () => {
    const { status, body } = await http.call("GET", "/api/v1/subscriptions", { as: "ada" });
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body).toSorted(), ["availablePlans", "subscription", "success"]);
    assert.equal(body.subscription.productId, "twinship_monthly");
    assert.deepEqual(
      body.availablePlans.map(({ productId }: { productId: string }) => productId),
      ["twinship_monthly", "twinship_yearly"],
    );
    const form = { productId: "twinship_yearly", purchaseToken: "t1", platform: "android" };
    const bought = await http.call("POST", "/api/v1/subscriptions/purchase", { as: "ada", body: form });
    assert.deepEqual([bought.status, bought.body.subscription.productId], [200, "twinship_yearly"]);
    const restored = await http.call("POST", "/api/v1/subscriptions/restore", { as: "ada" });
    assert.deepEqual(restored.body.subscription, bought.body.subscription);
  });

  it("[SB18] a purchase that names what it must not is refused by its fields", async () => {
    const { status, body } = await http.call("POST", "/api/v1/subscriptions/purchase", { as: "ada", body: {} });
    assert.equal(status, 400);
    assert.deepEqual(
      body.error.details.map(({ path }: { path: string }) => path),
      ["productId", "purchaseToken", "platform"],
    );
  });

  it("[TS6] the counter shows people as text, serves whoever is chosen, and only for its own page", async () => {
    const page = await http.call("GET", `/dev/store?user=${ada.userId}&email=`);
    assert.equal(page.status, 200);
    assert.match(page.text, /&#60;b&#62;Ada&#60;\/b&#62;/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'.*form-action 'self'/);
    const order = (fields: object, headers = {}) => {
      const form = { userId: ada.userId, email: "", productId: "twinship_monthly", deed: "expire", ...fields };
      return fetch(`http://127.0.0.1:${http.port}/dev/store`, {
        ...{ method: "POST", redirect: "manual", headers },
        body: new URLSearchParams(form),
      });
    };
    assert.equal((await order({}, { "sec-fetch-site": "cross-site" })).status, 403);
    assert.equal((await order({ deed: "steal" })).status, 400);
    assert.equal((await order({ userId: "x" })).status, 400);
    const { status, headers } = await order({}, { "sec-fetch-site": "same-origin" });
    assert.deepEqual([status, headers.get("location")], [303, `/dev/store?user=${ada.userId}`]);
    assert.equal((await http.call("GET", "/dev/store?user=x")).status, 400);
    assert.equal((await http.call("GET", "/dev/store?email=a&email=b")).status, 400);
    assert.equal((await http.call("GET", "/dev/store?email=%3Cscript%3E")).status, 200);
    assert.equal(await http.refusal("DELETE", "/dev/store"), "405 METHOD_NOT_ALLOWED");
  });

  it("[TS5] is not there where people pay", async () => {
    const paying = await HttpWorld.open();
    for (const method of ["GET", "POST"]) assert.equal(await paying.refusal(method, "/dev/store"), "404 NOT_FOUND");
    await paying.close();
  });
});
