import type { Duplex } from "node:stream";
import { Redis } from "ioredis";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import { redisPipes } from "../../server/adapters/pipe/redis.ts";
import { openRedis } from "../../server/adapters/redis/open.ts";
import { pipeContract, type TwoProcesses } from "../contracts/pipe.contract.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";

const KEY = "a key that these two processes share";
const OTHER_KEY = "a key that another cluster has got";

const log = { info: () => undefined, warn: () => undefined };

describeWithRedis("pipes over Redis", () => {
  let server: TestRedis;
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  let opened = 0;
  async function openTwo(accept: (duplex: Duplex) => void): Promise<TwoProcesses> {
    const process = async (processId: string, key: string) => {
      const redis = openRedis({ url: server.url, log });
      const pipes = redisPipes({ redis, processId, key: clusterKey([key]), accept, log });
      await pipes.start();
      return { redis, pipes };
    };
    const tag = opened++;
    const named = (name: string) => `${name}${tag}`;
    const neighbour = (name: string) => ({ processId: named(name), address: "" });
    const all = await Promise.all([
      process(named("here"), KEY),
      process(named("there"), KEY),
      process(named("other"), OTHER_KEY),
    ]);
    const silent = new Redis(server.url);
    await silent.subscribe(`twinship:pipe:${named("silent")}`);
    return {
      pipes: all[0].pipes,
      there: neighbour("there"),
      nobody: { at: neighbour("nobody"), why: "silent" },
      silent: neighbour("silent"),
      otherKey: neighbour("other"),
      async close() {
        silent.disconnect();
        for (const { redis, pipes } of all) {
          await pipes.close();
          await redis.close();
        }
      },
    };
  }

  pipeContract("Redis", openTwo);
});
