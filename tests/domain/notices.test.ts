import assert from "node:assert/strict";
import { pairing } from "../../domain/pairing.ts";
import type { Caller } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import { ChangeProfile, ChangeSettings } from "../../schema/wire/people.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld } from "../support/accounts-world.ts";
import { PairingWorld } from "../support/pairing-world.ts";

interface Row {
  readonly id: string;
  readonly news: object;
}

const rowsOf = async (world: { sql(text: string): Promise<object[]> }): Promise<Row[]> => {
  const rows = await world.sql("delete from notices returning id, news, made_at");
  return rows.map((row) => ({ id: Reflect.get(row, "id"), news: Reflect.get(row, "news") }));
};

describe("what the domain tells", function () {
  this.timeout(60_000);

  describe("of pairs", () => {
    let world: PairingWorld;
    before(async () => {
      world = await PairingWorld.open();
    });
    after(() => world.close());
    beforeEach(() => rowsOf(world));

    const told: Row[] = [];
    const telling = () =>
      pairing({
        database: world.opened.database,
        clock: world.clock,
        chance,
        limits: { take: async () => ({ limit: 1, remaining: 1, resetMs: 0 }) },
        notices: { hear: (news, id) => void told.push({ id, news }) },
        outbox: world.outbox,
      });
    const two = async (): Promise<[Caller, Caller]> => {
      const [ada, bea] = await world.people(2);
      assert.ok(ada && bea);
      return [ada, bea];
    };

    it("[NO1] is written with it, under the name it is told by, with the epoch the pair's row took", async () => {
      const [ada, bea] = await two();
      told.length = 0;
      const own = telling();
      const { code } = await own.newCode(ada);
      const { pairId } = await own.redeem(bea, code);
      await own.unpair(ada);
      const again = await own.redeem(ada, (await own.newCode(bea)).code);
      assert.equal(again.pairId, pairId);
      const expected = [
        { what: "pair.opened", pairId, between: [ada.userId, bea.userId], epoch: 0 },
        { what: "pair.closed", pairId, reason: "unpaired", epoch: 1 },
        { what: "pair.opened", pairId, between: [bea.userId, ada.userId], epoch: 2 },
      ];
      assert.deepEqual(
        told.map(({ news }) => news),
        expected,
      );
      assert.deepEqual(new Map((await rowsOf(world)).map(({ id, news }) => [id, news])), new Map(rows(told)));
      assert.deepEqual(await world.sql(`select epoch from pair_rooms where pair_id = '${pairId}'`), [{ epoch: 2 }]);
    });

    it("[NO1] is written of nothing that is undone, refused or no change", async () => {
      const [ada, bea] = await two();
      const { code } = await world.pairing.newCode(ada);
      const undone = world.opened.database.transaction(async () => {
        await world.pairing.redeem(bea, code);
        throw new Error("and then something broke");
      });
      await assert.rejects(undone, /broke/);
      await assert.rejects(world.pairing.unpair(ada));
      assert.deepEqual(await rowsOf(world), []);
      await world.pairing.redeem(bea, code);
      await world.pairing.redeem(bea, code);
      assert.equal((await rowsOf(world)).length, 1);
    });
  });

  describe("of people and their sessions", () => {
    let world: AccountsWorld;
    before(async () => {
      world = await AccountsWorld.open();
    });
    after(() => world.close());
    beforeEach(() => rowsOf(world));

    const news = async () => (await rowsOf(world)).map((row) => row.news);

    it("[NO1] a session that ends, however it ends, is written with its end", async () => {
      const ada = await world.register({ deviceId: "phone" });
      assert.deepEqual(await news(), []);
      const before = await world.callerOf(ada);
      const again = await world.login({ email: ada.user.email, deviceId: "phone" });
      assert.deepEqual(await news(), [{ what: "sessions.ended", sessionIds: [before.sessionId] }]);
      const caller = await world.callerOf(again);
      await world.sessions.endAll(caller.userId);
      assert.deepEqual(await news(), [{ what: "sessions.ended", sessionIds: [caller.sessionId] }]);
      await world.sessions.endAll(caller.userId);
      assert.deepEqual(await news(), []);
    });

    it("[NO1] a token that is used twice ends its family, and that is written though the call is refused", async () => {
      const ada = await world.register({ deviceId: "phone" });
      const { sessionId } = await world.callerOf(ada);
      const { refreshToken } = ada.tokens;
      await world.sessions.refresh({ refreshToken, deviceId: "phone" });
      await assert.rejects(world.sessions.refresh({ refreshToken, deviceId: "another" }));
      assert.deepEqual(await news(), [{ what: "sessions.ended", sessionIds: [sessionId] }]);
    });

    it("[NO1] a profile or settings that change are written once each, and nothing of what is refused", async () => {
      const caller = await world.callerOf(await world.register());
      await world.profiles.change(caller, parse(ChangeProfile, { name: "Bea" }));
      await world.profiles.changeSettings(caller, parse(ChangeSettings, { privacy: { showLastSeen: false } }));
      await assert.rejects(world.profiles.change(caller, parse(ChangeProfile, { name: "Cara" }), '"p-1"'));
      const changed = { what: "person.changed", userId: caller.userId };
      assert.deepEqual(await news(), [changed, changed]);
    });
  });
});

const rows = (told: readonly Row[]): [string, object][] => told.map(({ id, news }) => [id, news]);
