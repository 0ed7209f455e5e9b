import assert from "node:assert/strict";
import { LIMITS } from "../../domain/limits.ts";
import { parse } from "../../domain/refusal.ts";
import { reports } from "../../domain/reports.ts";
import type { Message } from "../../domain/room/message.ts";
import { MessageId, type PairId } from "../../schema/wire/ids.ts";
import { FileReport } from "../../schema/wire/twins.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { chance } from "../../server/chance.ts";
import { code, noon } from "../support/accounts-world.ts";
import { PairingWorld } from "../support/pairing-world.ts";

const DAY_MS = 86_400_000;

describe("reports", () => {
  let world: PairingWorld;
  before(async () => {
    world = await PairingWorld.open();
  });
  after(() => world.close());

  const messageOf = (senderId: Message["senderId"], more: Partial<Message> = {}): Message => ({
    ...{
      id: MessageId.parse(chance.newId(noon)),
      seq: 1,
      version: 1,
      key: "k",
      senderId,
      type: "text",
      text: "go away",
    },
    ...{ encrypted: null, mediaId: null, location: null, replyTo: null, reactions: [], hides: [], pinned: false },
    ...{ sentAt: noon, editedAt: null, deletedAt: null, salt: null, ...more },
  });

  async function pairOf(...of: ((bea: Message["senderId"]) => Message)[]) {
    const [ada, bea] = await world.people(2);
    assert.ok(ada && bea);
    const pairId = await world.pairUp(ada, bea);
    const messages = of.map((make) => make(bea.userId));
    const { clock, opened } = world;
    const messagesOf = async (pair: PairId, ids: readonly MessageId[]) =>
      messages.filter(({ id }) => pair === pairId && ids.includes(id));
    const filing = reports({ database: opened.database, clock, chance, limits: memoryLimits(LIMITS), messagesOf });
    return { ada, bea, pairId, messages, filing };
  }

  const rowOf = async (id: string) => (await world.sql("select * from reports where id = $1", [id]))[0];
  const file = (form: object) => parse(FileReport, { reason: "harassment", ...form });

  it("[RP1] keep the messages as they are then, for ninety days, and of ciphers only that they are", async () => {
    const { ada, bea, pairId, messages, filing } = await pairOf(messageOf, (by) =>
      messageOf(by, { text: null, encrypted: "cipher of words" }),
    );
    const messageIds = messages.map(({ id }) => id);
    const { id, status } = await filing.file(ada, file({ messageIds, details: "every day" }));
    assert.equal(status, "open");
    const row = await rowOf(id);
    assert.deepEqual([row?.["reported_id"], row?.["pair_id"], row?.["details"]], [bea.userId, pairId, "every day"]);
    const kept = JSON.stringify(row?.["messages"]);
    assert.ok(
      kept.includes("go away") &&
        kept.includes('"isEncrypted": true'.replace(": ", ":")) &&
        !kept.includes("cipher of words"),
    );
    world.clock.advance(90 * DAY_MS + 1);
    await filing.sweep();
    const old = await rowOf(id);
    assert.deepEqual([old?.["messages"], old?.["details"]], [null, null]);
  });

  it("[RP2] of messages of another pair are not taken, and nothing is kept then", async () => {
    const { ada, filing } = await pairOf(messageOf);
    const before = (await world.sql("select from reports")).length;
    const stranger = [MessageId.parse(chance.newId(noon))];
    await assert.rejects(filing.file(ada, file({ messageIds: stranger })), code("NOT_FOUND"));
    await assert.rejects(filing.file(ada, file({ pairId: crypto.randomUUID() })), code("NOT_FOUND"));
    assert.equal((await world.sql("select from reports")).length, before);
  });

  it("[RP2] are about the present twin, or the last one; or whom the messages or their pair name", async () => {
    const { ada, bea, pairId, messages, filing } = await pairOf(messageOf);
    const about = async (form: object) => (await rowOf((await filing.file(ada, file(form))).id))?.["reported_id"];
    assert.equal(await about({}), bea.userId);
    await world.blocks.block(ada);
    assert.equal(await about({ details: "after I blocked them" }), bea.userId);
    const cleo = await world.person("Cleo");
    await world.pairUp(ada, cleo);
    assert.equal(await about({ reason: "spam" }), cleo.userId);
    assert.equal(await about({ reason: "threat", messageIds: messages.map(({ id }) => id) }), bea.userId);
    assert.equal(await about({ reason: "threat", pairId }), bea.userId);
    await assert.rejects(filing.file(await world.person(), file({})), code("NOT_PAIRED"));
  });

  it("[RP1] the same again within a day are one; whatever is new is another", async () => {
    const { ada, messages, filing } = await pairOf(messageOf, messageOf);
    const [one, two] = messages.map(({ id }) => id);
    const form = { messageIds: [one], details: "every day" };
    const twice = await Promise.all([filing.file(ada, file(form)), filing.file(ada, file(form))]);
    assert.equal(twice[0].id, twice[1].id);
    const ids = new Set([twice[0].id]);
    for (const other of [{ messageIds: [one, two] }, { details: "and night" }, { details: null }, { reason: "threat" }])
      ids.add((await filing.file(ada, file({ ...form, ...other }))).id);
    world.clock.advance(DAY_MS);
    ids.add((await filing.file(ada, file(form))).id);
    assert.equal(ids.size, 6);
  });

  it("[RP2] say what they are about, in so many words and no more", () => {
    for (const bad of [
      { reason: "because" },
      { details: "x".repeat(2001) },
      { messageIds: ["x"] },
      { reporterId: crypto.randomUUID() },
      { messageIds: Array.from({ length: 51 }, () => crypto.randomUUID()) },
    ])
      assert.throws(() => file(bad), code("VALIDATION_ERROR"));
  });
});
