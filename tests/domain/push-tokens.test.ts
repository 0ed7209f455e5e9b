import assert from "node:assert/strict";
import { deliveries } from "../../domain/deliveries.ts";
import type { PushFate, PushSender } from "../../domain/ports.ts";
import { pushReceipts } from "../../domain/push-receipts.ts";
import { Undeliverable } from "../../domain/undeliverable.ts";
import { RegisterPush } from "../../schema/wire/people.ts";
import { chance } from "../../server/chance.ts";
import { code } from "../support/accounts-world.ts";
import { PushWorld } from "../support/push-world.ts";

const MINUTE_MS = 60_000;

describe("push tokens", () => {
  let world: PushWorld;
  before(async () => {
    world = await PushWorld.open();
  });
  after(() => world.close());
  beforeEach(() => world.clear());

  const whose = async (token: string) => {
    const rows = await world.world.sql("select user_id from push_tokens where token = $1", [token]);
    return rows.map((row) => row["user_id"]);
  };
  const devicesOf = async (userId: string) => {
    const rows = await world.world.sql("select device_id from push_tokens where user_id = $1 order by 1", [userId]);
    return rows.map((row) => row["device_id"]);
  };

  it("[PT2] a token rings for who has it now, and a device has one", async () => {
    const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
    const token = "ExponentPushToken[sold]";
    await world.phone(ada, "d1", token);
    await world.phone(bea, "d9", token);
    await world.phone(bea, "d9", token);
    assert.deepEqual(await whose(token), [bea.id]);
    await world.phone(bea, "d9", "ExpoPushToken[new]");
    assert.deepEqual([await whose(token), await devicesOf(bea.id)], [[], ["d9"]]);
  });

  it("[PT2] of two who register one token in the same moment, the last has it and both are answered", async () => {
    const people = await Promise.all(["Ada", "Bea", "Cleo"].map((name) => world.person(name)));
    for (let n = 0; n < 5; n++) {
      const token = `ExpoPushToken[raced-${n}]`;
      await Promise.all(people.map((one) => world.phone(one, `d${n}`, token)));
      assert.equal((await whose(token)).length, 1);
    }
  });

  it("[PT2] rooms hear of a phone that is new, sold or taken away, and not of one that says the same again", async () => {
    const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
    const heard = async (work: () => Promise<unknown>) => {
      const before = world.world.changed.length;
      await work();
      return world.world.changed.slice(before);
    };
    const token = "ExponentPushToken[heard]";
    assert.deepEqual(await heard(() => world.phone(ada, "d1", token)), [ada.id]);
    assert.deepEqual(await heard(() => world.phone(ada, "d1", token)), []);
    assert.deepEqual((await heard(() => world.phone(bea, "d1", token))).toSorted(), [ada.id, bea.id].toSorted());
    assert.deepEqual(await heard(() => world.tokens.remove(bea.caller, "d1")), [bea.id]);
  });

  it("[PT3] is taken away by whose it is, and nobody else learns that there is one", async () => {
    const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
    const token = await world.phone(bea, "d9");
    await assert.rejects(world.tokens.remove(ada.caller, "d9"), code("NOT_FOUND"));
    assert.deepEqual(await whose(token), [bea.id]);
    await world.tokens.remove(bea.caller, "d9");
    await assert.rejects(world.tokens.remove(bea.caller, "d9"), code("NOT_FOUND"));
    assert.deepEqual(await whose(token), []);
  });

  it("[PT4] of more than twenty phones the one that was heard of longest ago gives way", async () => {
    const ada = await world.person("Ada");
    for (let n = 10; n < 30; n++) {
      world.world.clock.advance(1000);
      await world.phone(ada, `d${n}`);
    }
    world.world.clock.advance(1000);
    await world.phone(ada, "d10");
    world.world.clock.advance(1000);
    await world.phone(ada, "d30");
    const devices = await devicesOf(ada.id);
    assert.deepEqual([devices.length, devices.includes("d10"), devices.includes("d11")], [20, true, false]);
  });

  it("[PT1] the sweep forgets those of sign-ins that are over, and no others", async () => {
    const [ada, bea] = [await world.person("Ada"), await world.person("Bea")];
    const other = await world.signedIn(ada, "d2");
    const [first, second, hers] = [
      await world.phone(ada),
      await world.phone({ caller: other }, "d2"),
      await world.phone(bea),
    ];
    await world.world.sessions.end(ada.caller, other.sessionId);
    await world.tokens.sweep();
    assert.deepEqual([await whose(first), await whose(second), await whose(hers)], [[ada.id], [], [bea.id]]);
    world.world.clock.advance(31 * 24 * 60 * MINUTE_MS);
    await world.tokens.sweep();
    assert.deepEqual([await whose(first), await whose(hers)], [[], []]);
  });

  it("[PT5] is one of Expo's, and nothing else", () => {
    const isTaken = (form: object) =>
      RegisterPush.safeParse({ token: "ExpoPushToken[a]", platform: "ios", deviceId: "d", ...form }).success;
    assert.ok(isTaken({}) && isTaken({ token: "ExponentPushToken[x-Y_z:1]" }));
    for (const token of ["", "x", "ExponentPushToken[]", "ExponentPushToken[a]b", "ExponentPushToken[a\n]", "apns:1"])
      assert.ok(!isTaken({ token }), token);
    assert.ok(!isTaken({ token: `ExpoPushToken[${"x".repeat(151)}]` }));
    for (const form of [{ platform: "pager" }, { deviceId: "" }, { deviceId: "x".repeat(101) }, { userId: "else" }])
      assert.ok(!isTaken(form), JSON.stringify(form));
  });

  describe("with a provider", () => {
    const fates = new Map<string, PushFate>();
    const asked: string[][] = [];
    let refusal: Error | undefined;
    let sent = 0;
    const pusher: PushSender = {
      async send() {
        if (refusal) throw refusal;
        return { providerId: `t${++sent}` };
      },
      async receipts(ids) {
        asked.push([...ids]);
        return new Map(ids.flatMap((id) => (fates.has(id) ? [[id, fates.get(id) ?? { isDelivered: true }]] : [])));
      },
    };

    const outbox = () => {
      const { opened, clock, jobs, secrets } = world.world;
      return deliveries({
        ...{ database: opened.database, clock, chance, jobs, secrets, keepsContents: () => false },
        post: (message, deliveryId) =>
          message.channel === "push"
            ? pusher.send({ to: message.to, text: message.letter, deliveryId })
            : assert.fail("only pushes are sent here"),
        isSuppressed: async (em, message, _key, userId) => !(await world.pushes().isTimely(em, message, userId)),
        followers: [(em, _afterCommit, news) => world.tokens.follow(em, news)],
      });
    };
    const receipts = () => {
      const { opened, clock } = world.world;
      return pushReceipts({ database: opened.database, clock, deliveries: outbox(), pusher })();
    };
    /** Everything that is to be done by now. */
    const work = async () => {
      for (const { job } of world.world.jobs.jobs.splice(0)) if (job.what === "deliver") await outbox().deliver(job);
    };
    const statuses = async () => {
      const rows = await world.world.sql("select status from deliveries order by status");
      return rows.map((row) => row["status"]);
    };

    beforeEach(async () => {
      await world.world.sql("delete from deliveries");
      fates.clear();
      asked.length = 0;
      world.world.jobs.jobs.length = 0;
      refusal = undefined;
    });

    /** Ada has written, and the push to Bea is written down. */
    async function written() {
      const twins = await world.twins();
      const token = await world.phone(twins.bea);
      await twins.say(twins.ada);
      await world.pushes({ outbox: outbox() }).round();
      return { ...twins, token };
    }

    it("[PV3] a phone that the provider does not know any more rings no more, and others do", async () => {
      const { bea, token } = await written();
      const other = await world.phone(bea, "d2");
      refusal = new Undeliverable("DeviceNotRegistered");
      await work();
      assert.deepEqual([await whose(token), await whose(other), await statuses()], [[], [bea.id], ["failed"]]);
    });

    it("[PV3] a message that is too big says nothing against its phone", async () => {
      const { bea, token } = await written();
      refusal = new Undeliverable("MessageTooBig");
      await work();
      assert.deepEqual([await whose(token), await statuses()], [[bea.id], ["failed"]]);
    });

    it("[PU10] is asked a quarter of an hour later what became of each, until it is known", async () => {
      const [one, other] = [await written(), await written()];
      await work();
      world.world.clock.advance(15 * MINUTE_MS - 1);
      assert.deepEqual([await receipts(), asked], [0, []]);
      world.world.clock.advance(1);
      fates.set(`t${sent - 1}`, { isDelivered: false, reason: "DeviceNotRegistered" });
      assert.equal(await receipts(), 1);
      assert.deepEqual([await whose(one.token), await whose(other.token)], [[], [other.bea.id]]);
      fates.set(`t${sent}`, { isDelivered: true });
      assert.equal(await receipts(), 1);
      assert.deepEqual(await statuses(), ["delivered", "failed"]);
      assert.equal(await receipts(), 0);
      assert.deepEqual(
        asked.map((ids) => ids.toSorted()),
        [[`t${sent - 1}`, `t${sent}`], [`t${sent}`]],
      );
    });

    it("[PU10] those it says nothing of keep nobody from being asked about, and are given up after a day", async () => {
      await written();
      await work();
      await world.world.sql(
        `insert into deliveries (id, channel, template, address_key, status, attempts, provider_id, created_at, updated_at, sent_at)
         select gen_random_uuid(), 'push', 'message', 'k', 'sent', 1, 'lost-' || n, $1, $1, $1 from generate_series(1, 700) n`,
        [new Date(world.world.clock.now())],
      );
      world.world.clock.advance(20 * MINUTE_MS);
      fates.set(`t${sent}`, { isDelivered: true });
      assert.equal(await receipts(), 1);
      assert.equal(new Set(asked.flat()).size, 701);
      world.world.clock.advance(24 * 60 * MINUTE_MS);
      asked.length = 0;
      assert.deepEqual([await receipts(), asked], [0, []]);
    });

    it("[PT1] a phone that signs out while its push waits for the provider stays silent", async () => {
      const { bea } = await written();
      const before = sent;
      refusal = new Error("the provider is away");
      await work();
      await world.world.sessions.endAll(bea.id);
      refusal = undefined;
      world.world.clock.advance(MINUTE_MS);
      await work();
      assert.deepEqual([sent - before, await statuses()], [0, ["suppressed"]]);
    });

    it("[PT2] a phone that was sold while its push waits rings for nobody of before", async () => {
      const { token } = await written();
      const before = sent;
      const buyer = await world.person("Cleo");
      await world.phone(buyer, "d1", token);
      await work();
      assert.deepEqual([sent - before, await statuses()], [0, ["suppressed"]]);
    });

    it("[PU11] killed while it was sent, it is sent again in the place of the first", async () => {
      const { pairId } = await written();
      const [job] = world.world.jobs.jobs;
      assert.equal(job?.job.what, "deliver");
      await world.world.sql("update deliveries set status = 'sending', attempts = 1, updated_at = $1", [
        new Date(world.world.clock.now()),
      ]);
      const before = sent;
      await work();
      assert.equal(sent, before);
      world.world.clock.advance(MINUTE_MS);
      const texts: (string | null)[] = [];
      const { send } = pusher;
      pusher.send = async (push) => {
        texts.push(push.text.collapse);
        return send(push);
      };
      await work();
      pusher.send = send;
      assert.deepEqual([texts, await statuses()], [[`pair-${pairId}`], ["sent"]]);
    });
  });
});
