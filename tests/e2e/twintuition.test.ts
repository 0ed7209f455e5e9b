import assert from "node:assert/strict";
import { Phone } from "../support/phone.ts";
import { type PairedUp, TestServer } from "../support/server.ts";
import { stopwatch } from "../support/stopwatch.ts";

describe("twintuition, in the room and over HTTP", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async () => {
    server = await TestServer.create();
    await server.start();
  });
  beforeEach(async () => {
    twins = await server.pairUp();
  });
  afterEach(() => Promise.all(phones.splice(0).map((phone) => phone.leave())));
  after(() => server.remove());

  async function join(who: "ada" | "bea", options: object = {}): Promise<Phone> {
    const phone = await Phone.join(server, twins[who], options);
    phones.push(phone);
    await phone.hears("chat.window");
    return phone;
  }
  const both = () => Promise.all([join("ada", { deviceId: "a" }), join("bea", { deviceId: "b" })]);
  const call = (who: "ada" | "bea", method: string, path: string, body?: unknown, headers = {}) =>
    server.call(method, `/api/v1/twintuition${path}`, twins[who].accessToken, body, headers);
  const versionOf = (phone: Phone) => phone.sees((state) => ({ version: state.version }));

  it("[TW1] a press changes nothing that the twin could see or count", async () => {
    const [ada, bea] = await both();
    await ada.say("before");
    await bea.sees((state) => state.version === 1);
    const before = { heard: bea.heard.length, state: JSON.stringify(bea.room.state) };
    const press = await ada.ask("twintuition.press", { key: "p", feeling: "joy" });
    assert.deepEqual(Object.keys(press).sort(), ["at", "id", "uncertaintyMs"]);
    assert.equal((await ada.say("after")).version, 2);
    const { message } = await bea.hears("chat.message", ({ version }) => version === 2);
    assert.equal(message.text, "after");
    assert.equal(bea.heard.length, before.heard + 1);
    const { twintuition } = Object(bea.room.state);
    assert.deepEqual([twintuition.momentsTotal, twintuition.lastMomentId], [0, undefined]);
    const { body } = await call("bea", "GET", "/stats");
    assert.deepEqual([body.total, body.today, body.chance.observed], [0, 0, 0]);
    assert.deepEqual((await call("bea", "GET", "/moments")).body.moments, []);
  });

  it("[TW2] [TW5] [MO4] two presses make one moment that both hear, with both words and whether they are the same", async () => {
    const [ada, bea] = await both();
    await ada.ask("twintuition.press", { key: "p", feeling: "joy" });
    const { moment, ...press } = await bea.ask("twintuition.press", { key: "p", feeling: " Joy " });
    const heard = await Promise.all([ada, bea].map((phone) => phone.hears("twintuition.moment")));
    for (const told of heard) assert.deepEqual(told, { moment });
    assert.deepEqual(moment.feelings, [
      { userId: twins.ada.userId, feeling: "joy" },
      { userId: twins.bea.userId, feeling: "Joy" },
    ]);
    assert.deepEqual([moment.type, moment.algorithm, moment.sameFeeling], ["sync", "press", true]);
    assert.ok(moment.dtMs <= moment.uncertaintyMs + 2000 && moment.windowMs === 30_000);
    assert.equal(moment.confidence, 1 - moment.dtMs / 30_000);
    assert.ok(press.uncertaintyMs < 500, `${press.uncertaintyMs} ms on this machine`);
    for (const phone of [ada, bea]) {
      await phone.sees(({ twintuition: { lastMomentId, momentsToday, momentsTotal } }) => {
        return lastMomentId === moment.id && momentsToday === 1 && momentsTotal === 1;
      });
    }
    assert.deepEqual((await versionOf(ada)).version, 1);
    const again = await Phone.join(server, twins.ada, { deviceId: "again" });
    phones.push(again);
    await again.sees(({ twintuition }) => twintuition?.momentsTotal === 1 && twintuition.lastMomentAt === moment.at);
  });

  it("[TW8] a press under its key is the same press, by whichever door, before its match and after", async () => {
    const [ada] = await both();
    const press = await ada.ask("twintuition.press", { key: "p", feeling: "joy" });
    assert.deepEqual(await ada.ask("twintuition.press", { key: "p", feeling: "joy" }), press);
    const posted = await call("bea", "POST", "/press", { feeling: "fear" }, { "idempotency-key": "q" });
    assert.equal(posted.status, 201);
    const { moment } = posted.body;
    assert.equal(moment.sameFeeling, false);
    assert.deepEqual(await ada.ask("twintuition.press", { key: "p", feeling: "joy" }), { ...press, moment });
    const again = await call("bea", "POST", "/press", { key: "q", feeling: "fear" });
    assert.deepEqual([again.status, again.body.id, again.body.moment], [200, posted.body.id, moment]);
    assert.equal(await ada.refusal("twintuition.press", { key: "p", feeling: "fear" }), "ID_REUSED");
    const { body } = await call("ada", "GET", "/stats");
    assert.deepEqual([body.total, body.chance.observed], [1, 1]);
  });

  it("[TW2] of a hundred presses at once, by two phones and HTTP, each is spent on one moment at most", async () => {
    const [ada, bea] = await both();
    const presses = Array.from({ length: 25 }, (_, n) => [
      ada.ask("twintuition.press", { key: `s${n}` }),
      bea.ask("twintuition.press", { key: `s${n}` }),
      call("ada", "POST", "/press", { key: `h${n}` }),
      call("bea", "POST", "/press", { key: `s${n}` }),
    ]);
    await Promise.all(presses.flat());
    const { body } = await call("ada", "GET", "/moments?limit=100");
    // Bea pressed 25 times, each once by socket and again by HTTP; Ada 50 times.
    assert.equal(body.moments.length, 25);
    assert.equal(body.nextCursor, null);
    await bea.sees(({ twintuition }) => twintuition.momentsTotal === 25);
    assert.equal(new Set(bea.all("twintuition.moment").map(({ moment }) => moment.id)).size, 25);
  });

  it("[TW9] an alert is heard at once by all devices but the one that asked; listed, counted until it is seen", async () => {
    const [ada, bea] = await both();
    const tablet = await join("ada", { deviceId: "tablet" });
    const begun = stopwatch();
    const asked = ada.ask("twintuition.alert", { key: "a", kind: "sharing_joy", text: " I passed! ", intensity: 9 });
    const { alert } = await bea.hears("twintuition.alert");
    assert.ok(begun() < 1000);
    const { id, sentAt } = await asked;
    const expected = { id, senderId: twins.ada.userId, kind: "sharing_joy", text: "I passed!", intensity: 9, sentAt };
    assert.deepEqual(alert, { ...expected, seen: false, seenAt: null });
    await tablet.hears("twintuition.alert");
    assert.deepEqual(ada.all("twintuition.alert"), []);
    assert.deepEqual((await call("bea", "GET", "/alerts")).body.alerts, [alert]);
    const unseen = async (who: "ada" | "bea") => (await call(who, "GET", "/alerts")).body.unseen;
    assert.deepEqual([await unseen("ada"), await unseen("bea")], [0, 1]);
    assert.deepEqual(await ada.ask("twintuition.seen", { alertId: id }), {});
    assert.equal(await unseen("bea"), 1);
    assert.deepEqual(await bea.ask("twintuition.seen", { alertId: id }), {});
    const { body } = await call("ada", "GET", "/alerts");
    assert.deepEqual([body.alerts[0].seen, await unseen("bea")], [true, 0]);
    assert.deepEqual(await bea.ask("twintuition.seen", { alertId: id }), {});
    assert.equal((await call("ada", "GET", "/alerts")).body.alerts[0].seenAt, body.alerts[0].seenAt);
    assert.equal(await bea.refusal("twintuition.seen", { alertId: crypto.randomUUID() }), "NOT_FOUND");
    assert.equal(await bea.refusal("twintuition.seen", { alertId: "x" }), "VALIDATION_ERROR");
  });

  it("[TW9] lists made in one burst are walked by cursor, each once, to their end", async () => {
    await both();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { status, body } = await call("ada", "POST", "/alerts", { key: `${n}`, kind: "thought" });
      assert.deepEqual([status, body.alert.id], [201, body.id]);
      ids.push(body.id);
    }
    await Promise.all(ids.map((_, n) => call("bea", "POST", "/alerts", { key: `${n}`, kind: "action" })));
    for (const list of ["alerts", "moments"] as const) {
      const walked: { id: string }[] = [];
      for (let cursor = ""; ; ) {
        const { body } = await call("bea", "GET", `/${list}?limit=1${cursor}`);
        walked.push(...body[list]);
        if (body.nextCursor === null) break;
        cursor = `&cursor=${body.nextCursor}`;
      }
      assert.equal(walked.length, list === "alerts" ? 10 : 5);
      assert.equal(new Set(walked.map(({ id }) => id)).size, walked.length);
    }
    const { body } = await call("ada", "GET", "/moments?limit=1");
    assert.deepEqual([body.moments[0].type, body.moments[0].alertIds.length], ["connection", 2]);
    const { nextCursor } = body;
    for (const query of [`?cursor=${nextCursor}x`, "?cursor=x", "?limit=0", "?limit=1&limit=2", "?pairId=x"])
      assert.equal((await call("ada", "GET", `/moments${query}`)).status, 400, query);
    assert.equal((await call("bea", "GET", `/moments?cursor=${nextCursor}`)).status, 400);
  });

  it("[KW5] words make a moment with the message, once, and what matched goes when the words go", async () => {
    const [ada, bea] = await both();
    const sent = await ada.say("You read my mind", "w");
    assert.deepEqual(Object.keys(sent).sort(), ["duplicate", "id", "sentAt", "seq", "version"]);
    const { moment } = await ada.hears("twintuition.moment");
    assert.deepEqual([moment.messageId, moment.matchedPhrases, moment.type], [sent.id, ["read my mind"], "intuition"]);
    assert.equal((await ada.say("You read my mind", "w")).duplicate, true);
    const { body } = await call("bea", "GET", "/moments");
    assert.deepEqual(body.moments, [moment]);
    await bea.sees((state) => state.version === 2 && state.twintuition.momentsTotal === 1);
    await ada.ask("chat.delete", { key: "d", messageId: sent.id, for: "everyone" });
    assert.deepEqual((await call("bea", "GET", "/moments")).body.moments, [{ ...moment, matchedPhrases: [] }]);
  });

  it("[TW3] [KW5] the two settings hold as soon as they are said", async () => {
    const [ada, bea] = await both();
    const settings = (who: "ada" | "bea", twintuition: object) =>
      server.call("PUT", "/api/v1/users/settings", twins[who].accessToken, { twintuition });
    await settings("ada", { windowSeconds: 900 });
    await settings("bea", { windowSeconds: 5, keywordMoments: false });
    const { body } = await call("ada", "GET", "/stats");
    assert.equal(body.chance.windowSeconds, 5);
    for (let n = 0; ; n++) {
      await ada.ask("twintuition.press", { key: `${n}` });
      const { moment } = await bea.ask("twintuition.press", { key: `${n}` });
      if (moment.windowMs === 5000) break;
    }
    const total = ada.all("twintuition.moment").length;
    await ada.say("telepathy");
    assert.equal((await call("ada", "GET", "/stats")).body.total, total);
    assert.deepEqual(
      bea.all("twintuition.moment").filter(({ moment }) => moment.algorithm === "words"),
      [],
    );
  });

  it("[FT4] a phone with the stock SDK is measured, and its pressedAt counts once it has asked for the time", async () => {
    const [ada] = await both();
    const wrongBy = 3_600_000;
    for (let n = 0; n < 8; n++) await ada.ask("clock.sync", { t0: Date.now() + wrongBy });
    const press = await ada.ask("twintuition.press", { key: "p", pressedAt: Date.now() + wrongBy });
    assert.ok(Math.abs(Date.parse(press.at) - Date.now()) < 1000);
    assert.ok(press.uncertaintyMs < 500);
    const lie = await ada.ask("twintuition.press", { key: "q", pressedAt: new Date(0).toISOString() });
    assert.ok(Math.abs(Date.parse(lie.at) - Date.now()) < 2500);
    const { body } = await call("ada", "POST", "/press", { key: "r" });
    assert.equal(body.uncertaintyMs, 1000);
  });

  it("[TW11] [TW15] what makes no sense is refused by both doors, and so are presses of who has no twin", async () => {
    const [ada] = await both();
    for (const [name, path, wrong] of [
      ["twintuition.press", "/press", { feeling: "two words" }],
      ["twintuition.alert", "/alerts", { kind: "anger" }],
      ["twintuition.alert", "/alerts", { kind: "thought", text: "x".repeat(201) }],
    ] as const) {
      assert.equal(await ada.refusal(name, { key: "k", ...wrong }), "VALIDATION_ERROR");
      const { status, body } = await call("ada", "POST", path, { key: "k", ...wrong });
      assert.deepEqual([status, body.error.code], [400, "VALIDATION_ERROR"]);
    }
    const solo = await server.signUp("Solo");
    for (const [method, path, body] of [
      ["POST", "press", { key: "k" }],
      ["POST", "alerts", { key: "k", kind: "thought" }],
      ["GET", "moments"],
      ["GET", "stats"],
    ] as const) {
      const refused = await server.call(method, `/api/v1/twintuition/${path}`, solo.accessToken, body);
      assert.deepEqual([refused.status, refused.body.error.code], [409, "NOT_PAIRED"]);
    }
    const other = await call("ada", "POST", "/press", { key: "k", pairId: crypto.randomUUID() });
    assert.deepEqual([other.status, other.body.error.code], [410, "GONE"]);
  });

  it("[TW15] once the pair has ended, what was felt stays readable, and nothing is added", async () => {
    await both();
    await call("ada", "POST", "/press", { key: "p" });
    await call("bea", "POST", "/press", { key: "p" });
    const { body } = await server.call("GET", "/api/v1/twins", twins.ada.accessToken);
    assert.equal(body.pair.syncScore, 7);
    await server.call("DELETE", "/api/v1/twins", twins.ada.accessToken);
    assert.equal((await call("ada", "GET", "/moments")).status, 409);
    const { body: page } = await call("ada", "GET", `/moments?pairId=${twins.pairId}`);
    assert.equal(page.moments.length, 1);
    assert.equal((await call("ada", "POST", "/press", { key: "q", pairId: twins.pairId })).status, 410);
  });

  it("[TW7] [TW8] a server that was killed inside the window has lost no press", async () => {
    const [ada] = await both();
    const press = await ada.ask("twintuition.press", { key: "p", feeling: "joy" });
    await server.end("SIGKILL");
    phones.splice(0);
    await server.start();
    const bea = await join("bea");
    const { moment } = await bea.ask("twintuition.press", { key: "p", feeling: "JOY" });
    assert.deepEqual([moment.sameFeeling, moment.feelings.length], [true, 2]);
    const again = await call("ada", "POST", "/press", { key: "p", feeling: "joy" });
    assert.deepEqual([again.body.id, again.body.at, again.body.moment], [press.id, press.at, moment]);
  });
});

describe("who presses a thousand times", function () {
  this.timeout(60_000);

  it("[TW3] [TW13] is answered so many times a minute, and told when to come again; messages go on", async () => {
    const server = await TestServer.create({ RATE_LIMIT_REQUESTS_PER_MINUTE: "300", TWINTUITION_WINDOW_SECONDS: "60" });
    await server.start();
    const twins = await server.pairUp();
    const { body } = await server.call("GET", "/api/v1/users/settings", twins.ada.accessToken);
    assert.equal(body.settings.twintuition.windowSeconds, 60);
    const { body: stats } = await server.call("GET", "/api/v1/twintuition/stats", twins.ada.accessToken);
    assert.equal(stats.chance.windowSeconds, 60);
    const ada = await Phone.join(server, twins.ada);
    const answers = Array.from({ length: 150 }, (_, n) => ada.refusal("twintuition.press", { key: `${n}` }));
    const limited = (await Promise.all(answers)).filter((code) => code === "RATE_LIMIT_EXCEEDED");
    assert.equal(limited.length, 30);
    assert.equal((await ada.say("still here")).seq, 1);
    await ada.leave();
    await server.remove();
  });
});
