import assert from "node:assert/strict";
import type { UserId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";
import { PushWorld, type TwinsOfPushes } from "../support/push-world.ts";

const HOUR_MS = 60 * 60_000;

describe("pushes of what was felt", () => {
  let world: PushWorld;
  let revision = 100;
  before(async () => {
    world = await PushWorld.open();
  });
  after(() => world.close());
  beforeEach(() => world.clear());

  const round = () => world.pushes().round();
  const bodies = (token: string) => world.rungOn(token).map(({ body }) => body);

  async function happened({ pairId, ada }: TwinsOfPushes, type: string, to: UserId, dueIn = 0): Promise<string> {
    const at = world.world.clock.now();
    const id = chance.newId(at + ++revision);
    await world.world.sql(
      `insert into journal (pair_id, revision, version, type, subject_id, actor_id, at)
       values ($1, $2::bigint, $2::bigint, $3, $4, $5, $6)`,
      [pairId, revision, type, id, ada.id, new Date(at)],
    );
    await world.world.sql("insert into push_due values ($1, $2, $3, $4)", [pairId, revision, to, new Date(at + dueIn)]);
    return id;
  }

  async function alert(twins: TwinsOfPushes, kind = "thinking_of_you", dueIn = 0): Promise<string> {
    const id = await happened(twins, "twintuition.alert_sent", twins.bea.id, dueIn);
    await world.world.sql(
      "insert into alerts (pair_id, id, user_id, kind, text, at, salt) values ($1, $2, $3, $4, 'secretword', now(), '')",
      [twins.pairId, id, twins.ada.id, kind],
    );
    return id;
  }

  async function moment(twins: TwinsOfPushes): Promise<void> {
    const id = await happened(twins, "twintuition.moment_made", twins.bea.id);
    await world.world.sql(
      `insert into moments (pair_id, id, number, day, of_day, at, type, algorithm, confidence)
       values ($1, $2, $3, now(), 1, now(), 'sync', 'press', 1)`,
      [twins.pairId, id, revision],
    );
  }

  it("[TW14] an alert to who is away says from whom and never what, and leads to the pair", async () => {
    const twins = await world.twins();
    const token = await world.phone(twins.bea);
    await alert(twins);
    await round();
    const letter = { template: "twintuition", title: "Ada", body: "is thinking of you" };
    const data = { kind: "twintuition", pairId: twins.pairId };
    assert.deepEqual(world.rungOn(token), [{ ...letter, data, collapse: `pair-${twins.pairId}` }]);
    assert.ok(!JSON.stringify(world.world.outbox.sent).includes("secretword"));
    assert.equal(await world.dueLeft(), 0);
  });

  it("[TW14] an alert and the moment it makes are one push, and the newest is told", async () => {
    const twins = await world.twins();
    const token = await world.phone(twins.bea);
    await twins.say(twins.ada);
    await alert(twins, "need_support");
    await moment(twins);
    await round();
    assert.deepEqual(bodies(token), ["felt it at the same time as you"]);
  });

  it("[TW14] an alert that was seen in time rings nowhere, nor one of a pair that has ended", async () => {
    const twins = await world.twins();
    const token = await world.phone(twins.bea);
    const id = await alert(twins, "thought", 15_000);
    await round();
    assert.equal(await world.dueLeft(), 1);
    await world.world.sql("update alerts set seen_at = now() where id = $1", [id]);
    world.world.clock.advance(15_000);
    await round();
    await alert(twins);
    await world.world.sql("update pair_members set is_active = false where pair_id = $1", [twins.pairId]);
    await round();
    assert.deepEqual([bodies(token), await world.dueLeft()], [[], 0]);
  });

  it("[TW14] who wants no pushes of twintuition hears of messages still, when those are due", async () => {
    const twins = await world.twins();
    const token = await world.phone(twins.bea);
    const settings = { pushNotifications: { twintuition: false } };
    await world.world.sql("update users set settings = $2 where id = $1", [twins.bea.id, JSON.stringify(settings)]);
    await twins.say(twins.ada, { dueIn: 15_000 });
    await alert(twins);
    await round();
    assert.deepEqual(bodies(token), []);
    world.world.clock.advance(15_000);
    await round();
    assert.deepEqual(bodies(token), ["sent you a message"]);
  });

  it("[TW14] in quiet hours it waits for their end", async () => {
    const twins = await world.twins();
    const token = await world.phone(twins.bea);
    world.world.clock.advance(11 * HOUR_MS);
    await alert(twins);
    await round();
    assert.deepEqual(bodies(token), []);
    world.world.clock.advance(9 * HOUR_MS);
    await round();
    assert.equal(bodies(token).length, 1);
  });
});
