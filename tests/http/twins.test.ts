import assert from "node:assert/strict";
import { type SignedUp, TestServer } from "../support/server.ts";

describe("pairing over HTTP", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  after(() => server.remove());

  const newCode = async (who: SignedUp): Promise<string> =>
    (await server.call("POST", "/api/v1/twins/code", who.accessToken)).body.code;
  const redeem = (who: SignedUp, code: unknown, headers = {}) =>
    server.call("POST", "/api/v1/twins/pair", who.accessToken, { code }, headers);
  const two = () => Promise.all([server.signUp("Ada"), server.signUp("Bea")]);

  it("[PA1] a code has eight signs that look like no other, and is good for a day", async () => {
    const [ada] = await two();
    const { status, body } = await server.call("POST", "/api/v1/twins/code", ada.accessToken);
    assert.equal(status, 201);
    assert.match(body.code, /^[ABCDEFGHJKMNPQRSTUVWXYZ23456789]{8}$/);
    assert.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 86_400_000) < 10_000);
  });

  it("[PA2] it is typed as people type: small, in groups, with dashes of any kind", async () => {
    const [ada, bea] = await two();
    const code = await newCode(ada);
    const typed = ` ${code.slice(0, 4).toLowerCase()}\u2013${code.slice(4)}\u00a0`;
    const { status, body } = await redeem(bea, typed);
    assert.deepEqual([status, body.twinProfile.name], [200, "Ada"]);
  });

  it("[PA3] redeemed again by the same two it is the same pair; by anybody else it is used", async () => {
    const [ada, bea] = await two();
    const cara = await server.signUp("Cara");
    const code = await newCode(ada);
    const { pairId } = (await redeem(bea, code)).body;
    const again = await redeem(bea, code);
    assert.deepEqual([again.status, again.body.pairId], [200, pairId]);
    const late = await redeem(cara, code);
    assert.deepEqual([late.status, late.body.error.code], [409, "CONFLICT"]);
  });

  it("[PA4] one's own code is 400, an unknown one 404, one that a newer one replaced 410", async () => {
    const [ada, bea] = await two();
    const old = await newCode(ada);
    const code = await newCode(ada);
    const answers = [await redeem(ada, code), await redeem(bea, "ZZZZZZZZ"), await redeem(bea, old)];
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.error.code]),
      [
        [400, "VALIDATION_ERROR"],
        [404, "NOT_FOUND"],
        [410, "GONE"],
      ],
    );
  });

  it("[PA5] of two people racing for one code, one wins", async () => {
    const [ada, bea, cara] = [...(await two()), await server.signUp("Cara")];
    const code = await newCode(ada);
    const answers = await Promise.all([redeem(bea, code), redeem(cara, code)]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  });

  it("[PA6] two codes that cross make one pair", async () => {
    const [ada, bea] = await two();
    const [adas, beas] = await Promise.all([newCode(ada), newCode(bea)]);
    const answers = await Promise.all([redeem(bea, adas), redeem(ada, beas)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.equal(answers[0]?.body.pairId, answers[1]?.body.pairId);
  });

  it("[PA7] who has a twin finds no other until they part", async () => {
    const { ada, pairId } = await server.pairUp();
    const cara = await server.signUp("Cara");
    const taken = await redeem(ada, await newCode(cara));
    assert.deepEqual([taken.status, taken.body.error.code], [409, "CONFLICT"]);
    assert.equal((await server.call("DELETE", "/api/v1/twins", ada.accessToken)).status, 200);
    const again = await server.call("DELETE", "/api/v1/twins", ada.accessToken);
    assert.deepEqual([again.status, again.body.error.code], [409, "NOT_PAIRED"]);
    assert.equal((await redeem(ada, await newCode(cara))).status, 200);
    const { pairs } = (await server.call("GET", "/api/v1/twins/former", ada.accessToken)).body;
    assert.deepEqual(
      pairs.map(({ id, status }: { id: string; status: string }) => [id, status]),
      [[pairId, "closed"]],
    );
  });

  it("[PA8] shows the pair, and nothing of the twin that they hide", async () => {
    const { ada, bea, pairId } = await server.pairUp();
    const privacy = { showLastSeen: false };
    await server.call("PUT", "/api/v1/users/settings", bea.accessToken, { privacy });
    const room = await server.join(bea);
    await room.request("chat.send", { key: "k", text: "hello" });
    await room.leave();
    const { pair } = (await server.call("GET", "/api/v1/twins", ada.accessToken)).body;
    assert.deepEqual([pair.id, pair.status, pair.totalMessages, pair.twin.name], [pairId, "open", 1, "Bea"]);
    assert.equal(pair.twin.lastSeen, null);
    assert.deepEqual(["email" in pair.twin, JSON.stringify(pair).includes(bea.email)], [false, false]);
    const { messages } = (await server.call("GET", "/api/v1/messages", ada.accessToken)).body;
    assert.equal(pair.lastInteraction, messages[0].sentAt);
    const alone = await server.signUp("Solo");
    assert.equal((await server.call("GET", "/api/v1/twins", alone.accessToken)).body.pair, null);
  });

  it("[PA11] guesses at codes run out", async () => {
    const [ada] = await two();
    const answers = [];
    for (let n = 0; n < 11; n++) answers.push((await redeem(ada, `WRNG${2000 + n}`)).status);
    assert.deepEqual([answers.slice(0, 10).every((status) => status === 404), answers[10]], [true, 429]);
  });

  it("[ID1] the same call under the same key has one effect and one answer, also at the same time", async () => {
    const [ada] = await two();
    const call = () =>
      server.call("POST", "/api/v1/twins/code", ada.accessToken, undefined, { "idempotency-key": "one" });
    const answers = await Promise.all([call(), call(), call()]);
    answers.push(await call());
    assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${body.code}`)).size, 1);
  });

  it("[ID2] another body or route under the same key is ID_REUSED, and another person's key is their own", async () => {
    const [ada, bea] = await two();
    const key = { "idempotency-key": "same" };
    const { code } = (await server.call("POST", "/api/v1/twins/code", ada.accessToken, undefined, key)).body;
    const route = await redeem(ada, "ZZZZZZZZ", key);
    assert.deepEqual([route.status, route.body.error.code], [409, "ID_REUSED"]);
    const mine = await redeem(bea, code, key);
    assert.equal(mine.status, 200);
    const body = await redeem(bea, "ZZZZZZZZ", key);
    assert.deepEqual([body.status, body.body.error.code], [409, "ID_REUSED"]);
    const again = await redeem(bea, code, key);
    assert.deepEqual([again.status, again.body], [200, mine.body]);
  });

  it("[ID3] a refusal is not kept: the honest retry under its key gets through", async () => {
    const [ada, bea] = await two();
    const code = await newCode(ada);
    const cara = await server.signUp("Cara");
    await redeem(cara, code);
    const key = { "idempotency-key": "retry" };
    assert.equal((await redeem(bea, code, key)).status, 409);
    await server.call("DELETE", "/api/v1/twins", cara.accessToken);
    const fresh = await newCode(ada);
    assert.equal((await redeem(bea, fresh, key)).status, 200);
  });
});
