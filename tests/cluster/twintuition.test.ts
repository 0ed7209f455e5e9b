import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { Cluster } from "../support/cluster.ts";
import type { Entrance, PairedUp } from "../support/entrance.ts";

/** Of each of the four who press. */
const PRESSES = 40;

describe("presses among nodes", function () {
  this.timeout(120_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.create({ nodes: 2 });
  });
  after(() => cluster?.remove());

  const call = (at: Entrance, who: { accessToken: string }, method: string, path: string, body?: object) =>
    at.call(method, `/api/v1${path}`, who.accessToken, body);

  async function pairUp(): Promise<PairedUp> {
    const twins = await cluster.entrance.pairUp();
    for (const who of [twins.ada, twins.bea])
      await call(cluster.entrance, who, "PUT", "/users/settings", { twintuition: { windowSeconds: 900 } });
    return twins;
  }

  /** Under its key until it is answered, as a phone would. */
  async function press(at: Entrance, who: { accessToken: string }, key: string): Promise<{ id: string }> {
    for (;;) {
      const answer = await call(at, who, "POST", "/twintuition/press", { key }).catch(() => undefined);
      if (answer && (answer.status === 200 || answer.status === 201)) return answer.body;
      assert.ok(!answer || answer.status >= 500, `${answer?.status} ${JSON.stringify(answer?.body)}`);
      await wait(50);
    }
  }

  async function momentsOf({ ada }: PairedUp) {
    const found: { id: string; algorithm: string }[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await call(cluster.entrance, ada, "GET", `/twintuition/moments?limit=100${cursor}`);
      found.push(...body.moments);
      if (body.nextCursor === null) return found;
      cursor = `&cursor=${body.nextCursor}`;
    }
  }

  it("[TW2] [TW7] on any node, while owners are killed, each press is spent on one moment, and none is lost", async () => {
    const twins = await pairUp();
    const [one, other] = cluster.nodes.map(({ server }) => server);
    assert.ok(one && other);
    await press(one, twins.ada, "first");
    const everybody = [
      { at: one, who: twins.ada, name: "a" },
      { at: cluster.entrance, who: twins.ada, name: "b" },
      { at: other, who: twins.bea, name: "a" },
      { at: cluster.entrance, who: twins.bea, name: "b" },
    ];
    let answered = 0;
    const pressing = Promise.all(
      everybody.map(async ({ at, who, name }) => {
        const ids: string[] = [];
        for (let n = 0; n < PRESSES; n++) {
          ids.push((await press(at, who, `${name}${n}`)).id);
          answered += 1;
        }
        return ids;
      }),
    );
    for (let kill = 1; kill <= 2; kill++) {
      while (answered < kill * PRESSES) await wait(5);
      const owner = await cluster.settledOwnerOf(twins.pairId);
      await cluster.kill(owner);
      await cluster.revive(owner);
    }
    const ids = (await pressing).flat();
    assert.equal(new Set(ids).size, 4 * PRESSES);
    // Ada pressed once more than Bea: whoever pressed has met somebody, but for one of hers.
    const moments = await momentsOf(twins);
    assert.deepEqual([moments.length, new Set(moments.map(({ id }) => id)).size], [2 * PRESSES, 2 * PRESSES]);
    const { body } = await call(other, twins.bea, "GET", "/twintuition/stats");
    assert.deepEqual([body.total, body.chance.observed], [2 * PRESSES, 2 * PRESSES]);
  });

  it("[TW2] the same two presses, asked of both nodes at once again and again, make one moment", async () => {
    const twins = await pairUp();
    const asked = Array.from({ length: 20 }, (_, n) => {
      const at = cluster.nodes[n % 2]?.server ?? cluster.entrance;
      return Promise.all([press(at, twins.ada, "k"), press(at, twins.bea, "k")]);
    });
    const ids = (await Promise.all(asked)).map((both) => both.map(({ id }) => id).join());
    assert.equal(new Set(ids).size, 1);
    assert.equal((await momentsOf(twins)).length, 1);
  });
});
