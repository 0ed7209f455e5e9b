import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { eventually } from "../support/embedded.ts";
import type { PairedUp, SignedUp } from "../support/entrance.ts";
import { Phone } from "../support/phone.ts";
import { ServedPostgres } from "../support/served-postgres.ts";

/** Tables that a join might read; those of processes, notices and jobs are read all the time by nobody in particular. */
const OF_JOINS = /\b(?:messages|journal|watermarks|sessions|users|pair_members|pairs|moments|alerts|presses)\b/;

/** What is due to phones that were away is collapsed by a worker. */
const OF_WORK = /\bpush_due\b|\bpgboss\b|^(?:create|alter|comment|explain)/i;

const PAIRS = 12;

describe("everybody coming back", function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let postgres: ServedPostgres;
  before(async () => {
    postgres = await ServedPostgres.start({ shared_preload_libraries: "pg_stat_statements" });
    await postgres.query("create extension pg_stat_statements");
    cluster = await Cluster.create({ postgres, nodes: 2 });
  });
  after(() => cluster?.remove());

  /** Calls of each statement since they were last counted. */
  async function statements(): Promise<{ query: string; calls: number }[]> {
    const rows = await postgres.query<{ query: string; calls: string }>("select query, calls from pg_stat_statements");
    const asked = rows.filter(({ query }) => OF_JOINS.test(query) && !OF_WORK.test(query.trim()));
    return asked.map(({ query, calls }) => ({ query: query.replace(/\s+/g, " ").trim(), calls: Number(calls) }));
  }
  const callsOf = (asked: { query: string; calls: number }[], pattern: RegExp) =>
    asked.filter(({ query }) => pattern.test(query)).reduce((sum, { calls }) => sum + calls, 0);

  /** Both twins' room is alive on the first node, and whoever joins by the second has nothing there but their sign-in. */
  async function alive(twins: PairedUp) {
    const [owner, other] = [cluster.node(0).server, cluster.node(1).server];
    const bea = await Phone.join(owner, twins.bea, { deviceId: "bea" });
    const window = await bea.hears("chat.window");
    for (const text of ["one", "two", "three"]) await bea.say(text);
    return { bea, other, known: { afterVersion: window.version + 1, history: window.history } };
  }

  async function back(twins: { ada: SignedUp }, { other, known }: Awaited<ReturnType<typeof alive>>) {
    const phone = await Phone.join(other, twins.ada, { deviceId: "ada", ...known });
    const { hasMore, reset } = await phone.hears("chat.resume");
    assert.deepEqual([hasMore, reset], [false, undefined]);
    await phone.until(() => phone.all("chat.message").length === 2 || undefined, "what it missed was not heard");
    return phone;
  }

  it("[CR1] [CR3] a phone within the room's memory comes back by one statement and reads nothing of the history", async () => {
    const twins = await cluster.entrance.pairUp();
    const room = await alive(twins);
    await postgres.query("select pg_stat_statements_reset()");
    const phone = await back(twins, room);
    await eventually(async () => callsOf(await statements(), /last_seen_at/) === 1);
    const asked = await statements();
    assert.equal(callsOf(asked, /with ordinality as caller/), 1, "who they are, and where they belong");
    assert.deepEqual(
      asked.filter(({ query }) => !/with ordinality as caller|last_seen_at/.test(query)),
      [],
    );
    await Promise.all([phone.leave(), room.bea.leave()]);
  });

  it(`[CR2] [CR5] a crowd of ${PAIRS} comes back by fewer statements than there are phones`, async () => {
    const all = await Promise.all(Array.from({ length: PAIRS }, () => cluster.entrance.pairUp()));
    const rooms = await Promise.all(all.map(alive));
    await postgres.query("select pg_stat_statements_reset()");
    const phones = await Promise.all(all.map((twins, n) => back(twins, rooms[n] ?? assert.fail("there is a room"))));
    const asked = await statements();
    assert.ok(callsOf(asked, /with ordinality as caller/) < PAIRS, JSON.stringify(asked));
    assert.equal(callsOf(asked, /\b(?:messages|journal)\b/), 0);
    await Promise.all([...phones, ...rooms.map(({ bea }) => bea)].map((phone) => phone.leave()));
  });
});
