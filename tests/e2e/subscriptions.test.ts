import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { allOf } from "../support/assessment-answers.ts";
import { Phone } from "../support/phone.ts";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";
import { stopwatch } from "../support/stopwatch.ts";

const AUTH = "a-value-for-these-tests";
const LOOK_AGAIN_MS = 20;

describe("premium, on a real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async () => {
    server = await TestServer.create({ REVENUECAT_WEBHOOK_AUTH: AUTH });
    await server.start();
    twins = await server.pairUp();
  });
  after(async () => {
    for (const phone of phones) await phone.room.leave();
    await server.end("SIGKILL");
    await server.remove();
  });

  const joined = async (who: SignedUp): Promise<Phone> => {
    const phone = await Phone.join(server, who, { deviceId: `phone of ${who.userId}` });
    phones.push(phone);
    return phone;
  };
  const subscriptionOf = async ({ accessToken }: SignedUp) =>
    (await server.call("GET", "/api/v1/subscriptions", accessToken)).body.subscription;
  /** What somebody sees of their twin, but for when they were there, which goes on by itself. */
  const twinOf = async ({ accessToken }: SignedUp) => {
    const { body } = await server.call("GET", "/api/v1/twins", accessToken);
    const { lastSeen: _seen, isConnected: _connected, updatedAt: _updated, ...twin } = body.pair.twin;
    return twin;
  };
  const order = ({ userId }: SignedUp, deed: string) =>
    fetch(`${server.url}/dev/store`, {
      ...{ method: "POST", redirect: "manual" },
      body: new URLSearchParams({ userId, deed, productId: "twinship_monthly" }),
    });
  const tell = (event: object, authorization = AUTH) =>
    server.call("POST", "/api/v1/webhooks/revenuecat", undefined, { event }, { authorization });

  it("[TS1] [SB13] switches on within a second of buying at /dev/store, on one's own phone; the twin learns nothing", async () => {
    const { ada, bea } = twins;
    const [own, hers] = [await joined(ada), await joined(bea)];
    const before = await twinOf(bea);
    const took = stopwatch(server.pid);
    assert.equal((await order(ada, "buy")).status, 303);
    while (!own.heard.some(({ event }) => event === "subscription.changed")) await wait(LOOK_AGAIN_MS);
    const tookMs = took();
    assert.ok(tookMs < 1000, `${Math.round(tookMs)} ms`);
    assert.equal((await subscriptionOf(ada)).isActive, true);
    await order(ada, "refund");
    while (own.heard.filter(({ event }) => event === "subscription.changed").length < 2) await wait(LOOK_AGAIN_MS);
    assert.deepEqual(
      own.heard.flatMap(({ event, payload }) => (event === "subscription.changed" ? [payload.isActive] : [])),
      [true, false],
    );
    assert.deepEqual(
      hers.heard.filter(({ event }) => event === "subscription.changed"),
      [],
    );
    assert.equal((await subscriptionOf(bea)).isActive, false);
    assert.deepEqual(await twinOf(bea), before);
    assert.doesNotMatch(JSON.stringify(hers.room.state), /premium|subscri|entitle/i);
  });

  it("[SB11] [RV1] a period of three seconds is premium for three seconds, whatever is told twice", async () => {
    const { bea } = twins;
    const end = Date.now() + 3000;
    const event = {
      ...{ id: "e2e-1", type: "INITIAL_PURCHASE", app_user_id: bea.userId, product_id: "twinship_yearly" },
      ...{ event_timestamp_ms: Date.now(), purchased_at_ms: Date.now(), expiration_at_ms: end, store: "PLAY_STORE" },
      ...{
        environment: "PRODUCTION",
        original_transaction_id: "GPA.1",
        transaction_id: "GPA.1",
        period_type: "NORMAL",
      },
    };
    assert.equal((await tell(event, "wrong")).status, 403);
    assert.equal((await subscriptionOf(bea)).isActive, false);
    for (const _again of [1, 2]) assert.equal((await tell(event)).status, 200);
    assert.equal((await subscriptionOf(bea)).isActive, true);
    while (Date.now() < end) await wait(LOOK_AGAIN_MS);
    await wait(LOOK_AGAIN_MS);
    const { isActive, status } = await subscriptionOf(bea);
    assert.deepEqual([isActive, status], [false, "expired"]);
  });

  it("[EN3] opens results in full and the report at once, for oneself alone, and closes them again", async () => {
    const { ada, bea } = await server.pairUp();
    const call = (who: SignedUp, method: string, path: string, body?: object) =>
      server.call(method, `/api/v1${path}`, who.accessToken, body);
    const completed = async (who: SignedUp): Promise<string> => {
      const { id } = (await call(who, "POST", "/assessments")).body.session;
      const form = { responses: allOf(5), isComplete: true };
      assert.equal((await call(who, "POST", `/assessments/${id}/responses`, form)).status, 200);
      return id;
    };
    const [own, hers] = [await completed(ada), await completed(bea)];
    const seen = async (who: SignedUp, id: string) => {
      const headers = { authorization: `Bearer ${who.accessToken}` };
      const report = await fetch(`${server.url}/api/v1/assessments/${id}/report.pdf`, { headers });
      await report.arrayBuffer();
      const { body } = await call(who, "GET", `/assessments/${id}/results`);
      return [report.status, body.results.access, (await call(who, "POST", "/assessments")).status];
    };
    assert.deepEqual(await seen(ada, own), [402, "free", 402]);
    await order(ada, "buy");
    assert.deepEqual(await seen(ada, own), [200, "premium", 201]);
    assert.deepEqual(await seen(bea, hers), [402, "free", 402]);
    await order(ada, "expire");
    assert.deepEqual(await seen(ada, own), [402, "free", 200], "what is open can be gone on with");
  });

  it("[SB17] /metrics tells how many there are, and how many came and went", async () => {
    const figures = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(figures, /twinship_subscriptions\{status="refunded"\} 1/);
    assert.match(figures, /twinship_subscription_changes\{change="started"\} [123]/);
  });

  it("[TS5] in production there is no such store, and what was bought in a sandbox gives nothing", async () => {
    const production = await TestServer.create({
      ...{ NODE_ENV: "production", ALLOW_EMBEDDED: "1", REVENUECAT_WEBHOOK_AUTH: AUTH },
    });
    try {
      await production.start();
      const ada = await production.signUp("Ada");
      assert.equal((await production.call("GET", "/dev/store")).status, 404);
      const form = { productId: "twinship_monthly", purchaseToken: "t", platform: "ios" };
      const bought = await production.call("POST", "/api/v1/subscriptions/purchase", ada.accessToken, form);
      assert.deepEqual([bought.status, bought.body.subscription.isActive], [202, false]);
      const event = {
        ...{ type: "INITIAL_PURCHASE", app_user_id: ada.userId, product_id: "twinship_monthly" },
        ...{ expiration_at_ms: Date.now() + 60_000, event_timestamp_ms: Date.now(), original_transaction_id: "1" },
      };
      for (const environment of ["SANDBOX", "PRODUCTION"]) {
        const hook = { event: { ...event, id: environment, environment } };
        const path = "/api/v1/webhooks/revenuecat";
        const { status } = await production.call("POST", path, undefined, hook, { authorization: `Bearer ${AUTH}` });
        const { body } = await production.call("GET", "/api/v1/subscriptions", ada.accessToken);
        assert.deepEqual([status, body.subscription.isActive], [200, environment === "PRODUCTION"]);
      }
    } finally {
      await production.remove();
    }
  });
});
