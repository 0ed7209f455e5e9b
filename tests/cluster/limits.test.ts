import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { Phone } from "../support/phone.ts";
import { describeWithRedis } from "../support/redis.ts";

/** Two by each of two sockets, and one by HTTP at each of two nodes. */
const MESSAGES_A_MINUTE = 6;

describeWithRedis("what a person may send, among nodes", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  before(async () => {
    const env = { RATE_LIMIT_MESSAGES_PER_MINUTE: String(MESSAGES_A_MINUTE) };
    cluster = await Cluster.create({ nodes: 2, redis: true, env });
  });
  after(() => cluster?.remove());

  it("[LI6] is counted where the room is, by whichever node and door it comes, and Redis is not asked", async () => {
    const { redis } = cluster;
    assert.ok(redis);
    const { ada } = await cluster.entrance.pairUp();
    const [here, there] = [cluster.node(0).server, cluster.node(1).server];
    const phones = [
      await Phone.join(here, ada, { deviceId: "a phone" }),
      await Phone.join(there, ada, { deviceId: "a tablet" }),
    ];
    const post = (server: typeof here, clientMessageId: string) =>
      server.call("POST", "/api/v1/messages", ada.accessToken, { clientMessageId, text: "a" });
    for (const phone of [...phones, ...phones]) await phone.say("a");
    for (const server of [here, there]) assert.equal((await post(server, `by-http-${server.url}`)).status, 201);
    for (const server of [here, there]) {
      const { status, body } = await post(server, `too-many-${server.url}`);
      assert.deepEqual([status, body.error?.code], [429, "RATE_LIMIT_EXCEEDED"]);
    }
    assert.equal(await redis.cli("--scan", "--pattern", "twinship:limit:messages:*"), "");
    assert.notEqual(await redis.cli("--scan", "--pattern", "twinship:limit:requests*"), "", "others are shared");
    await Promise.all(phones.map((phone) => phone.leave()));
  });
});
