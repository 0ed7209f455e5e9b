import assert from "node:assert/strict";
import { parse, Refusal } from "../../domain/refusal.ts";
import type { StaffCaller } from "../../domain/staff-permissions.ts";
import { DecideReport, ListReports, type ReportAction, ReportId } from "../../schema/wire/moderation.ts";
import { FileReport } from "../../schema/wire/twins.ts";
import { code } from "../support/accounts-world.ts";
import { StaffWorld } from "../support/staff-world.ts";

const HOUR_MS = 3_600_000;

describe("moderation", function () {
  this.timeout(30_000);
  let world: StaffWorld;
  let mo: StaffCaller;
  before(async () => {
    world = await StaffWorld.open();
  });
  after(() => world.close());
  beforeEach(async () => {
    world.onCommand = async () => undefined;
    await world.sql("update reports set status = 'decided', decided_at = 'epoch' where status = 'open'");
    mo = await world.signedInAs("moderator");
    world.people.outbox.sent.length = 0;
  });

  const queue = (form: object = {}, caller = mo) => world.moderation.list(caller, parse(ListReports, form));
  const decide = (id: string, action: ReportAction, caller = mo, note = "as the rules say") =>
    world.moderation.decide(caller, ReportId.parse(id), parse(DecideReport, { action, note }));
  const letters = () => world.people.outbox.sent.map(({ userId, message }) => [userId, message.letter.template]);
  const audited = (actorId: string) =>
    world.sql(
      "select action, subject_id, about_id, role, reason from audit_log where actor_id = $1 and action not like 'staff.sign%' order by action",
      [actorId],
    );

  it("[MQ1] the queue is what is open, the oldest first, with the messages as they were and the time left of 24 hours", async () => {
    const [one, other] = [await world.quarrel(), await world.quarrel()];
    const first = await world.report(one.ada, { messageIds: one.ids.slice(1, 3), details: "every day" });
    world.clock.advance(HOUR_MS);
    const second = await world.report(other.ada);
    await world.people.talk(one.pairId, [one.bea, "chat.edit", { messageId: one.ids[1], text: "have a nice day" }]);
    const { items, nextCursor } = await queue();
    assert.deepEqual([items.map(({ id }) => id), nextCursor], [[first.id, second.id], null]);
    const [seen] = items;
    assert.deepEqual(
      [seen?.reporterId, seen?.reportedId, seen?.details, seen?.messages?.map(({ text }) => text), seen?.secondsLeft],
      [one.ada.userId, one.bea.userId, "every day", ["go away", "or else"], (23 * HOUR_MS) / 1000],
    );
    world.clock.advance(24 * HOUR_MS);
    assert.equal((await queue()).items[0]?.secondsLeft, -HOUR_MS / 1000);
  });

  it("[MQ1] is read page by page, each report once, whatever is decided meanwhile", async () => {
    const { ada, ids } = await world.quarrel();
    const filed: string[] = [];
    for (const id of ids) filed.push((await world.report(ada, { messageIds: [id] })).id);
    const first = await queue({ limit: "2" });
    const [gone] = first.items;
    assert.ok(gone);
    await decide(gone.id, "dismiss");
    const second = await queue({ limit: "2", cursor: first.nextCursor });
    assert.deepEqual([...first.items, ...second.items].map(({ id }) => id).toSorted(), filed.toSorted());
    assert.equal(second.nextCursor, null);
    const decided = await queue({ status: "decided", limit: "1" });
    assert.deepEqual([decided.items[0]?.id, decided.items[0]?.decision], [gone.id, "dismiss"]);
  });

  it("[MQ2] what is told again joins what is open of the same, and waits no longer for it", async () => {
    const { ada, bea, ids } = await world.quarrel();
    const first = await world.report(ada, { messageIds: [ids[1]] });
    world.clock.advance(HOUR_MS);
    const again = { messageIds: [ids[1], ids[2]], reason: "threat", details: "and now this" };
    const second = await world.report(ada, again);
    await world.report(ada, { details: "it goes on" });
    await world.report(ada, { details: "and on" });
    const [seen, words, ...more] = (await queue()).items;
    assert.deepEqual([seen?.times, seen?.reason, seen?.messages?.length], [2, "harassment", 2]);
    assert.deepEqual(
      seen?.further.map(({ reason, details }) => [reason, details]),
      [["threat", "and now this"]],
    );
    assert.equal(seen?.secondsLeft, (23 * HOUR_MS) / 1000);
    assert.deepEqual([words?.times, more], [2, []]);
    assert.notEqual((await world.report(bea, { messageIds: [ids[1]] })).id, first.id);
    await assert.rejects(decide(second.id, "dismiss"), code("NOT_FOUND"));
    await decide(first.id, "dismiss");
    const statuses = await world.sql("select status, decision from reports where id = any ($1)", [
      [first.id, second.id],
    ]);
    assert.deepEqual(
      new Set(statuses.map(({ status, decision }) => `${status} ${decision}`)),
      new Set(["decided dismiss"]),
    );
    const later = await world.report(ada, { messageIds: [ids[1]] });
    assert.ok((await queue()).items.some(({ id }) => id === later.id));
  });

  it("[MQ2] of many at once there is one to decide", async () => {
    const { ada, ids } = await world.quarrel();
    const tell = (_: unknown, n: number) => world.report(ada, { messageIds: [ids[2]], details: `for the ${n}th time` });
    await Promise.all(Array.from({ length: 30 }, tell));
    const [only, ...more] = (await queue()).items;
    assert.deepEqual([only?.times, only?.further.length, more], [30, 20, []]);
  });

  it("[MQ2] of 10,000 reports by one person twenty are taken in an hour, the others refused, and there is one to decide", async () => {
    const { ada, ids } = await world.quarrel();
    const told = { refused: 0, taken: 0 };
    const tell = async (n: number) => {
      const form = parse(FileReport, { reason: "spam", messageIds: [ids[2]], details: `for the ${n}th time` });
      await world.limitedReports.file(ada.caller, form).then(
        () => told.taken++,
        (error) => {
          assert.equal(error.code, "RATE_LIMIT_EXCEEDED");
          told.refused++;
        },
      );
    };
    for (let n = 0; n < 10_000; n += 100) await Promise.all(Array.from({ length: 100 }, (_, more) => tell(n + more)));
    assert.deepEqual(told, { refused: 9_980, taken: 20 });
    const [only, ...more] = (await queue()).items;
    assert.deepEqual([only?.times, more], [20, []]);
  });

  it("[MQ3] a warning, a dismissal and a suspension are told in neutral words, and who reported is named in none", async () => {
    for (const [action, told] of [
      ["dismiss", (ada: string) => [[ada, "report_answered"]]],
      [
        "warn",
        (ada: string, bea: string) => [
          [ada, "report_answered"],
          [bea, "report_warning"],
        ],
      ],
      [
        "suspend",
        (ada: string, bea: string) => [
          [bea, "account_suspended"],
          [ada, "report_answered"],
        ],
      ],
    ] as const) {
      const { ada, bea, ids } = await world.quarrel();
      const { id } = await world.report(ada, { messageIds: [ids[1]] });
      world.people.outbox.sent.length = 0;
      const decided = await decide(id, action);
      assert.deepEqual([decided.id, decided.status, decided.decision], [id, "decided", action]);
      assert.deepEqual(letters(), told(ada.userId, bea.userId));
      const toBea = world.people.outbox.sent.filter(({ userId }) => userId === bea.userId);
      assert.doesNotMatch(JSON.stringify(toBea), /Ada|go away/);
    }
  });

  it("[MQ4] a message is removed through the pair's room, for both, and nothing of it is left but its place", async () => {
    const { ada, bea, pairId, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: ids });
    world.people.outbox.sent.length = 0;
    await decide(id, "remove_message");
    for (const reader of [ada, bea]) {
      const { messages } = await world.people.history.page(
        { userId: reader.userId, pairId },
        { afterSeq: 0, limit: 10 },
      );
      const words = messages.map((message) => ("text" in message ? message.text : "hidden"));
      assert.deepEqual(words, ["what is it?", null, null, "please stop"]);
    }
    assert.deepEqual(letters(), [
      [ada.userId, "message_removed"],
      [bea.userId, "message_removed"],
    ]);
  });

  it("[MQ4] so it is after the pair has ended, and when the words went some other way meanwhile", async () => {
    const { ada, bea, pairId, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: ids.slice(1, 3) });
    await world.people.talk(pairId, [bea, "chat.delete", { messageId: ids[1], for: "everyone" }]);
    await world.people.pairing.unpair(ada.caller);
    assert.equal((await decide(id, "remove_message")).decision, "remove_message");
    const { messages } = await world.people.history.page({ userId: ada.userId, pairId }, { afterSeq: 0, limit: 10 });
    assert.ok(messages.slice(1, 3).every((message) => "deletedAt" in message && message.deletedAt !== null));
  });

  it("[MQ4] a room that cannot be reached leaves the report open, and trying again removes it once", async () => {
    const { ada, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: ids.slice(1, 3) });
    let commands = 0;
    world.onCommand = async () => {
      if (++commands === 2) throw new Refusal("UNAVAILABLE", "not now");
    };
    await assert.rejects(decide(id, "remove_message"), code("UNAVAILABLE"));
    const [open] = (await queue()).items;
    assert.deepEqual([open?.id, open?.status, open?.heldBy], [id, "open", null]);
    const other = await world.signedInAs("moderator");
    await decide(id, "remove_message", other);
    assert.deepEqual((await queue()).items, []);
  });

  it("[MQ4] a report that names no message of theirs has none to remove", async () => {
    const { ada, ids } = await world.quarrel();
    for (const form of [{}, { messageIds: [ids[0]] }]) {
      const { id } = await world.report(ada, form);
      await assert.rejects(decide(id, "remove_message"), code("CONFLICT"));
      await decide(id, "dismiss");
    }
  });

  it("[MQ5] of two who decide at once one does, and the other hears of it", async () => {
    const other = await world.signedInAs("moderator");
    for (const [one, two] of [
      ["dismiss", "warn"],
      ["suspend", "suspend"],
      ["remove_message", "dismiss"],
    ] as const) {
      const { ada, bea, ids } = await world.quarrel();
      const { id } = await world.report(ada, { messageIds: [ids[1]] });
      world.people.outbox.sent.length = 0;
      const tries = await Promise.allSettled([decide(id, one), decide(id, two, other)]);
      const lost = tries.filter((tried) => tried.status === "rejected");
      assert.deepEqual(
        lost.map(({ reason }) => reason.code),
        ["CONFLICT"],
      );
      await assert.rejects(decide(id, "dismiss", mo, "another thought"), code("CONFLICT"));
      assert.equal(letters().filter(([userId]) => userId === ada.userId).length, 1);
      assert.ok(letters().filter(([userId]) => userId === bea.userId).length <= 1);
    }
  });

  it("[MQ5] whoever is at it has it for half a minute, and the same said again by the same person is answered the same", async () => {
    const other = await world.signedInAs("moderator");
    const { ada, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: [ids[1]] });
    world.onCommand = async () => {
      await assert.rejects(decide(id, "dismiss", other), code("CONFLICT"));
      world.clock.advance(31_000);
      world.onCommand = async () => undefined;
      await decide(id, "dismiss", other);
    };
    await assert.rejects(decide(id, "remove_message"), code("CONFLICT"));
    assert.deepEqual(await decide(id, "dismiss", other), await decide(id, "dismiss", other));
  });

  it("[MQ6] every report that is read, and all that is decided, is noted with who, as what and why; looking again is not", async () => {
    const { ada, bea, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: [ids[1]] });
    world.clock.advance(1);
    await queue();
    await queue();
    await decide(id, "warn");
    const by = { about_id: id, role: "moderator" };
    const why = { reason: "to answer a report" };
    assert.deepEqual(await audited(mo.userId), [
      { action: "staff.own_report_read", subject_id: ada.userId, ...by, ...why },
      { action: "staff.person_warned", subject_id: bea.userId, ...by, reason: "after a report" },
      { action: "staff.report_decided", subject_id: bea.userId, ...by, reason: "warn: as the rules say" },
      { action: "staff.report_read", subject_id: bea.userId, ...by, ...why },
    ]);
  });

  it("[MQ7] support decides nothing, nobody decides what is about themselves, and those who work here are not suspended", async () => {
    const { ada, bea, ids } = await world.quarrel();
    const { id } = await world.report(ada, { messageIds: [ids[1]] });
    const support = await world.signedInAs("support");
    assert.throws(() => queue({}, support), code("FORBIDDEN"));
    await assert.rejects(decide(id, "dismiss", support), code("FORBIDDEN"));
    for (const party of [ada, bea]) {
      const own = { ...mo, userId: party.userId };
      await assert.rejects(decide(id, "dismiss", own), code("FORBIDDEN"));
    }
    await world.roster.grant(bea.email, { role: "support", studyId: null });
    await assert.rejects(decide(id, "suspend"), code("FORBIDDEN"));
    await assert.rejects(decide(crypto.randomUUID(), "dismiss"), code("NOT_FOUND"));
    assert.equal((await queue()).items.length, 1);
  });
});
