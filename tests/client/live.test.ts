import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../client/storage/file.ts";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import { Bot, type BotOptions } from "../support/bot.ts";
import { assertKept, type Observation, type Stored, type Truth } from "../support/history-checker.ts";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";

const folder = mkdtempSync(join(tmpdir(), "twinship-phones-"));
const record: Observation[] = [];
let server: TestServer;
const bots: Bot[] = [];

before(async () => {
  server = await TestServer.create();
  await server.start();
});

afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.close().catch(() => undefined);
  record.length = 0;
});

after(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

async function phoneOf(who: SignedUp, pair: string, device: string, more: Partial<BotOptions> = {}): Promise<Bot> {
  const { url } = server;
  const { email, userId: person } = who;
  const bot = await Bot.start({ url, email, password: "Correct-horse-1", person, pair, device, record, ...more });
  bots.push(bot);
  return bot;
}

async function twins(): Promise<{ ada: Bot; bea: Bot; pair: PairedUp }> {
  const pair = await server.pairUp();
  const { pairId } = pair;
  const [ada, bea] = await Promise.all([phoneOf(pair.ada, pairId, "ada"), phoneOf(pair.bea, pairId, "bea")]);
  return { ada, bea, pair };
}

const texts = (messages: readonly AnyMessageView[]) => messages.map((one) => ("hidden" in one ? "-" : one.text));

/** All of the history, as the server tells it over HTTP; with what each of the two hid. */
async function truthOf({ pairId, ada, bea }: PairedUp): Promise<ReadonlyMap<string, Truth>> {
  const read = async (who: SignedUp): Promise<Stored[]> => {
    const { body } = await server.call("GET", "/api/v1/messages?limit=100", who.accessToken);
    return body.messages.toSorted((one: Stored, other: Stored) => one.seq - other.seq);
  };
  const [adas, beas] = await Promise.all([read(ada), read(bea)]);
  const messages = adas.map((view, n) => {
    const other = beas[n] ?? view;
    const hides = [
      { userId: ada.userId, view },
      { userId: bea.userId, view: other },
    ].flatMap(({ userId, view: { hidden, version } }) => (hidden ? [{ userId, version }] : []));
    return { ...(view.hidden ? other : view), hides };
  });
  return new Map([[pairId, { firstSeq: 1, messages }]]);
}

/** Everybody is at rest, and what they were told and showed is held against what is there. */
async function assertAllKept(pair: PairedUp, ...phones: readonly Bot[]): Promise<void> {
  const newest = Math.max(...phones.map(({ room }) => room.version));
  await Promise.all(phones.map((phone) => phone.rest(newest)));
  for (const type of ["invoked", "answered", "told", "shown", "marked", "settled"] as const) {
    assert.ok(
      record.some((one) => one.type === type),
      `the record has ${type}`,
    );
  }
  assertKept(record, await truthOf(pair));
  for (const phone of phones) assert.deepEqual(phone.reported, []);
}

describe("the client, on a real server", () => {
  it("[P3] [CL1] [CL4] two twins say and change things at the same time, and both see one history", async () => {
    const { ada, bea, pair } = await twins();
    const second = await phoneOf(pair.ada, pair.pairId, "adas tablet");
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? ada : bea).say(`words ${n}`)));
    const [first, other] = ada.screen;
    assert.ok(first && other && !("hidden" in first) && !("hidden" in other));
    const mine = ada.screen.find((one) => !("hidden" in one) && one.senderId === pair.ada.userId);
    assert.ok(mine);
    const doings = [
      bea.room.react(first.id, "❤️"),
      second.room.react(first.id, "👨‍👩‍👧‍👦"),
      ada.room.edit(mine.id, "better words"),
      bea.room.pin(other.id),
      second.room.delete(other.id, "me"),
      second.say("from the tablet"),
    ];
    await Promise.all((await Promise.all(doings)).map((doing) => ("answer" in doing ? doing.answer : doing)));
    await bea.until(() => bea.screen.length === 21, "all is shown");
    await assertAllKept(pair, ada, bea, second);
    assert.ok(second.screen.some((one) => "hidden" in one) && ada.screen.some((one) => "hidden" in one));
    assert.ok(!bea.screen.some((one) => "hidden" in one));
  });

  it("[OB2] [OB6] [P1] [P2] a phone that writes in a tunnel, and is killed there, has lost nothing afterwards", async () => {
    const pair = await server.pairUp();
    const storage = fileStorage(join(folder, "bea"));
    const ada = await phoneOf(pair.ada, pair.pairId, "ada");
    const bea = await phoneOf(pair.bea, pair.pairId, "bea", { storage });
    await bea.say("in");
    await bea.room.stop();
    for (const text of ["one", "two", "three"]) await bea.room.send(text);
    await ada.say("are you there?");
    await bea.close("crash");

    await bea.open();
    await bea.until(() => bea.screen.length === 5 && bea.room.pending.length === 0, "it has caught up, and said all");
    assert.deepEqual(texts(bea.screen), ["in", "are you there?", "one", "two", "three"]);
    await ada.until(() => ada.screen.length === 5, "ada has heard all");
    await assertAllKept(pair, ada, bea);
  });

  it("[P1-P5] [P10] [P11] the server is killed while phones write, change and read, and nobody notices more than a pause", async () => {
    const { ada, bea, pair } = await twins();
    const sayings: Promise<unknown>[] = [];
    const write = async (phone: Bot, from: number, to: number) => {
      for (let n = from; n < to; n++) {
        const { answer, key } = await phone.room.send(`words ${n}`);
        sayings.push(answer);
        const last = phone.screen[phone.screen.length - 1];
        if (last && n % 3 === 0) sayings.push((await phone.room.react(last.id, "🙂", n % 2 === 0)).answer);
        phone.room.read();
        assert.ok(key);
      }
    };
    for (let kill = 0; kill < 3; kill++) {
      const writing = Promise.all([write(ada, kill * 8, kill * 8 + 8), write(bea, kill * 8, kill * 8 + 8)]);
      await ada.until(() => ada.screen.length > kill * 16 + 2, "some is said");
      await server.end("SIGKILL");
      await writing;
      await server.start();
    }
    await Promise.all(sayings);
    await Promise.all([ada, bea].map((phone) => phone.until(() => phone.screen.length === 48, "all is shown")));
    await assertAllKept(pair, ada, bea);
  });

  it("[P10] [CL2] a phone that was away for hundreds of changes reads on until it has them all, in order", async () => {
    const pair = await server.pairUp();
    const storage = fileStorage(join(folder, "long"));
    const ada = await phoneOf(pair.ada, pair.pairId, "ada");
    const bea = await phoneOf(pair.bea, pair.pairId, "bea", { storage });
    await ada.say("0");
    await bea.until(() => bea.screen.length === 1, "it is told");
    await bea.close();
    for (let n = 1; n <= 450; n += 30) {
      await Promise.all(Array.from({ length: 30 }, (_, m) => ada.say(String(n + m))));
    }
    await bea.open();
    await bea.until(() => bea.screen.length === 451, "all is shown");
    assert.deepEqual(
      texts(bea.screen),
      Array.from({ length: 451 }, (_, n) => String(n)),
    );
    assert.ok(record.some((one) => one.type === "resumed" && one.hasMore));
    const older = await (await phoneOf(pair.bea, pair.pairId, "beas tablet")).room.loadOlder(100);
    assert.equal(older[0]?.seq, 302);
  });

  it("[WR2] [OB5] a pair that ends and begins again keeps its history, and what was never sent says so or is said", async () => {
    const { ada, bea, pair } = await twins();
    await ada.say("before");
    const closed = bea.app.chat.next("closed");
    const waits = bea.app.events.next("unpaired");
    await ada.app.api.unpair();
    assert.deepEqual(await closed, { reason: "unpaired" });
    assert.deepEqual(await waits, { why: "closed" });

    const unsent = await bea.room.send("in between");
    const paired = bea.app.events.next("paired");
    const { code } = await ada.app.api.newCode();
    const back = bea.app.redeem(` ${code.toLowerCase()} `);
    assert.equal(await back, pair.pairId);
    assert.equal((await paired).pairId, pair.pairId);
    await unsent.answer;
    await ada.until(() => ada.screen.length === 2, "ada is back, and has heard");
    assert.deepEqual(texts(ada.screen), ["before", "in between"]);
  });

  it("[CT2] [RJ4] ticks follow: sent, delivered, read, also for what was said while the twin was away", async () => {
    const { ada, bea } = await twins();
    await bea.room.stop();
    await ada.say("hello");
    const [message] = ada.screen;
    assert.ok(message && !("hidden" in message));
    assert.equal(ada.room.tickOf(message), "sent");
    bea.app.connect();
    await ada.until(() => ada.room.tickOf(message) === "delivered", "it is delivered");
    bea.room.read();
    await ada.until(() => ada.room.tickOf(message) === "read", "it is read");
    bea.room.typing();
    await ada.until(() => ada.room.members.some(({ typing }) => typing), "bea is seen typing");
  });
});

