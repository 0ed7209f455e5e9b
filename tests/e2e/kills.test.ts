import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Room } from "@colyseus/sdk";
import { Random } from "../support/random.ts";
import { type SignedUp, TestServer } from "../support/server.ts";

const KILLS = Number(process.env["KILLS"] ?? 50);
const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);

interface Seen {
  readonly id: string;
  readonly seq: number;
  readonly key: string;
}

/** A phone that says one thing after the other, each until it is answered, and writes down all it hears. */
class Talker {
  readonly acknowledged: Seen[] = [];
  /** What it heard, a list for each connection. */
  readonly heard: Seen[][] = [];
  readonly who: SignedUp;
  readonly pairId: string;
  readonly #server: TestServer;
  readonly #until: AbortSignal;
  #room: Room | undefined;

  constructor(server: TestServer, who: SignedUp, pairId: string, until: AbortSignal) {
    this.#server = server;
    this.who = who;
    this.pairId = pairId;
    this.#until = until;
  }

  async talk(name: string): Promise<void> {
    for (let n = 1; !this.#until.aborted; n++) await this.#say(`${name}-${n}`);
    await this.#room?.leave();
  }

  async #say(key: string): Promise<void> {
    while (!this.#until.aborted) {
      try {
        this.#room ??= await this.#join();
        const { id, seq } = await this.#room.request("chat.send", { key, text: key }, { timeout: 2000 });
        return void this.acknowledged.push({ id, seq, key });
      } catch {
        this.#room = undefined;
        await wait(10);
      }
    }
  }

  async #join(): Promise<Room> {
    const room = await this.#server.join(this.who, { deviceId: this.who.userId });
    const heard: Seen[] = [];
    this.heard.push(heard);
    room.onMessage<{ messages: Seen[] }>("chat.window", ({ messages }) => heard.push(...messages));
    room.onMessage<{ message: Seen }>("chat.message", ({ message }) => heard.push(message));
    room.onMessage("*", () => undefined);
    return room;
  }
}

/** The seed decides how long after its start each server is killed, from before it is ready to deep in its work. */
it(`[P1-P5] killed ${KILLS} times under load, the server loses, doubles and reorders nothing (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  const server = await TestServer.create({ ACCESS_TOKEN_SECONDS: "36000" });
  await server.start();
  const pairs = await Promise.all([server.pairUp(), server.pairUp(), server.pairUp()]);
  const enough = new AbortController();
  const talkers = pairs.flatMap(({ ada, bea, pairId }) =>
    [ada, bea].map((who) => new Talker(server, who, pairId, enough.signal)),
  );
  const talk = Promise.all(talkers.map((talker, n) => talker.talk(`phone${n}`)));
  const total = () => talkers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);

  let loaded = 0;
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const before = total();
      await wait(50 + random.below(500));
      await server.end("SIGKILL");
      if (total() > before) loaded += 1;
      await server.start();
    }
    const before = total();
    while (talkers.some(({ acknowledged }) => acknowledged.length === 0) || total() < before + 20) await wait(20);
    enough.abort();
    await talk;
    assert.ok(loaded > KILLS / 2, `only ${loaded} of the kills came under load`);
    for (const talker of talkers) check(talker, await written(server, talker));
  } finally {
    enough.abort();
    await server.remove();
  }
}).timeout(300_000);

async function written(server: TestServer, { who }: Talker): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let after = 0, hasMore = true; hasMore; ) {
    const { body } = await server.call("GET", `/api/v1/messages?after=${after}&limit=100`, who.accessToken);
    all.push(...body.messages);
    after = all.at(-1)?.seq ?? 0;
    hasMore = body.messages.length === 100;
  }
  return all.map(({ id, seq, key }) => ({ id, seq, key }));
}

function check(talker: Talker, messages: readonly Seen[]): void {
  const seqs = messages.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, n) => n + 1),
    "seq is dense",
  );
  assert.equal(new Set(messages.map(({ key }) => key)).size, messages.length, "nothing is doubled");
  const at = new Map(messages.map((message) => [message.key, message]));
  for (const seen of talker.acknowledged) {
    assert.deepEqual(at.get(seen.key), seen, "what was acknowledged is there, as it was");
  }
  const order = talker.acknowledged.map(({ seq }) => seq);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    "in the order it was said",
  );
  for (const heard of talker.heard) {
    for (const { id, seq, key } of heard) {
      assert.deepEqual({ id, seq, key }, at.get(key), "nothing was shown that is not there");
    }
    const told = heard.map(({ seq }) => seq);
    assert.deepEqual(
      told,
      [...new Set(told)].sort((a, b) => a - b),
      "each once, in order",
    );
  }
}
