import assert from "node:assert/strict";
import { keptFrom, messageRetention } from "../../domain/message-retention.ts";
import { Refusal } from "../../domain/refusal.ts";
import { type RoomEvent, roomCommand } from "../../domain/room/rules.ts";
import { MessageId, type PairId, UserId } from "../../schema/wire/ids.ts";
import { messageTrimmer } from "../../server/adapters/database/message-trimmer.ts";
import { chance } from "../../server/chance.ts";
import { type Member, PrivacyWorld } from "../support/privacy-world.ts";

const DAY_MS = 86_400_000;

describe("how long messages are kept", function () {
  this.timeout(120_000);
  let world: PrivacyWorld;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());

  function retention(days: number | undefined) {
    const { clock, opened } = world.world;
    const { notices } = world;
    return messageRetention({ database: opened.database, clock, chance, notices, trimmer: messageTrimmer, days });
  }

  const saying = (who: Member, text: string, more: object = {}) => [who, "chat.send", { text, ...more }] as const;

  /** So many days later; a little past midnight, so that all of a day before is a whole day old. */
  const later = (days: number) => world.world.clock.advance(days * DAY_MS);

  const twinOf = (who: Member, pairId: PairId) => ({ pairId, userId: UserId.parse(who.userId) });

  async function textsOf(who: Member, pairId: PairId): Promise<unknown[]> {
    const { messages } = await world.history.page(twinOf(who, pairId), { afterSeq: 0, limit: 100 });
    return messages.map((message) => ("text" in message ? `${message.seq} ${message.text}` : message.seq));
  }

  const newsOf = (pairId: PairId) =>
    world.news.filter((news) => news.what === "history.trimmed" && news.pairId === pairId);

  const headOf = async (pairId: PairId) => {
    const of = "select epoch, revision, version, first_seq, last_seq from pair_rooms where pair_id = $1";
    const [row] = await world.sql(of, [pairId]);
    return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
  };

  it("[RT1] a message is kept for so many days whole, and its day ends at midnight UTC", () => {
    const noon = Date.UTC(2026, 5, 20, 12);
    for (const [at, days, from] of [
      [noon, 1, Date.UTC(2026, 5, 19)],
      [noon, 30, Date.UTC(2026, 4, 21)],
      [Date.UTC(2026, 5, 20), 1, Date.UTC(2026, 5, 19)],
      [Date.UTC(2026, 5, 20) - 1, 1, Date.UTC(2026, 5, 18)],
      [Date.UTC(2024, 2, 1, 5), 1, Date.UTC(2024, 1, 29)],
    ] as const) {
      assert.equal(keptFrom(at, days), from);
      assert.ok(at - keptFrom(at, days) >= days * DAY_MS && at - keptFrom(at, days) < (days + 1) * DAY_MS);
    }
  });

  it("[RT1] what is older is nowhere: in no page, search, sync or answer, for neither of the two; the rest stays dense", async () => {
    const { ada, bea, pairId } = await world.twins();
    const [first] = await world.talk(pairId, saying(ada, "an old albatross"), saying(bea, "old as well"));
    later(3);
    await world.talk(pairId, saying(ada, "a young albatross", { replyTo: first }), saying(bea, "young as well"));
    later(2);
    assert.equal(await retention(undefined).sweep(), 0, "nobody said for how long");
    assert.equal((await textsOf(bea, pairId)).length, 4);
    assert.ok((await retention(4).sweep()) >= 1);
    for (const who of [ada, bea]) {
      assert.deepEqual(await textsOf(who, pairId), ["3 a young albatross", "4 young as well"]);
      const { hits } = await world.history.search(twinOf(who, pairId), { q: "albatross", limit: 10 });
      assert.deepEqual(
        hits.map(({ message }) => message.seq),
        [3],
      );
      assert.deepEqual(await world.history.messages(twinOf(who, pairId), [MessageId.parse(first)]), []);
    }
    assert.deepEqual(await world.history.extent(pairId), { ...(await world.history.extent(pairId)), firstSeq: 3 });
    const words = await world.sql("select text from messages where pair_id = $1 and text like '%old%'", [pairId]);
    assert.deepEqual(words, []);
    assert.equal(await retention(4).sweep(), 0, "nothing is left to be done");
  });

  it("[RT1] when all of it is too old, history begins with what will be said next", async () => {
    const { ada, bea, pairId } = await world.twins();
    await world.talk(pairId, saying(ada, "one"), saying(bea, "two"));
    later(40);
    await retention(30).sweep();
    assert.deepEqual(await textsOf(ada, pairId), []);
    assert.equal((await world.history.extent(pairId)).firstSeq, 3);
    const room = await world.room(pairId);
    assert.deepEqual(room.state.chat.recent, []);
    await room.execute(roomCommand(twinOf(ada, pairId), "chat.send", { key: "k3", text: "three" }, null));
    assert.deepEqual(await textsOf(bea, pairId), ["3 three"]);
  });

  it("[RT2] goes in slices, each with a row of history of its own, until nothing is too old; several at once do it once", async () => {
    const { ada, bea, pairId } = await world.twins();
    const busy = await world.room(pairId);
    const send = (key: string) => roomCommand(twinOf(ada, pairId), "chat.send", { key, text: "words" }, null);
    await Promise.all(Array.from({ length: 1100 }, (_, n) => busy.execute(send(`${n}`))));
    later(3);
    await world.talk(pairId, saying(ada, "young"));
    const before = await headOf(pairId);
    const sweeps = Array.from({ length: 3 }, () => retention(1).sweep());
    assert.ok((await Promise.all(sweeps)).some((pairs) => pairs >= 1));
    const { revision = 0, version = 0 } = before;
    assert.deepEqual(await headOf(pairId), {
      ...before,
      revision: revision + 3,
      version: version + 3,
      first_seq: 1101,
    });
    const rows = "select revision, seq, actor_id, key from journal where pair_id = $1 and type = 'history.trimmed'";
    assert.deepEqual(
      (await world.sql(`${rows} order by revision`, [pairId])).map(({ revision: of, ...row }) => [Number(of), row]),
      [1, 2, 3].map((n) => [revision + n, { seq: null, actor_id: null, key: null }]),
    );
    assert.deepEqual(await textsOf(bea, pairId), ["1101 young"]);
  });

  it("[RT3] a room that is open keeps its pair: it hears of it, refuses what is about them, and writes on", async () => {
    const { ada, bea, pairId } = await world.twins();
    const [old = ""] = await world.talk(pairId, saying(ada, "old"), saying(bea, "old too"));
    later(3);
    const told: RoomEvent[] = [];
    const room = await world.room(pairId, ({ event }) => void told.push(event));
    const say = (name: string, key: string, payload: object) =>
      room.execute(roomCommand(twinOf(ada, pairId), name, { key, ...payload }, null));
    await say("chat.send", "k1", { text: "young" });
    const { epoch } = room.head;
    await retention(1).sweep();
    assert.deepEqual(newsOf(pairId), [{ what: "history.trimmed", pairId }]);
    // Nobody told it: what it writes next does not get in, and it finds out by itself.
    const answer = await say("chat.send", "k2", { text: "younger" });
    assert.deepEqual([answer.seq, answer.duplicate], [4, false]);
    const trimmed = told.filter((event) => event.type === "history.trimmed");
    assert.deepEqual(
      trimmed.map(({ firstSeq }) => firstSeq),
      [3],
    );
    assert.deepEqual([room.head.epoch, room.head.firstSeq], [epoch, 3]);
    assert.deepEqual(
      room.state.chat.recent.map(({ seq }) => seq),
      [3, 4],
    );
    for (const [name, payload] of [
      ["chat.react", { emoji: "🙂", on: true }],
      ["chat.edit", { text: "changed" }],
      ["chat.delete", { for: "everyone" }],
      ["chat.pin", { on: true }],
    ] as const) {
      const refusal = await say(name, `k ${name}`, { messageId: old, ...payload }).catch((error) => error);
      assert.ok(refusal instanceof Refusal && refusal.code === "NOT_FOUND", name);
    }
    await assert.rejects(say("chat.send", "k3", { text: "an answer", replyTo: old }), { code: "NOT_FOUND" });
    assert.equal(
      (await world.sql("select status from pair_rooms where pair_id = $1", [pairId]))[0]?.["status"],
      "open",
    );
  });

  it("[RT3] a room that is told looks at once, though nobody says anything", async () => {
    const { ada, bea, pairId } = await world.twins();
    await world.talk(pairId, saying(ada, "old"), saying(bea, "old too"));
    later(3);
    const { promise, resolve } = Promise.withResolvers<RoomEvent>();
    const room = await world.room(pairId, ({ event }) => resolve(event));
    await retention(1).sweep();
    room.doubt();
    const event = await promise;
    assert.ok(event.type === "history.trimmed" && event.firstSeq === 3);
  });

  it("[RT3] nobody is told of a pair whose room is nowhere", async () => {
    const { ada, pairId } = await world.twins();
    await world.talk(pairId, saying(ada, "old"));
    await world.sql("update pair_rooms set owner = null, room_id = null where pair_id = $1", [pairId]);
    later(3);
    await retention(1).sweep();
    assert.deepEqual(newsOf(pairId), []);
  });

  it("[RT5] whoever syncs from before it starts over, and from after it does not", async () => {
    const { ada, bea, pairId } = await world.twins();
    await world.talk(pairId, saying(ada, "old"));
    later(3);
    await world.talk(pairId, saying(bea, "young"));
    const { version = 0 } = await headOf(pairId);
    const sync = (afterVersion: number) =>
      world.history.sync(twinOf(ada, pairId), { afterVersion, limit: 200, history: "line" });
    assert.equal((await sync(1)).reset, undefined);
    await retention(1).sweep();
    for (const from of [0, 1, version]) assert.equal((await sync(from)).reset, true, `from ${from}`);
    await world.talk(pairId, saying(ada, "younger"));
    const { messages, reset } = await sync(version + 1);
    assert.deepEqual([messages.length, reset], [1, undefined]);
  });

  it("[RT6] a command that was done is answered as it was, though what it did is gone", async () => {
    const { ada, pairId } = await world.twins();
    const command = roomCommand(twinOf(ada, pairId), "chat.send", { key: "kept key", text: "old" }, null);
    const first = await (await world.room(pairId)).execute(command);
    later(3);
    await retention(1).sweep();
    const again = await (await world.room(pairId)).execute(command);
    assert.deepEqual(again, { ...first, duplicate: true });
    assert.deepEqual(await textsOf(ada, pairId), []);
  });

  it("[RT7] what they bear goes with them, unless a younger one bears it too, and so do the words that made a moment", async () => {
    const { ada, bea, pairId } = await world.twins();
    const media = async (id: string) =>
      world.sql(
        `insert into media (id, owner_id, pair_id, purpose, status, content_type, bytes, stored_bytes, created_at, ready_at)
         values ($1, $2, $3, 'chat', 'ready', 'image/jpeg', 1, 1, now(), now())`,
        [id, ada.userId, pairId],
      );
    const [gone, again] = ["0196a000-0000-7000-8000-000000000001", "0196a000-0000-7000-8000-000000000002"];
    await media(gone);
    await media(again);
    const [one, two] = await world.talk(pairId, saying(ada, "twin telepathy"), saying(bea, "a picture"));
    later(3);
    const [young] = await world.talk(pairId, saying(ada, "again"));
    const bear = "update messages set media_id = $2 where pair_id = $1 and id = $3";
    await world.sql(bear, [pairId, gone, one]);
    await world.sql(bear, [pairId, again, two]);
    await world.sql(bear, [pairId, again, young]);
    const phrases = "select phrases from moments where pair_id = $1";
    assert.notDeepEqual((await world.sql(phrases, [pairId]))[0]?.["phrases"], []);
    await retention(1).sweep();
    const stands = await world.sql("select id, gone_at is not null as gone from media where pair_id = $1 order by id", [
      pairId,
    ]);
    assert.deepEqual(stands, [
      { id: gone, gone: true },
      { id: again, gone: false },
    ]);
    assert.deepEqual(await world.sql(phrases, [pairId]), [{ phrases: [] }]);
  });

  it("[RT2] every pair's, also of those who parted, however many there are", async () => {
    const pairs: PairId[] = [];
    for (let n = 0; n < 3; n++) {
      const { ada, pairId } = await world.twins();
      await world.talk(pairId, saying(ada, `old ${n}`));
      pairs.push(pairId);
      if (n === 2) await world.pairing.unpair(ada.caller);
    }
    later(3);
    await retention(1).sweep();
    const left = await world.sql("select count(*)::int as n from messages where pair_id = any($1::uuid[])", [pairs]);
    assert.deepEqual(left, [{ n: 0 }]);
  });
});
