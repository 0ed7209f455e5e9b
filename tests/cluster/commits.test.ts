import assert from "node:assert/strict";
import { Cluster, type ClusterNode } from "../support/cluster.ts";
import { eventually } from "../support/embedded.ts";
import type { PairedUp } from "../support/entrance.ts";
import { Phone } from "../support/phone.ts";

const KEY = "the one";
const SAID = { key: KEY, text: "said at the worst moment" };

const TAKEN_FOR_DEAD_MS = 1500;

/** The moment is not left to chance: PostgreSQL, or the wire to it, holds the commit where the test wants it. */
describe("an owner killed at each moment of a commit", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let twins: PairedUp;
  let ada: Phone;
  let bea: Phone;
  let owner: ClusterNode;
  let other: ClusterNode;
  let letGo = async () => {};
  before(async () => {
    cluster = await Cluster.create({ isWired: true });
  });
  beforeEach(async () => {
    twins = await cluster.entrance.pairUp();
    [owner, other] = [cluster.node(0), cluster.node(1)];
    ada = await Phone.join(owner.server, twins.ada, { deviceId: "phone" });
    bea = await Phone.join(other.server, twins.bea, { deviceId: "phone" });
    assert.equal(await cluster.ownerOf(twins.pairId), owner);
    await ada.say("before");
    await bea.hears("chat.message");
  });
  afterEach(async () => {
    await letGo();
    await Promise.all([ada.leave(), bea.leave()]);
    await cluster.heal();
    await cluster.start();
  });
  after(() => cluster?.remove());

  async function stored(): Promise<number> {
    const [row] = await cluster.postgres.query<{ count: number }>(
      "select count(*)::int as count from journal where pair_id = $1 and key = $2",
      [twins.pairId, KEY],
    );
    return row?.count ?? 0;
  }

  /** Whether its sender heard of it. */
  function ask(): { outcome: () => string | undefined } {
    let outcome: string | undefined;
    ada.ask("chat.send", SAID).then(
      () => (outcome = "acknowledged"),
      () => (outcome = "not acknowledged"),
    );
    return { outcome: () => outcome };
  }

  async function killOwner(): Promise<void> {
    await cluster.kill(owner);
    owner.wires.toPostgres.cut();
    await owner.wires.toPostgres.heal();
  }

  /** The same command at the node that is left; and the twin has heard it once. */
  async function again(): Promise<{ duplicate: boolean; seq: number }> {
    await bea.closed;
    const back = await Phone.join(other.server, twins.bea, { deviceId: "phone" });
    ada = await Phone.join(other.server, twins.ada, { deviceId: "phone" });
    const answer = await ada.ask("chat.send", SAID);
    const { messages } = await back.ask("chat.history", { limit: 100 });
    assert.deepEqual(
      messages.flatMap(({ key, seq }: { key: string; seq: number }) => (key === KEY ? [seq] : [])),
      [2],
    );
    await back.leave();
    assert.equal(await stored(), 1);
    return answer;
  }

  it("[P1] [P2] before it: nothing was acknowledged, nothing is there, and the retry does it for the first time", async () => {
    const { toPostgres } = owner.wires;
    toPostgres.hold("there");
    const { outcome } = ask();
    await eventually(() => toPostgres.heldBytes > SAID.text.length);
    await killOwner();
    assert.equal(await stored(), 0);
    const { duplicate, seq } = await again();
    assert.deepEqual([duplicate, seq, outcome()], [false, 2, "not acknowledged"]);
  });

  it("[P2] [P4] during it: what commits after its room died is found by the next one, and done once", async () => {
    // Somebody writes the same key and does not say whether it counts: the append has the pair's row, and waits.
    letGo = await cluster.postgres.holding(
      `insert into journal (pair_id, revision, version, type, subject_id, actor_id, key, at)
       values ($1, 1000, 1000, 'held', $1, $2, $3, now())`,
      [twins.pairId, twins.ada.userId, KEY],
    );
    const { outcome } = ask();
    await eventually(async () => (await waiting()) === 1);
    await killOwner();
    assert.equal(await stored(), 0);
    const retried = again();
    // The next owner waits for the row.
    await eventually(async () => (await waiting()) > 1);
    await letGo();
    const { duplicate, seq } = await retried;
    assert.deepEqual([duplicate, seq, outcome()], [true, 2, "not acknowledged"]);
  });

  it("[P1] [P2] after it and before its answer: the retry is told that it was done, with the first answer's numbers", async () => {
    owner.wires.toPostgres.hold("back");
    const { outcome } = ask();
    await eventually(async () => (await stored()) === 1);
    await killOwner();
    const { duplicate, seq } = await again();
    assert.deepEqual([duplicate, seq, outcome()], [true, 2, "not acknowledged"]);
  });

  it("[P1] [P5] [P10] after its answer and before the twin heard: the twin hears it on coming back", async () => {
    const { history, version } = await bea.hears("chat.window");
    owner.wires.fromOthers.hold("back");
    await ada.ask("chat.send", SAID);
    await eventually(() => owner.wires.fromOthers.heldBytes > 0);
    assert.equal(bea.all("chat.message").length, 1);
    await killOwner();
    await bea.closed;
    const back = await Phone.join(other.server, twins.bea, { deviceId: "phone", afterVersion: version, history });
    const { message } = await back.hears("chat.message", (event) => event.message.key === KEY);
    assert.equal(message.text, SAID.text);
    await back.leave();
  });

  it("[P2] [P4] a commit that was under way for so long that others took over comes too late", async () => {
    const { toPostgres } = owner.wires;
    toPostgres.hold("there");
    const { outcome } = ask();
    await eventually(() => toPostgres.heldBytes > SAID.text.length);
    await eventually(async () => (await silenceOf(owner)) > TAKEN_FOR_DEAD_MS);
    bea = await Phone.join(other.server, twins.bea, { deviceId: "phone" });
    await bea.say("meanwhile");
    assert.equal(await cluster.ownerOf(twins.pairId), other);
    await toPostgres.heal();
    await eventually(() => outcome() !== undefined);
    assert.equal(outcome(), "not acknowledged");
    assert.equal(await stored(), 0);
    ada = await Phone.join(other.server, twins.ada, { deviceId: "phone" });
    assert.deepEqual(pick(await ada.ask("chat.send", SAID)), [false, 3]);
  });

  async function silenceOf({ wires }: ClusterNode): Promise<number> {
    const [row] = await cluster.postgres.query<{ ms: number }>(
      "select extract(epoch from clock_timestamp() - max(beat_at))::float8 * 1000 as ms from processes where address = $1",
      [`127.0.0.1:${wires.fromOthers.port}`],
    );
    return row?.ms ?? 0;
  }

  async function waiting(): Promise<number> {
    const [row] = await cluster.postgres.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'twinship'",
    );
    return row?.count ?? 0;
  }
});

const pick = ({ duplicate, seq }: { duplicate: boolean; seq: number }) => [duplicate, seq];
