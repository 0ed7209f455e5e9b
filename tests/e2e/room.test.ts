import assert from "node:assert/strict";
import { Phone } from "../support/phone.ts";
import { type PairedUp, TestServer } from "../support/server.ts";

describe("the room, with nothing but the stock SDK", function () {
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
    return phone;
  }
  const both = () => Promise.all([join("ada", { deviceId: "a" }), join("bea", { deviceId: "b" })]);

  it("[P4] lets all first joins at once into one room, and shows each the window", async () => {
    const all = await Promise.all([
      join("ada", { deviceId: "a1" }),
      join("ada", { deviceId: "a2" }),
      join("bea", { deviceId: "b" }),
      join("bea"),
    ]);
    assert.deepEqual(new Set(all.map(({ room }) => room.roomId)), new Set([`${twins.pairId}_1`]));
    for (const phone of all) {
      const { history, ...window } = await phone.hears("chat.window");
      assert.deepEqual(window, { messages: [], version: 0, firstSeq: 1, readSeq: 0, hasMore: false });
      assert.equal(typeof history, "string");
      assert.equal(phone.heard[0]?.event, "chat.window");
    }
  });

  it("[P5] answers the sender and tells every other device", async () => {
    const [ada, bea] = await both();
    const tablet = await join("ada", { deviceId: "tablet" });
    const sent = await ada.say(" are you awake? ", "k1");
    assert.deepEqual([sent.seq, sent.version, sent.duplicate], [1, 1, false]);
    for (const phone of [bea, tablet]) {
      const { version, message } = await phone.hears("chat.message");
      assert.deepEqual([version, message.id, message.text, message.key], [1, sent.id, "are you awake?", "k1"]);
      assert.deepEqual([message.senderName, message.accentColor], ["Ada", "neon-purple"]);
    }
    assert.deepEqual(ada.all("chat.message"), []);
    await bea.sees((state) => state.version === 1 && state.lastSeq === 1);
  });

  it("[P2] knows a message sent by socket when it comes again over HTTP, and the other way round", async () => {
    const [ada, bea] = await both();
    const sent = await ada.say("once", "k1");
    const post = (body: object) => server.call("POST", "/api/v1/messages", twins.ada.accessToken, body);
    const again = await post({ clientMessageId: "k1", text: "once" });
    assert.deepEqual([again.status, again.body.message.id, again.body.message.seq], [200, sent.id, 1]);
    const other = await post({ clientMessageId: "k1", text: "twice" });
    assert.deepEqual([other.status, other.body.error.code], [409, "ID_REUSED"]);
    const posted = await post({ clientMessageId: "k2", text: "by post" });
    assert.equal(posted.status, 201);
    const { message } = await bea.hears("chat.message", (event) => event.message.key === "k2");
    assert.equal(message.text, "by post");
    await ada.hears("chat.message", (event) => event.message.key === "k2");
    assert.deepEqual(await ada.say("by post", "k2"), {
      id: message.id,
      seq: 2,
      version: 2,
      sentAt: message.sentAt,
      duplicate: true,
    });
  });

  it("[P2] two honest repeats of the same words under two keys are two messages", async () => {
    const [ada] = await both();
    const [one, two] = await Promise.all([ada.say("ok", "k1"), ada.say("ok", "k2")]);
    assert.deepEqual([one.seq, two.seq], [1, 2]);
  });

  it("[P2] the same send a hundred times at once, over two sockets and HTTP, has one effect and one answer", async () => {
    const [ada] = await both();
    const tablet = await join("ada", { deviceId: "tablet" });
    const body = { clientMessageId: "k", text: "hundredfold" };
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        if (n % 3 === 0) {
          const { message } = (await server.call("POST", "/api/v1/messages", twins.ada.accessToken, body)).body;
          return [message.id, message.seq, message.version, message.sentAt];
        }
        const { id, seq, version, sentAt } = await (n % 3 === 1 ? ada : tablet).say("hundredfold", "k");
        return [id, seq, version, sentAt];
      }),
    );
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
  });

  it("[CH1] edits, reactions, pins and deletions reach everybody, in order", async () => {
    const [ada, bea] = await both();
    const { id: messageId } = await ada.say("frist");
    await ada.ask("chat.edit", { key: "e", messageId, text: "first" });
    await bea.ask("chat.react", { key: "r", messageId, emoji: "👨‍👩‍👧‍👦", on: true });
    await bea.ask("chat.pin", { key: "p", messageId, on: true });
    await ada.ask("chat.delete", { key: "d", messageId, for: "everyone" });
    const last = await bea.hears("chat.message", ({ version }) => version === 5);
    assert.deepEqual([last.message.text, last.message.pinned, last.message.reactions], [null, false, []]);
    assert.deepEqual(
      bea.all("chat.message").map(({ version }) => version),
      [1, 2, 5],
    );
    assert.deepEqual(
      ada.all("chat.message").map(({ version, message }) => [version, message.text, message.pinned]),
      [
        [3, "first", false],
        [4, "first", true],
      ],
    );
  });

  it("[CH6] what one hides is hidden on their own devices, and the twin learns nothing", async () => {
    const [ada, bea] = await both();
    const tablet = await join("bea", { deviceId: "tablet" });
    const { id: messageId } = await ada.say("hide me");
    await bea.hears("chat.message");
    const { version } = await bea.ask("chat.delete", { key: "h", messageId, for: "me" });
    const hidden = { version, message: { id: messageId, seq: 1, version, hidden: true } };
    assert.deepEqual(await tablet.hears("chat.message", (event) => event.version === version), hidden);
    await ada.sees((state) => state.version === version);
    assert.deepEqual(ada.all("chat.message"), []);
    assert.deepEqual((await bea.ask("chat.history", {})).messages, [hidden.message]);
    assert.equal((await ada.ask("chat.history", {})).messages[0].text, "hide me");
  });

  it("[P10] a device that was away hears what changed since, oldest first, in its final state, before anything newer", async () => {
    const [ada, bea] = await both();
    const one = await ada.say("one");
    const { history } = await bea.hears("chat.window");
    await bea.hears("chat.message");
    await bea.leave();
    const two = await ada.say("two");
    await ada.ask("chat.edit", { key: "e", messageId: one.id, text: "one, better" });
    await ada.say("three");
    const back = await join("bea", { deviceId: "b", afterVersion: 1, history });
    const { readSeq, ...resume } = await back.hears("chat.resume");
    assert.deepEqual([resume, readSeq], [{ from: 1, to: 4, hasMore: false, history }, 0]);
    const told = await back.until(() => {
      const changes = back.all("chat.message");
      return changes.length >= 3 ? changes : undefined;
    }, "the changes");
    assert.deepEqual(
      told.map(({ version, message }) => [version, message.seq, message.text]),
      [
        [2, 2, "two"],
        [3, 1, "one, better"],
        [4, 3, "three"],
      ],
    );
    assert.equal(told[0].message.id, two.id);
  });

  it("[P10] a device from before the room's memory is brought up to date from the journal, page by page", async () => {
    const [ada, bea] = await both();
    const { history } = await bea.hears("chat.window");
    await bea.leave();
    await Promise.all(Array.from({ length: 450 }, (_, n) => ada.say(`m${n}`)));
    const back = await join("bea", { deviceId: "b", afterVersion: 0, history });
    const resume = await back.hears("chat.resume");
    assert.ok(resume.hasMore && resume.to > 0);
    await back.until(() => (back.all("chat.message").length >= resume.to ? true : undefined), "the first changes");
    const seqs = back.all("chat.message").map(({ message }) => message.seq);
    for (let after = resume.to, hasMore = true; hasMore; ) {
      const page = await back.ask("chat.sync", { afterVersion: after });
      seqs.push(...page.messages.map(({ seq }: { seq: number }) => seq));
      ({ version: after, hasMore } = page);
    }
    assert.deepEqual(
      seqs,
      Array.from({ length: 450 }, (_, n) => n + 1),
    );
  });

  it("[P10] a version of another line of history, or beyond the newest, is answered reset", async () => {
    const [ada] = await both();
    await ada.say("one");
    for (const known of [{ afterVersion: 1, history: "another" }, { afterVersion: 2 }, { afterVersion: 2 ** 40 }]) {
      const back = await join("bea", { deviceId: "b", ...known });
      const resume = await back.hears("chat.resume");
      assert.deepEqual([resume.reset, resume.to], [true, 1]);
      assert.equal((await back.ask("chat.sync", { ...known })).reset, true);
    }
  });

  for (const afterVersion of ["5", -1, 1.5, Number.NaN, null, 2 ** 63, {}, [], true, "x"]) {
    it(`[P10] joining with afterVersion ${JSON.stringify(afterVersion)} (${typeof afterVersion}) is never half a resume`, async () => {
      const [ada] = await both();
      await ada.say("one");
      const outcome = await join("bea", { deviceId: "b2", afterVersion }).catch((error: Error) => error);
      if (outcome instanceof Error) return assert.match(outcome.message, /VALIDATION_ERROR/);
      const first = await outcome.until(() => outcome.heard[0], "anything");
      if (first.event === "chat.window") assert.equal(first.payload.messages.length, 1);
      else assert.ok(first.payload.reset);
    });
  }

  it("[CH12] pages through history from either end and around a message", async () => {
    const [ada] = await both();
    await Promise.all(Array.from({ length: 30 }, (_, n) => ada.say(`m${n}`)));
    const seqs = async (query: object) => {
      const { messages, hasMore } = await ada.ask("chat.history", query);
      return [messages.at(0)?.seq, messages.at(-1)?.seq, hasMore];
    };
    assert.deepEqual(await seqs({ limit: 10 }), [21, 30, true]);
    assert.deepEqual(await seqs({ beforeSeq: 21, limit: 10 }), [11, 20, true]);
    assert.deepEqual(await seqs({ beforeSeq: 6, limit: 10 }), [1, 5, false]);
    assert.deepEqual(await seqs({ afterSeq: 25, limit: 10 }), [26, 30, false]);
    assert.deepEqual(await seqs({ aroundSeq: 15, limit: 10 }), [11, 20, true]);
    assert.deepEqual(await seqs({ beforeSeq: 1 }), [undefined, undefined, false]);
    assert.equal(await ada.refusal("chat.history", { beforeSeq: 5, afterSeq: 1 }), "VALIDATION_ERROR");
    assert.equal(await ada.refusal("chat.history", { limit: 101 }), "VALIDATION_ERROR");
  });

  it("[SR1] finds words of this pair, marks them, and pages", async () => {
    const [ada, bea] = await both();
    const other = await server.pairUp();
    const stranger = await Phone.join(server, other.ada);
    phones.push(stranger);
    await stranger.say("who are you, stranger");
    for (const text of ["who are you, not me", "don’t go", "cafe\u0301 at nine", "you <b>again</b>"])
      await ada.say(text);
    const found = async (q: string) =>
      (await bea.ask("chat.search", { q })).hits.map(({ message }: { message: { seq: number } }) => message.seq);
    assert.deepEqual(await found("you"), [4, 1]);
    assert.deepEqual(await found("don't"), [2]);
    assert.deepEqual(await found("CAFÉ"), [3]);
    assert.deepEqual(await found('"are you" not'), [1]);
    assert.deepEqual(await found("stranger"), []);
    const page = await bea.ask("chat.search", { q: "you", limit: 1 });
    assert.equal(page.hits[0].highlight, "<mark>you</mark> &lt;b&gt;again&lt;/b&gt;");
    const next = await bea.ask("chat.search", { q: "you", limit: 1, cursor: page.nextCursor });
    assert.deepEqual([next.hits[0].message.seq, next.nextCursor], [1, null]);
    assert.equal(await bea.refusal("chat.search", { q: "you", cursor: "nonsense" }), "VALIDATION_ERROR");
  });

  it("[SR1] an edited or deleted message's old words are found no more", async () => {
    const [ada] = await both();
    const [one, two] = [await ada.say("secretword one"), await ada.say("secretword two")];
    await ada.ask("chat.edit", { key: "e", messageId: one.id, text: "nothing" });
    await ada.ask("chat.delete", { key: "d", messageId: two.id, for: "everyone" });
    assert.deepEqual((await ada.ask("chat.search", { q: "secretword" })).hits, []);
  });

  it("[P11] reading and receiving never go back or beyond, and both twins learn of it", async () => {
    const [ada, bea] = await both();
    const tablet = await join("bea", { deviceId: "tablet" });
    for (const text of ["one", "two", "three"]) await ada.say(text);
    assert.deepEqual(await bea.ask("chat.delivered", { upTo: 2 }), { upTo: 2 });
    assert.deepEqual(await bea.ask("chat.read", { upTo: 99 }), { upTo: 3 });
    assert.deepEqual(await bea.ask("chat.read", { upTo: 1 }), { upTo: 3 });
    const receipt = { userId: twins.bea.userId, deliveredSeq: 3, readSeq: 3 };
    for (const phone of [ada, tablet]) {
      assert.deepEqual(await phone.hears("chat.receipt", ({ readSeq }) => readSeq === 3), receipt);
    }
    await ada.sees((state) => state.members?.get(twins.bea.userId)?.readSeq === 3);
    const { messages } = await ada.ask("chat.history", {});
    assert.deepEqual(
      messages.map((message: { isDelivered: boolean; isRead: boolean }) => [message.isDelivered, message.isRead]),
      [
        [true, true],
        [true, true],
        [true, true],
      ],
    );
    assert.equal(await bea.refusal("chat.read", { upTo: -1 }), "VALIDATION_ERROR");
    assert.equal(await bea.refusal("chat.read", { upTo: 1.5 }), "VALIDATION_ERROR");
  });

  it("[CH11] with read receipts off, the twin keeps the old mark and one's own devices learn the new one", async () => {
    const [ada, bea] = await both();
    const tablet = await join("bea", { deviceId: "tablet" });
    await ada.say("one");
    await bea.ask("chat.read", { upTo: 1 });
    await ada.hears("chat.receipt", ({ readSeq }) => readSeq === 1);
    const settings = (await server.call("GET", "/api/v1/users/settings", twins.bea.accessToken)).body.settings;
    const changed = { ...settings, privacy: { ...settings.privacy, sendReadReceipts: false } };
    const put = await server.call("PUT", "/api/v1/users/settings", twins.bea.accessToken, changed);
    assert.equal(put.status, 200, JSON.stringify(put.body));
    // What the room shows of a later change tells that it knows of this one.
    await server.call("PATCH", "/api/v1/users/profile", twins.bea.accessToken, { name: "Beatrice" });
    await ada.sees(() => ada.member(twins.bea.userId)?.name === "Beatrice");
    await ada.say("two");
    await bea.ask("chat.read", { upTo: 2 });
    const own = await tablet.hears("chat.receipt", ({ readSeq }) => readSeq === 2);
    assert.equal(own.deliveredSeq, 2);
    const { messages } = await ada.ask("chat.history", {});
    const [, two] = messages;
    assert.deepEqual([two.isDelivered, two.isRead], [true, false]);
    assert.deepEqual(
      ada.all("chat.receipt").filter(({ readSeq }) => readSeq > 1),
      [],
    );
    await ada.sees((state) => state.members?.get(twins.bea.userId)?.deliveredSeq === 2);
    assert.equal(ada.member(twins.bea.userId).readSeq, 1);
  });

  it("[PR1] shows typing and presence, and a name that changes", async () => {
    const [ada, bea] = await both();
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.status === "online");
    ada.room.send("chat.typing", { on: true, kind: "voice" });
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.typing === true);
    assert.equal(bea.member(twins.ada.userId).typingKind, "voice");
    ada.room.send("chat.typing", { on: false });
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.typing === false);
    ada.room.send("presence.set", { status: "away" });
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.status === "away");
    const renamed = await server.call("PATCH", "/api/v1/users/profile", twins.ada.accessToken, { name: "Adelaide" });
    assert.equal(renamed.status, 200, JSON.stringify(renamed.body));
    await bea.sees((state) => state.members?.get(twins.ada.userId)?.name === "Adelaide");
  });

  it("[PR3] the same device again replaces its older socket", async () => {
    const old = await join("ada", { deviceId: "phone" });
    const next = await join("ada", { deviceId: "phone" });
    assert.equal(await old.closed, 4409);
    assert.equal((await next.say("still here")).seq, 1);
  });

  it("[PR3] a ninth device is refused while eight answer", async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => join("ada", { deviceId: `phone-${n}` })));
    await assert.rejects(join("ada", { deviceId: "ninth" }), /TOO_MANY_DEVICES/);
    await join("bea", { deviceId: "b" });
  });

  it("[PR6] a refreshed token keeps the socket, and somebody else's is refused", async () => {
    const [ada] = await both();
    const refreshed = await server.call("POST", "/api/v1/auth/refresh", undefined, {
      refreshToken: twins.ada.refreshToken,
    });
    const { accessToken } = refreshed.body.tokens;
    assert.equal(typeof (await ada.ask("auth.refresh", { accessToken })).expiresAt, "string");
    assert.equal(await ada.refusal("auth.refresh", { accessToken: twins.bea.accessToken }), "FORBIDDEN");
    assert.equal(await ada.refusal("auth.refresh", { accessToken: "nonsense" }), "AUTH_TOKEN_INVALID");
  });

  it("[PR5] signing out closes that session's sockets and no other's", async () => {
    const [ada, bea] = await both();
    const out = await server.call("POST", "/api/v1/auth/logout", twins.ada.accessToken, {});
    assert.equal(out.status, 200);
    assert.equal(await ada.closed, 4401);
    assert.equal((await bea.say("alone")).seq, 1);
    await assert.rejects(join("ada"), /AUTH_TOKEN_REVOKED/);
  });

  it("[PR7] tells the time, twice", async () => {
    const [ada] = await both();
    const t0 = Date.now();
    const { t0: back, t1, t2 } = await ada.ask("clock.sync", { t0 });
    assert.equal(back, t0);
    assert.ok(t1 <= t2 && Math.abs(t1 - t0) < 5000);
  });

  it("[PA9] unpairing tells both, closes 4403, and leaves history readable and one's own words deletable", async () => {
    const [ada, bea] = await both();
    const { id } = await ada.say("before");
    const gone = await server.call("DELETE", "/api/v1/twins", twins.bea.accessToken);
    assert.equal(gone.status, 200);
    for (const phone of [ada, bea]) {
      assert.deepEqual(await phone.hears("pair.closed"), { reason: "unpaired" });
      assert.equal(await phone.closed, 4403);
    }
    await assert.rejects(join("ada"), /NOT_PAIRED/);
    const past = `pairId=${twins.pairId}`;
    const read = await server.call("GET", `/api/v1/messages?${past}`, twins.bea.accessToken);
    assert.deepEqual([read.status, read.body.messages[0].text], [200, "before"]);
    const posted = await server.call("POST", "/api/v1/messages", twins.ada.accessToken, {
      clientMessageId: "late",
      text: "late",
      pairId: twins.pairId,
    });
    assert.deepEqual([posted.status, posted.body.error.code], [410, "GONE"]);
    const back = await server.call("DELETE", `/api/v1/messages/${id}?for=everyone&${past}`, twins.ada.accessToken);
    assert.equal(back.status, 200, JSON.stringify(back.body));
    const after = await server.call("GET", `/api/v1/messages?${past}`, twins.bea.accessToken);
    assert.equal(after.body.messages[0].text, null);
  });

  it("[PA9] pairing the same two again revives the pair and its history", async () => {
    const [ada] = await both();
    await ada.say("before");
    await server.call("DELETE", "/api/v1/twins", twins.bea.accessToken);
    await ada.closed;
    const { body } = await server.call("POST", "/api/v1/twins/code", twins.bea.accessToken);
    const paired = await server.call("POST", "/api/v1/twins/pair", twins.ada.accessToken, { code: body.code });
    assert.equal(paired.body.pairId, twins.pairId);
    const back = await join("ada", { deviceId: "a" });
    assert.equal((await back.hears("chat.window")).messages[0].text, "before");
    assert.equal((await back.say("after")).seq, 2);
  });

  it("[PA10] who waits hears of their twin the moment a code is redeemed, whichever side they are on", async () => {
    const [cara, dora] = await Promise.all([server.signUp("Cara"), server.signUp("Dora")]);
    const [caras, doras] = await Promise.all([Phone.wait(server, cara), Phone.wait(server, dora)]);
    phones.push(caras, doras);
    const { body } = await server.call("POST", "/api/v1/twins/code", cara.accessToken);
    const paired = await server.call("POST", "/api/v1/twins/pair", dora.accessToken, { code: body.code.toLowerCase() });
    const { pairId } = paired.body;
    assert.equal((await caras.hears("pair.opened")).twinProfile.name, "Dora");
    const news = await doras.hears("pair.opened");
    assert.deepEqual([news.pairId, news.twinProfile.id], [pairId, cara.userId]);
    const late = await Phone.wait(server, cara);
    phones.push(late);
    assert.equal((await late.hears("pair.opened")).pairId, pairId);
  });
});
