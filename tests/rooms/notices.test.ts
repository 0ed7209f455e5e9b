import assert from "node:assert/strict";
import { pairing } from "../../domain/pairing.ts";
import type { Notices } from "../../domain/ports.ts";
import { profiles } from "../../domain/profiles.ts";
import { parse } from "../../domain/refusal.ts";
import { roomNotices } from "../../rooms/notices.ts";
import { type PairId, UserId } from "../../schema/wire/ids.ts";
import type { News } from "../../schema/wire/news.ts";
import { ChangeProfile } from "../../schema/wire/people.ts";
import { NoticeBoard } from "../../server/adapters/notices/board.ts";
import type { Nudges } from "../../server/adapters/notices/nudges.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld, code } from "../support/accounts-world.ts";
import { eventually } from "../support/embedded.ts";
import { sessionId } from "../support/fake-client.ts";
import { memoryNudges } from "../support/notice-nodes.ts";
import { ada, bea, pair } from "../support/twins.ts";

/** A room that notes what it is told. */
class FakeRoom {
  readonly told: string[] = [];
  readonly members: { userIds: UserId[] };
  readonly epoch: number;
  trouble: Error | undefined;
  /** What a look waits for. */
  slow: Promise<void> | undefined;

  constructor(epoch: number, userIds: UserId[]) {
    this.epoch = epoch;
    this.members = { userIds };
  }

  move = async (why: number): Promise<void> => void this.told.push(`move ${why}`);
  end = (reason: string): void => void this.told.push(`end ${reason}`);
  lookAgain = (): void => void this.told.push("look again");
  async refreshPeople(): Promise<void> {
    this.told.push("look");
    await this.slow;
    if (this.trouble) throw this.trouble;
    this.told.push("seen");
  }
}

/** What there is in a process to hear: rooms, people who wait, sockets. */
class Ears {
  readonly rooms = new Map<PairId, FakeRoom>();
  readonly opening: Promise<unknown>[] = [];
  readonly told: unknown[] = [];
  readonly reported: unknown[] = [];
  readonly notices: Notices = roomNotices({
    seats: {
      present: (pairId) => this.rooms.get(pairId),
      presentRooms: () => [...this.rooms.values()],
      opening: () => this.opening,
    },
    waiting: {
      pairOpened: (userIds) => void this.told.push(["opened", [...userIds].sort()]),
      invitationUpdated: (userId, invitation) => void this.told.push(["invitation", userId, invitation]),
    },
    attendance: {
      endSessions: (ids) => void this.told.push(["ended", ids]),
      tell: (userId, event, payload) => void this.told.push([userId, event, payload]),
    },
    report: (error) => void this.reported.push(error),
  });

  room(pairId: PairId, epoch: number, userIds = [ada, bea]): FakeRoom {
    const room = new FakeRoom(epoch, userIds);
    this.rooms.set(pairId, room);
    return room;
  }

  hear(news: News): void {
    this.notices.hear(news, "a notice");
  }
}

