import assert from "node:assert/strict";
import {
  isMessage,
  isTwintuition,
  type RoomCommand,
  type RoomEvent,
  type RoomFact,
  roomRules,
} from "../../domain/room/rules.ts";
import { Committer } from "../../rooms/durable/committer.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import { type Append, type Due, type Journal, NotDone, Poison } from "../../rooms/durable/journal.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import { ada, bea, commandOf, countingChance, pair } from "../support/twins.ts";

/** A journal, and what happens to its pairs outside of it. */
export interface OpenJournal {
  readonly journal: Journal<RoomEvent, RoomFact>;
  /** Makes the caller the pair's owner, under an epoch nobody had. */
  claim(pairId: PairId): Promise<number>;
  /** The two part. */
  close(pairId: PairId): Promise<void>;
  /** Who is to be told of which rows, in their order. */
  dues(pairId: PairId): Promise<readonly Due[]>;
}

/** What every journal promises (docs/spec.md, JO), written as rooms use it. `open` gives one with no pair in it. */
export function journalContract(name: string, open: () => Promise<OpenJournal>): void {
  describe(`the journal in ${name}`, () => {
    const chance = countingChance();
    let opened: OpenJournal;
    let pairs = 0;
    before(async () => {
      opened = await open();
    });

    const rules = roomRules({ now: Date.now, ...chance });
    const newPair = () => pair(++pairs);

    async function openRoom(pairId: PairId, journal = opened.journal) {
      const epoch = await opened.claim(pairId);
      const committer = new Committer({ journal, report: () => undefined });
      const heard: (number | string)[] = [];
      const announce = ({ revision }: { revision: number }) => void heard.push(revision);
      const superseded = (isClosed: boolean) => void heard.push(isClosed ? "closed" : "moved");
      const due = ({ type, at }: RoomEvent) =>
        type === "chat.message_sent" ? { to: bea, at: at + 15_000 } : undefined;
      const room = await DurableRoom.open({ pairId, epoch, rules, journal, committer, announce, due, superseded });
      return { room, heard };
    }
    const say = (key: string, text = key): RoomCommand => commandOf(ada, "chat.send", key, { text });
    const failure = (why: string) => (error: unknown) => error instanceof NotDone && error.why === why;

    it("[JO1] gives back what was written: final states, oldest first", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const first = await room.execute(say("a"));
      const change = { messageId: first.id };
      await Promise.all([
        room.execute(commandOf(bea, "chat.react", "r", { ...change, emoji: "🙂", on: true })),
        room.execute(commandOf(ada, "chat.edit", "e", { ...change, text: "better" })),
        room.execute(commandOf(bea, "chat.delete", "d", { ...change, for: "me" })),
        room.execute(say("b")),
        room.execute(commandOf(ada, "chat.pin", "p", { ...change, on: true })),
      ]);
      const { head, facts } = await opened.journal.newest(pairId);
      assert.deepEqual(facts, room.state.chat.recent);
      const told = facts.map(({ text, pinned, hides }) => [text, pinned, hides.map(({ userId }) => userId)]);
      assert.deepEqual(told, [
        ["better", true, [bea]],
        ["b", false, []],
      ]);
      const { epoch, revision, version, lastSeq, lastId } = head;
      assert.deepEqual([epoch, revision, version, lastSeq, lastId], [1, 6, 6, 2, facts[1]?.id]);
      assert.deepEqual(await opened.journal.facts(pairId, [first.id]), facts.slice(0, 1));
    });

    it("[JO2] gives every kind of body back as it came", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const encrypted = { z: 1, a: ["ü", { deep: null }], "2": true };
      const bodies = [
        { text: "cafe\u0301 \u202eright to left 👨‍👩‍👧‍👦 \\ \" ' {},NULL" },
        { encrypted: "  opaque, not trimmed  " },
        { encrypted },
        { type: "location", location: { lat: -33.86, lon: 151.21, label: 'the {old}, "pier"' } },
        { type: "emoji", text: "❤️" },
      ];
      await Promise.all(bodies.map((body, n) => room.execute(commandOf(ada, "chat.send", `b${n}`, body))));
      const { facts } = await opened.journal.newest(pairId);
      assert.deepEqual(facts, room.state.chat.recent);
      assert.equal(facts[0]?.text, bodies[0]?.text);
      assert.equal(facts[1]?.encrypted, bodies[1]?.encrypted);
      assert.equal(JSON.stringify(facts[2]?.encrypted), JSON.stringify(encrypted));
    });

    it("[JO3] opens with the newest fifty of many, and finds the others by id", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const sent = await Promise.all(Array.from({ length: 120 }, (_, n) => room.execute(say(`m${n}`))));
      const { facts } = await opened.journal.newest(pairId);
      assert.deepEqual(
        facts.filter(isMessage).map(({ seq }) => seq),
        Array.from({ length: 50 }, (_, n) => 71 + n),
      );
      const again = await openRoom(pairId);
      const edit = commandOf(ada, "chat.edit", "e", { messageId: sent[2]?.id, text: "old and new" });
      assert.equal((await again.room.execute(edit)).version, 121);
    });

    it("[JO4] of writers racing for one revision exactly one wins, and the others leave nothing behind", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const append = appendFor(room.head.epoch, pairId);
      const races = await Promise.all(Array.from({ length: 8 }, (_, n) => opened.journal.append([append(`${n}`)])));
      assert.equal(races.filter((won) => won.has(pairId)).length, 1);
      assert.equal((await opened.journal.newest(pairId)).facts.length, 1);
    });

    it("[P4] an append under another epoch is left out, and its neighbours go through", async () => {
      const [mine, lost] = [newPair(), newPair()];
      const append = appendFor(await opened.claim(mine), mine);
      const late = appendFor(await opened.claim(lost), lost);
      await opened.claim(lost);
      assert.deepEqual(await opened.journal.append([late("late"), append("in time")]), new Set([mine]));
      assert.equal((await opened.journal.newest(lost)).facts.length, 0);
    });

    it("[P2] a command is known for ever: the same answer again, another body is refused", async () => {
      const pairId = newPair();
      const first = await (await openRoom(pairId)).room.execute(say("k", "once"));
      const { room } = await openRoom(pairId);
      assert.deepEqual(await room.execute(say("k", "once")), { ...first, duplicate: true });
      await assert.rejects(room.execute(say("k", "twice")), failure("reused"));
      assert.equal((await room.execute(say("next"))).seq, 2);
    });

    it("[P2] the same key of the other twin is another command", async () => {
      const { room } = await openRoom(newPair());
      await room.execute(say("k"));
      assert.equal((await room.execute(commandOf(bea, "chat.send", "k", { text: "mine" }))).seq, 2);
    });

    it("[P2] a command that changed nothing is known too, though it would change something now", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const { id: messageId } = await room.execute(say("a"));
      const react = (key: string, on: boolean) => commandOf(bea, "chat.react", key, { messageId, emoji: "🙂", on });
      const nothing = await room.execute(react("off", false));
      await room.execute(react("on", true));
      const again = await openRoom(pairId);
      assert.deepEqual(await again.room.execute(react("off", false)), { ...nothing, duplicate: true });
      const { facts } = await opened.journal.newest(pairId);
      assert.deepEqual(
        facts.filter(isMessage).map(({ reactions }) => reactions.length),
        [1],
      );
    });

    it("[P2] once the words are gone, the key alone decides", async () => {
      const pairId = newPair();
      const first = await (await openRoom(pairId)).room.execute(say("k", "secret"));
      const takeBack = commandOf(ada, "chat.delete", "d", { messageId: first.id, for: "everyone" });
      await (await openRoom(pairId)).room.execute(takeBack);
      const { room } = await openRoom(pairId);
      assert.deepEqual(await room.execute(say("k", "guess")), { ...first, duplicate: true });
    });

    it("[P5] a write whose answer was lost is found, announced once and answered", async () => {
      const { room, heard } = await openRoom(newPair(), losingFirstReply(opened.journal));
      const answers = await Promise.all([room.execute(say("a")), room.execute(say("b"))]);
      assert.deepEqual(
        answers.map(({ seq }) => seq),
        [1, 2],
      );
      assert.deepEqual(heard, [1, 3]);
    });

    it("[PU7] [P5] whom a push is due to is written with its row, whatever became of the answer, and with no other", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId, losingFirstReply(opened.journal));
      const sent = await room.execute(say("a"));
      await room.execute(commandOf(bea, "chat.react", "r", { messageId: sent.id, emoji: "🙂", on: true }));
      await room.execute(say("a"));
      const [due, ...more] = await opened.dues(pairId);
      assert.deepEqual([due, more], [{ revision: 1, to: bea, at: sent.at + 15_000 }, []]);
    });

    it("[PU7] [P4] of writers racing for one revision, only the one that wins tells anybody", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const append = appendFor(room.head.epoch, pairId);
      const told = (n: number) => ({ ...append(`${n}`), dues: [{ revision: 1, to: bea, at: 1000 * n }] });
      await Promise.all(Array.from({ length: 8 }, (_, n) => opened.journal.append([told(n)])));
      assert.equal((await opened.dues(pairId)).length, 1);
    });

    const felt = async (pairId: PairId) => (await opened.journal.newest(pairId)).facts.filter(isTwintuition);
    const press = (actor: UserId, key: string, feeling: string) =>
      commandOf(actor, "twintuition.press", key, { feeling });

    it("[JO9] [TW7] presses, alerts and moments come back as they were written, and what is open meets the next room's", async () => {
      const pairId = newPair();
      const { room } = await openRoom(pairId);
      const old = await room.execute(say("old"));
      const alert = { kind: "action", text: 'a "hug", {now} \\', intensity: 3 };
      // All in one append, with a changed message and one that is due.
      await Promise.all([
        room.execute(say("first of many")),
        room.execute(press(ada, "p", "joy")),
        room.execute(commandOf(ada, "chat.edit", "e", { messageId: old.id, text: "older" })),
        room.execute(commandOf(bea, "twintuition.alert", "a", alert)),
        room.execute(say("t", "telepathy, you read my mind")),
      ]);
      const { presses, alerts, latest } = room.state.twintuition;
      assert.deepEqual([presses.length, alerts[0]?.text, latest?.number], [1, alert.text, 1]);
      const inOrder = (facts: readonly { id: string }[]) => facts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      assert.deepEqual(inOrder(await felt(pairId)), inOrder([...presses, ...alerts, ...(latest ? [latest] : [])]));

      const again = (await openRoom(pairId)).room;
      assert.deepEqual(again.state.twintuition, room.state.twintuition);
      await again.execute(press(bea, "q", "joy"));
      const moment = again.state.twintuition.latest;
      assert.deepEqual(moment?.feelings, [
        { userId: ada, feeling: "joy" },
        { userId: bea, feeling: "joy" },
      ]);
      assert.deepEqual((await openRoom(pairId)).room.state.twintuition, { presses: [], alerts, latest: moment });
    });

    it("[TW2] [P5] a match whose answer was lost is found, announced once, and not made again", async () => {
      const pairId = newPair();
      await (await openRoom(pairId)).room.execute(press(ada, "p", "joy"));
      const { room, heard } = await openRoom(pairId, losingFirstReply(opened.journal));
      const matched = await room.execute(press(bea, "q", "calm"));
      assert.equal(matched.version, 0);
      assert.deepEqual(heard, [2, 3]);
      const { twintuition } = room.state;
      assert.deepEqual([twintuition.presses, twintuition.latest?.number], [[], 1]);
      assert.equal(room.head.version, 1);
      const again = await (await openRoom(pairId)).room.execute(press(bea, "q", "calm"));
      assert.deepEqual(again, { ...matched, duplicate: true });
      assert.equal((await felt(pairId)).length, 1);
    });

    it("[TW8] a press under a known key is a repeat, and another word under it is another press", async () => {
      const pairId = newPair();
      const first = await (await openRoom(pairId)).room.execute(press(ada, "p", "joy"));
      const { room } = await openRoom(pairId);
      assert.deepEqual(await room.execute(press(ada, "p", "joy")), { ...first, duplicate: true });
      await assert.rejects(room.execute(press(ada, "p", "fear")), failure("reused"));
    });

    it("[P4] a room that lost its pair steps down, and answers nothing by itself", async () => {
      const pairId = newPair();
      const { room, heard } = await openRoom(pairId);
      await openRoom(pairId);
      await assert.rejects(room.execute(say("late")), failure("unavailable"));
      await assert.rejects(room.execute(say("later")), failure("unavailable"));
      assert.deepEqual(heard, ["moved"]);
    });

    it("[JO5] a room whose pair was closed learns so, and its successor takes only what may still be done", async () => {
      const pairId = newPair();
      const { room, heard } = await openRoom(pairId);
      const { id: messageId } = await room.execute(say("a"));
      await opened.close(pairId);
      await assert.rejects(room.execute(say("late")), failure("unavailable"));
      assert.deepEqual(heard, [1, "closed"]);
      const after = await openRoom(pairId);
      await assert.rejects(after.room.execute(say("later")), { name: "Refusal", code: "GONE" });
      const takeBack = commandOf(ada, "chat.delete", "d", { messageId, for: "everyone" });
      assert.equal((await after.room.execute(takeBack)).version, 2);
    });

    it("[JO6] rows that cannot be written are Poison, and none of the batch is", async () => {
      const [good, bad] = [newPair(), newPair()];
      const [goodEpoch, badEpoch] = [await opened.claim(good), await opened.claim(bad)];
      const poisoned = appendFor(badEpoch, bad)("p");
      const facts = poisoned.facts.map((fact) => ({ ...fact, text: "a NUL \0 inside" }));
      const batch = [appendFor(goodEpoch, good)("g"), { ...poisoned, facts }];
      await assert.rejects(opened.journal.append(batch), Poison);
      assert.equal((await opened.journal.newest(good)).head.revision, 0);
    });

    /** Builds an append of one message, as a room of that epoch would for an empty pair. */
    function appendFor(epoch: number, pairId: PairId): (key: string) => Append<RoomEvent, RoomFact> {
      const expected = { epoch, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };
      const empty = rules.open(expected, []);
      return (key) => {
        const [event] = rules.decide(empty, say(key));
        const entry = { revision: 1, version: 1, seq: 1, event, ask: say(key) };
        const facts = rules.touched(rules.evolve(empty, entry), entry).map(([, fact]) => fact);
        const next = { ...expected, revision: 1, version: 1, lastSeq: 1, lastId: event.id };
        return { pairId, expected, next, entries: [entry], facts, dues: [] };
      };
    }
  });
}

function losingFirstReply(journal: Journal<RoomEvent, RoomFact>): Journal<RoomEvent, RoomFact> {
  let isLost = false;
  return {
    newest: (pairId) => journal.newest(pairId),
    fence: (pairId, epoch, revision) => journal.fence(pairId, epoch, revision),
    recall: (pairId, asks) => journal.recall(pairId, asks),
    facts: (pairId, ids) => journal.facts(pairId, ids),
    async append(appends) {
      const written = await journal.append(appends);
      if (isLost) return written;
      isLost = true;
      throw new Error("connection lost");
    },
  };
}
