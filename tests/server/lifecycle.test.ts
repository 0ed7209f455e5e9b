import assert from "node:assert/strict";
import { Lifecycle } from "../../server/lifecycle.ts";

describe("the lifecycle", () => {
  it("[LC1] releases last what was taken first, one after the other, and all of it whatever fails", async () => {
    const done: string[] = [];
    const failed: string[] = [];
    const lifecycle = new Lifecycle(
      (error, name) => void failed.push(`${name}: ${error instanceof Error && error.message}`),
    );
    lifecycle.add("database", () => void done.push("database"));
    lifecycle.add("rooms", async () => {
      await Promise.resolve();
      done.push("rooms");
    });
    lifecycle.add("cache", () => {
      throw new Error("it is gone");
    });
    lifecycle.add("sockets", () => Promise.reject(new Error("it hung")));
    await lifecycle.stop();
    assert.deepEqual(done, ["rooms", "database"]);
    assert.deepEqual(failed, ["sockets: it hung", "cache: it is gone"]);
  });

  it("[LC1] releases everything once, however often it is asked, and everybody waits for the end of it", async () => {
    const lifecycle = new Lifecycle(() => undefined);
    const { promise, resolve } = Promise.withResolvers<void>();
    let times = 0;
    lifecycle.add("sockets", () => {
      times++;
      return promise;
    });
    const stops = [lifecycle.stop(), lifecycle.stop()];
    assert.equal(lifecycle.isStopping, true);
    resolve();
    await Promise.all([...stops, lifecycle.stop()]);
    assert.equal(times, 1);
  });

  it("[LC1] says what it is waiting for, and releases what is added meanwhile", async () => {
    const lifecycle = new Lifecycle(() => undefined);
    const seen: (string | undefined)[] = [];
    lifecycle.add("sockets", () => {
      seen.push(lifecycle.releasing);
      lifecycle.add("a late one", () => void seen.push(lifecycle.releasing));
    });
    await lifecycle.stop();
    assert.deepEqual([...seen, lifecycle.releasing], ["sockets", "a late one", undefined]);
  });
});