describe("what rooms hear", () => {
  it("[NO12] of a pair that opened: a room of the time before moves, one of a later claim knows already", () => {
    for (const [epoch, told] of [
      [6, ["move 4412"]],
      [7, []],
      [8, []],
    ] as const) {
      const ears = new Ears();
      const room = ears.room(pair(1), epoch);
      ears.hear({ what: "pair.opened", pairId: pair(1), between: [ada, bea], epoch: 7 });
      assert.deepEqual([room.told, ears.told], [told, [["opened", [ada, bea]]]]);
    }
  });

  it("[NO12] of a pair that closed: its room ends, unless the pair was opened again and claimed since", () => {
    for (const [epoch, told] of [
      [6, ["end blocked"]],
      [8, []],
    ] as const) {
      const ears = new Ears();
      const [room, other] = [ears.room(pair(1), epoch), ears.room(pair(2), 1)];
      ears.hear({ what: "pair.closed", pairId: pair(1), reason: "blocked", epoch: 7 });
      ears.hear({ what: "pair.closed", pairId: pair(3), reason: "blocked", epoch: 7 });
      assert.deepEqual([room.told, other.told, ears.told], [told, [], []]);
    }
  });

  it("[ER8] of erased words: the twin's phones, whatever room they are in, and a room of the time before moves", () => {
    for (const [epoch, told] of [
      [6, ["move 4412"]],
      [7, []],
    ] as const) {
      const ears = new Ears();
      const room = ears.room(pair(1), epoch);
      ears.hear({ what: "history.erased", pairId: pair(1), userId: ada, upToSeq: 9, to: bea, epoch: 7 });
      const payload = { pairId: pair(1), userId: ada, upToSeq: 9 };
      assert.deepEqual([room.told, ears.told], [told, [[bea, "history.erased", payload]]]);
    }
  });

  it("[RT4] of a history that begins later: its room looks, under whichever epoch, and no other", () => {
    const ears = new Ears();
    const [room, other] = [ears.room(pair(1), 6), ears.room(pair(2), 6)];
    ears.hear({ what: "history.trimmed", pairId: pair(1) });
    ears.hear({ what: "history.trimmed", pairId: pair(3) });
    assert.deepEqual([room.told, other.told, ears.told], [["look again"], [], []]);
  });

  it("[SB13] of somebody's premium: their own phones, and nobody else's", () => {
    const ears = new Ears();
    const room = ears.room(pair(1), 1);
    const news = { userId: ada, isActive: true, entitlements: ["pdf_export" as const] };
    ears.hear({ what: "subscription.changed", ...news });
    assert.deepEqual([room.told, ears.told], [[], [[ada, "subscription.changed", news]]]);
  });

  it("[NO13] of a person: their rooms look again, and no others", async () => {
    const ears = new Ears();
    const [own, other] = [ears.room(pair(1), 1), ears.room(pair(2), 1, [bea])];
    ears.hear({ what: "person.changed", userId: ada });
    await eventually(() => own.told.length === 2);
    assert.deepEqual([own.told, other.told], [["look", "seen"], []]);
  });

  it("[NO13] of a person: a room that was being opened meanwhile looks once it is there", async () => {
    const ears = new Ears();
    const { promise, resolve } = Promise.withResolvers<void>();
    ears.opening.push(promise, Promise.reject(new Error("this one could not be opened")));
    ears.hear({ what: "person.changed", userId: ada });
    const room = ears.room(pair(1), 1);
    assert.deepEqual(room.told, []);
    resolve();
    await eventually(() => room.told.length === 2);
    assert.deepEqual(room.told, ["look", "seen"]);
  });

  it("[NO14] a room whose look began before a change looks once more after it, and never two at a time", async () => {
    const ears = new Ears();
    const room = ears.room(pair(1), 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    room.slow = promise;
    for (let n = 0; n < 3; n++) ears.hear({ what: "person.changed", userId: ada });
    assert.deepEqual(room.told, ["look"]);
    resolve();
    await eventually(() => room.told.length === 4);
    assert.deepEqual(room.told, ["look", "seen", "look", "seen"]);
  });

  it("[NO14] a room that cannot look says so once and tries until it can, as long as it lives", async () => {
    const ears = new Ears();
    const [room, gone] = [ears.room(pair(1), 1), ears.room(pair(2), 1)];
    room.trouble = gone.trouble = new Error("the database is away");
    ears.hear({ what: "person.changed", userId: ada });
    await eventually(() => ears.reported.length === 2);
    ears.rooms.delete(pair(2));
    await eventually(() => room.told.length === 2);
    room.trouble = gone.trouble = undefined;
    await eventually(() => room.told.includes("seen"));
    assert.deepEqual([room.told.length, gone.told, ears.reported.length], [4, ["look"], 2]);
  });

  it("[NO13] of sessions: their sockets end", () => {
    const ears = new Ears();
    ears.hear({ what: "sessions.ended", sessionIds: [sessionId(1), sessionId(2)] });
    assert.deepEqual(ears.told, [["ended", [sessionId(1), sessionId(2)]]]);
  });
});

/** Two processes on one database, each with its own accounts, rooms and board. */
describe("what happens at another node", function () {
  this.timeout(60_000);
  let world: AccountsWorld;
  const boards: NoticeBoard[] = [];

  async function node(nudges?: Nudges) {
    const ears = new Ears();
    const { clock, opened } = world;
    const { database, pool } = opened;
    const board: NoticeBoard = new NoticeBoard({
      pool,
      clock: { now: Date.now },
      nudges,
      hear: {
        hear(news, id) {
          if (news.what === "sessions.ended") signedIn.standings.ended(news.sessionIds);
          ears.notices.hear(news, id);
        },
      },
      log: { info: () => undefined, warn: () => undefined },
      report: (error) => void ears.reported.push(error),
    });
    const signedIn = world.node(chance, board);
    const { limits } = world;
    await board.start();
    boards.push(board);
    return {
      ears,
      sessions: signedIn,
      pairing: pairing({ database, clock, chance, limits, notices: board, outbox: world.outbox }),
      profiles: profiles({ database, clock, chance, notices: board }),
    };
  }

  before(async () => {
    world = await AccountsWorld.open();
  });
  after(() => world?.close());
  afterEach(() => Promise.all(boards.splice(0).map((board) => board.stop())));

  const twoPeople = async () => {
    const [one, two] = [await world.register(), await world.register()];
    return [await world.callerOf(one), await world.callerOf(two), one, two] as const;
  };

  for (const nudges of [undefined, memoryNudges()]) {
    const how = nudges ? "by a nudge" : "without nudges, within two seconds";
    const withinMs = nudges ? 1000 : 4000;

    it(`[NO13] who waits here hears of their code redeemed there, ${how}`, async () => {
      const [here, there] = [await node(nudges), await node(nudges)];
      const [first, second] = await twoPeople();
      const { code: short } = await here.pairing.newCode(first);
      await there.pairing.redeem(second, short);
      await eventually(() => here.ears.told.length > 0, withinMs);
      const between = [first.userId, second.userId].sort();
      assert.deepEqual([here.ears.told, there.ears.told], [[["opened", between]], [["opened", between]]]);
    });

    it(`[NO13] a pair that was ended there has no room here any more, ${how}`, async () => {
      const [here, there] = [await node(nudges), await node(nudges)];
      const [first, second] = await twoPeople();
      const { pairId } = await there.pairing.redeem(second, (await here.pairing.newCode(first)).code);
      const room = here.ears.room(pairId, 0, [first.userId, second.userId]);
      await there.pairing.unpair(second);
      await eventually(() => room.told.includes("end unpaired"), withinMs);
    });

    it(`[NO13] a session that was ended there has no socket here any more, and its token counts no more, ${how}`, async () => {
      const [here, there] = [await node(nudges), await node(nudges)];
      const [caller, , signedIn] = await twoPeople();
      assert.equal((await here.sessions.authenticate(signedIn.tokens.accessToken)).userId, caller.userId);
      await there.sessions.end(caller, caller.sessionId);
      await assert.rejects(there.sessions.authenticate(signedIn.tokens.accessToken), code("AUTH_TOKEN_REVOKED"));
      await eventually(() => here.ears.told.length > 0, withinMs);
      assert.deepEqual(here.ears.told, [["ended", [caller.sessionId]]]);
      // Time stands still here: what was known of the session has not grown old by itself.
      await assert.rejects(here.sessions.authenticate(signedIn.tokens.accessToken), code("AUTH_TOKEN_REVOKED"));
    });

    it(`[NO13] a profile that was changed there is looked at again by the room here, ${how}`, async () => {
      const [here, there] = [await node(nudges), await node(nudges)];
      const [caller] = await twoPeople();
      const room = here.ears.room(pair(1), 1, [caller.userId, UserId.parse(bea)]);
      await there.profiles.change(caller, parse(ChangeProfile, { name: "Cara" }));
      await eventually(() => room.told.includes("seen"), withinMs);
      assert.deepEqual(room.told, ["look", "seen"]);
    });
  }
});
