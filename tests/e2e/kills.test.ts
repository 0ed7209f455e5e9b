import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { assertKept, type Observation, type Stored, type Truth } from "../support/history-checker.ts";
import { Random } from "../support/random.ts";
import { type PairedUp, TestServer } from "../support/server.ts";
import { Talker } from "../support/talker.ts";

const KILLS = Number(process.env["KILLS"] ?? 8);
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

/**
 * The seed decides how long after its start each server is killed: while phones are still coming back, or deep in their
 * talk. In the end everything that any phone was told and answered is held against what is there.
 */
it(`[P1-P5] [P10] [P11] killed ${KILLS} times under load, the server loses, doubles, forks and invents nothing (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const server = await TestServer.create({ ACCESS_TOKEN_SECONDS: "36000" });
  const enough = new AbortController();
  const record: Observation[] = [];
  try {
    await server.start();
    const pairs = await Promise.all([server.pairUp(), server.pairUp(), server.pairUp()]);
    const talkers = pairs.flatMap(({ ada, bea, pairId }) =>
      [ada, bea].map((who) => {
        const of = { seed: random.below(1_000_000), record, until: enough.signal };
        return new Talker(server, who, pairId, of);
      }),
    );
    const talk = Promise.all(talkers.map((talker) => talker.talk()));
    const total = () => talkers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);

    let loaded = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const before = total();
      await wait(50 + random.below(400));
      // On a busy machine phones take longer to come back; every third kill does not wait for them.
      const patience = Date.now() + 5000;
      while (kill % 3 !== 0 && total() === before && Date.now() < patience) await wait(5);
      await server.end("SIGKILL");
      if (total() > before) loaded += 1;
      await server.start();
    }
    const before = total();
    while (total() < before + 20) await wait(20);
    enough.abort();
    await talk;
    await Promise.all(talkers.map((talker) => talker.settle()));
    assert.ok(loaded > KILLS / 2, `only ${loaded} of the kills came under load`);
    const truths = await Promise.all(pairs.map(async (pair) => [pair.pairId, await truthOf(server, pair)] as const));
    assertKept(record, new Map(truths));
    console.log(`      ${total()} acknowledged, ${loaded} of ${KILLS} kills under load, ${record.length} observations`);
  } finally {
    enough.abort();
    await server.remove();
  }
}).timeout(300_000);

/** All of a pair's history, as the server tells it over HTTP. Nobody here hides anything for themselves. */
async function truthOf(server: TestServer, { ada }: PairedUp): Promise<Truth> {
  const { body } = await server.call("GET", "/api/v1/messages/export", ada.accessToken);
  const messages: Stored[] = body.messages.map((message: Stored) => ({ ...message, hides: [] }));
  return { firstSeq: 1, messages };
}
