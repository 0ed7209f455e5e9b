import assert from "node:assert/strict";
import { agreedBy } from "../../domain/room/agreed.ts";
import { dayOfPair } from "../../domain/room/pair-day.ts";
import { type RoomEvent, type RoomFact, roomRules } from "../../domain/room/rules.ts";
import { momentsOn, momentsTotal } from "../../domain/room/twintuition-history.ts";
import { secrets } from "../../domain/secrets.ts";
import { twintuition } from "../../domain/twintuition.ts";
import { Committer } from "../../rooms/durable/committer.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import { databaseClaims } from "../../server/adapters/database/claims.ts";
import { databaseJournal } from "../../server/adapters/database/journal.ts";
import { databaseTwintuition } from "../../server/adapters/database/twintuition-archive.ts";
import { chance } from "../../server/chance.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";
import { ada, bea, commandOf, notBegun, pair, plainSeal } from "../support/twins.ts";

const DAY_MS = 86_400_000;

describe("what was felt, in PostgreSQL", () => {
  let opened: TemporaryDatabase;
  let now = 0;
  let pairs = 0;
  before(async () => {
    opened = await temporaryDatabase();
    await opened.pool.query("select make_message_months('2026-01-01', 24)");
    for (const [n, id] of [ada, bea].entries())
      await opened.pool.query(
        `insert into users (id, email, email_key, password_hash, name, created_at, updated_at)
         values ($1, $2, $2, '', 'A', now(), now())`,
        [id, `${n}@example.org`],
      );
  });
  after(() => opened?.close());

  const archive = () => databaseTwintuition(opened.pool);

  /** A pair whose two live there: its room, opened anew each time, and its figures. */
  async function twins(zones: readonly [string, string] = ["UTC", "UTC"], pairedAt = "2026-01-01") {
    const pairId = pair(++pairs);
    await opened.pool.query("delete from pairs");
    await opened.pool.query("insert into pairs values ($1, $2, $3, 'open', $4, null)", [pairId, ada, bea, pairedAt]);
    await opened.pool.query("insert into pair_rooms (pair_id) values ($1)", [pairId]);
    const people = zones.map((timezone) => ({ windowMs: 30_000, keywordMoments: true, timezone }));
    const agreed = agreedBy(people);
    const person = {
      name: "",
      accentColor: "",
      avatar: null,
      showsLastSeen: true,
      sendsReadReceipts: true,
      assessment: notBegun,
    };
    const both = [ada, bea].map((userId, n) => {
      const { timezone = "UTC" } = people[n] ?? {};
      return { userId, ...person, canRing: false, lastSeen: null, windowMs: 30_000, keywordMoments: true, timezone };
    });
    const reader = twintuition({
      archive: archive(),
      people: { of: async () => both },
      clock: { now: () => now },
      secrets: secrets(["s".repeat(32)], chance),
    });
    const room = await open(pairId);
    let keys = 0;
    const act = async (at: number, actor: UserId, name: string, input: object, key = `${++keys}`) => {
      now = at;
      const arrival = { at, tripMs: 0, ahead: undefined };
      return room.execute(commandOf(actor, name, key, input, pairId, { arrival, agreed }));
    };
    return { pairId, room, act, reader, agreed, stats: () => reader.stats({ userId: ada, pairId }) };
  }

  async function open(pairId: PairId) {
    const claims = databaseClaims(opened.pool);
    const epoch = (await claims.claim(pairId, (await claims.look(pairId))?.epoch ?? 0, "test")) ?? 0;
    const journal = databaseJournal(opened.pool, opened.commits);
    const rules = roomRules({ now: () => now, ...chance, ...plainSeal });
    const committer = new Committer<RoomEvent, RoomFact>({ journal, report: (error) => assert.fail(String(error)) });
    const deaf = { announce: () => undefined, superseded: () => undefined };
    return DurableRoom.open({ pairId, epoch, rules, journal, committer, ...deaf });
  }

  it("[TW6] [TW8] a forgotten press keeps neither word nor salt, meets nothing, and its key is still known", async () => {
    const { pairId, act } = await twins();
    const at = Date.now() - 89_000;
    const first = await act(at, ada, "twintuition.press", { feeling: "joy" }, "p");
    assert.equal(await archive().forget(100), 0);
    await opened.pool.query("update presses set at = at - interval '2 seconds' where pair_id = $1", [pairId]);
    assert.equal(await archive().forget(100), 1);
    const { rows } = await opened.pool.query("select feeling, salt, moment_id from presses where pair_id = $1", [
      pairId,
    ]);
    assert.deepEqual(rows, [{ feeling: null, salt: null, moment_id: null }]);
    const room = await open(pairId);
    assert.deepEqual(room.state.twintuition.presses, []);
    const again = commandOf(ada, "twintuition.press", "p", { feeling: "guess" }, pairId);
    assert.deepEqual(await room.execute(again), { ...first, duplicate: true });
    const known = await archive().press(pairId, first.id);
    assert.deepEqual([known?.at, known?.uncertaintyMs], [at - 2000, 0]);
  });

  it("[TW6] what has met another, or still may, is left as it is", async () => {
    const { act } = await twins();
    const at = Date.now();
    await act(at - 200_000, ada, "twintuition.press", {});
    await act(at - 199_000, bea, "twintuition.press", {});
    await act(at, ada, "twintuition.press", { feeling: "joy" });
    assert.equal(await archive().forget(100), 0);
  });

  const BERLIN = ["Europe/Berlin", "Europe/Berlin"] as const;
  const APART = ["Asia/Tokyo", "America/Los_Angeles"] as const;
  const days: [where: string, zones: readonly [string, string], instants: string[], longest: number, today: number][] =
    [
      [
        "when Berlin's clocks go forward",
        BERLIN,
        ["2026-03-28T22:30Z", "2026-03-29T21:30Z", "2026-03-30T21:30Z"],
        3,
        1,
      ],
      ["when Berlin's clocks go back", BERLIN, ["2026-10-25T22:30Z", "2026-10-26T22:30Z"], 2, 1],
      ["on both sides of Berlin's midnight", BERLIN, ["2026-03-28T22:59:59Z", "2026-03-28T23:00Z"], 2, 1],
      ["on both sides of Tokyo's midnight", APART, ["2026-01-10T14:59Z", "2026-01-10T15:01Z"], 1, 2],
      ["on both sides of Los Angeles' midnight", APART, ["2026-01-10T07:59Z", "2026-01-10T08:01Z"], 1, 2],
      ["on both sides of the midnight between them", APART, ["2026-01-10T23:29Z", "2026-01-10T23:31Z"], 2, 1],
    ];
  for (const [where, zones, instants, longest, today] of days) {
    it(`[MO1] [MO2] moments ${where} are a run of ${longest}, ${today} of them today: in figures and state alike`, async () => {
      const { act, stats, room, agreed } = await twins(zones);
      for (const at of instants) await act(Date.parse(at), ada, "chat.send", { text: "telepathy" });
      const figures = await stats();
      const { longestRun, currentRun, total } = figures;
      assert.deepEqual([longestRun, currentRun, figures.today, total], [longest, longest, today, instants.length]);
      const { twintuition: felt } = room.state;
      const shown = [momentsOn(felt, dayOfPair(now, agreed.zones)), momentsTotal(felt)];
      assert.deepEqual(shown, [today, instants.length]);
      now += 2 * DAY_MS;
      const later = await stats();
      assert.deepEqual([later.today, later.longestRun, later.currentRun], [0, longest, 0]);
    });
  }

  it("[MO3] the score counts 30 days, and sure moments more", async () => {
    const { act, stats, pairId, reader } = await twins();
    const start = Date.parse("2026-05-01T12:00Z");
    await act(start, ada, "chat.send", { text: "twin bond" });
    await act(start + DAY_MS, ada, "chat.send", { text: "telepathy" });
    assert.equal((await stats()).syncScore, 2 + 7);
    now = start + 30 * DAY_MS + 1;
    assert.equal((await stats()).syncScore, 7);
    now += DAY_MS;
    assert.equal(await reader.syncScore(pairId), 0);
  });

  it("[MO5] [MO6] [TW1] chance is reckoned with what both know, and with what was pressed in vain a day ago, roughly", async () => {
    const start = Date.parse("2026-05-01T12:00Z");
    const { act, stats } = await twins(["UTC", "UTC"], "2026-04-01");
    now = start;
    const before = (await stats()).chance;
    assert.deepEqual([before.days, before.windowSeconds, before.observed], [30, 30, 0]);
    assert.ok(before.expected > 0 && before.expected < 0.01);
    for (let n = 0; n < 20; n++) await act(start + n * 60_000, bea, "twintuition.press", {});
    now = start + 20 * 60_000;
    assert.deepEqual((await stats()).chance, before);
    now = start + 2 * DAY_MS;
    const after = (await stats()).chance;
    // 20 count as 32, and none as 8.
    assert.ok(Math.abs(after.expected / before.expected - 4) < 0.01);
    await act(now, ada, "twintuition.press", {});
    await act(now, bea, "twintuition.press", {});
    const { observed, interval, beyondChance } = (await stats()).chance;
    assert.deepEqual([observed, interval, beyondChance], [1, { low: 0, high: 0 }, true]);
  });

  it("[TW2] a pair's moments are numbered by the database as well: no number is given twice", async () => {
    const { act, pairId } = await twins();
    await act(Date.now(), ada, "chat.send", { text: "telepathy" });
    const twice =
      "insert into moments select pair_id, gen_random_uuid(), number, day, of_day, at, type, algorithm, confidence from moments where pair_id = $1";
    await assert.rejects(opened.pool.query(twice, [pairId]), { constraint: "moments_number" });
  });
});
