import assert from "node:assert/strict";
import { parse } from "../../domain/refusal.ts";
import { type RoomEvent, type RoomFact, roomCommand, roomRules } from "../../domain/room/rules.ts";
import { Committer } from "../../rooms/durable/committer.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import { SendMessage } from "../../schema/wire/chat.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import { databaseClaims } from "../../server/adapters/database/claims.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { chance } from "../../server/chance.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { ada, bea, pair, plainSeal } from "../support/twins.ts";

describe("pushes that are due", () => {
  let opened: TemporaryDatabase;
  let pairs = 500;
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened.close());

  /** A room of its own pair, on PostgreSQL; whoever did not send is to be told, unless nobody is. */
  async function room(isTold = true) {
    const pairId: PairId = pair(++pairs);
    await opened.pool.query("insert into pair_rooms (pair_id) values ($1)", [pairId]);
    const epoch = await databaseClaims(opened.pool).claim(pairId, 0, "test");
    assert.ok(epoch !== undefined);
    const journal = databaseJournal(opened.pool, opened.commits);
    const rules = roomRules({ now: Date.now, ...chance, ...plainSeal });
    const committer = new Committer<RoomEvent, RoomFact>({ journal, report: (error) => assert.fail(String(error)) });
    const due = (event: RoomEvent) =>
      isTold && event.type === "chat.message_sent"
        ? { to: event.sender === ada ? bea : ada, at: event.at + 15_000 }
        : undefined;
    const durable = await DurableRoom.open({
      ...{ pairId, epoch, rules, journal, committer, due },
      ...{ announce: () => undefined, superseded: () => undefined },
    });
    let keys = 0;
    const command = (name: string, payload: object, by: UserId = ada) =>
      durable.execute(roomCommand({ userId: by, pairId }, name, { key: `k${++keys}`, ...payload }, null));
    const rows = async () =>
      (
        await opened.pool.query("select revision, user_id, due_at from push_due where pair_id = $1 order by revision", [
          pairId,
        ])
      ).rows;
    return { pairId, command, rows };
  }

  it("[PU7] are written with the message, and for nobody else and nothing else", async () => {
    const { command, rows } = await room();
    const sent = await command("chat.send", parse(SendMessage, { text: "are you awake?" }));
    await command("chat.edit", { messageId: sent.id, text: "are you up?" });
    await command("chat.send", parse(SendMessage, { text: "yes" }), bea);
    const due = await rows();
    assert.deepEqual(
      due.map(({ revision, user_id }) => [revision, user_id]),
      [
        [1, bea],
        [3, ada],
      ],
    );
    assert.equal(due[0].due_at.getTime(), sent.at + 15_000);
  });

  it("[PU7] of a hundred at once, each is due once, also beside changes in the same write", async () => {
    const { command, rows } = await room();
    const first = await command("chat.send", parse(SendMessage, { text: "first" }));
    await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        n % 3 === 0
          ? command("chat.react", { messageId: first.id, emoji: "🙂", on: n % 2 === 0 })
          : command("chat.send", parse(SendMessage, { text: `word ${n}` })),
      ),
    );
    assert.equal((await rows()).length, 1 + 66);
  });

  it("[PU7] where nobody's phone could ring, nothing is written", async () => {
    const { command, rows } = await room(false);
    await command("chat.send", parse(SendMessage, { text: "are you awake?" }));
    assert.deepEqual(await rows(), []);
  });

  it("[PU7] what did not get in is due to nobody", async () => {
    const { pairId, command, rows } = await room();
    await opened.pool.query("update pair_rooms set epoch = epoch + 1 where pair_id = $1", [pairId]);
    await assert.rejects(command("chat.send", parse(SendMessage, { text: "too late" })));
    assert.deepEqual(await rows(), []);
  });
});
