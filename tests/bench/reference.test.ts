import assert from "node:assert/strict";
import { measureReference } from "../../bench/reference/compared.ts";
import { describeWithRedis } from "../support/redis.ts";

describeWithRedis("the reference beside us", function () {
  this.timeout(120_000);

  it("[CP9] both are measured in turn, every message is acknowledged and told once, and what it cost is counted", async () => {
    const size = { pairs: 4, rounds: 2, seconds: 0.5, rates: [100] };
    const [closed, open] = await measureReference(size, () => undefined);
    assert.ok(closed && open);
    assert.deepEqual([closed.offered, open.offered, closed.rounds], [null, 100, 2]);
    for (const { twinship, reference } of [closed, open]) {
      assert.ok(reference.commits > 0.5, `the reference commits each message by itself: ${reference.commits}`);
      for (const { perSecond, p50Ms, p99Ms, nodeMs, walBytes, loadCores } of [twinship, reference]) {
        assert.ok(perSecond > 0 && p50Ms > 0 && p99Ms >= p50Ms, `${perSecond} /s, ${p50Ms} and ${p99Ms} ms`);
        assert.ok(walBytes > 100, `${walBytes} bytes were written ahead`);
        assert.ok(nodeMs >= 0 && loadCores > 0 && loadCores < 1.5);
      }
    }
  });
});