describe("the client's connection, on a server whose tokens live for seconds", () => {
  /** The room warns within a second of the join; what is left is for a busy machine to renew in. */
  const TOKEN_SECONDS = 5;
  let quick: TestServer;
  before(async () => {
    quick = await TestServer.create({ ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) });
    await quick.start();
  });
  after(() => quick.remove());

  it("[CS2] outlives its tokens, and notices the end of its session", async () => {
    const pair = await quick.pairUp();
    const { email, userId: person } = pair.ada;
    const device = { url: quick.url, email, password: "Correct-horse-1", person, pair: pair.pairId, device: "ada" };
    const ada = await Bot.start(device);
    bots.push(ada);
    const statuses: string[] = [];
    ada.app.chat.on("status", (status) => statuses.push(status));
    const firstEnds = Date.now() + TOKEN_SECONDS * 1000;
    while (Date.now() <= firstEnds) await ada.app.sessionEvents.next("renewed");
    await ada.say("still here");
    assert.deepEqual(statuses, []);

    const [tablet] = await Promise.all([Bot.start({ ...device, device: "tablet" })]);
    bots.push(tablet);
    const signedOut = ada.app.sessionEvents.next("signedOut");
    await tablet.app.logout({ everywhere: true });
    assert.equal((await signedOut).why, "refused");
    assert.equal(ada.app.room, undefined);
  });
});
