import assert from "node:assert/strict";
import { PairId, UserId } from "../../schema/wire/ids.ts";
import { databaseArchive } from "../../server/adapters/database/archive.ts";
import { type OpenedDatabase, openDatabase } from "../../server/adapters/database/open.ts";
import { MOST_LAG_MS, Nearness } from "../../server/adapters/database/replica.ts";
import { replicaArchive } from "../../server/adapters/database/replica-archive.ts";
import { chance } from "../../server/chance.ts";
import { eventually } from "../support/embedded.ts";
import { canHaveStandbys, Postgres15 } from "../support/standby.ts";
import { stopwatch } from "../support/stopwatch.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

describe("how near a replica is", () => {
  let now = 0;
  let nearness: Nearness;
  beforeEach(() => {
    now = 0;
    nearness = new Nearness(() => now);
  });
  const look = (writer: number, follower: number) => nearness.begin()(writer)(follower);

  it("[RE2] is told by how much of the log it has, whatever anybody's clock says", () => {
    assert.equal(nearness.isNear(), false);
    look(100, 100);
    assert.deepEqual([nearness.isNear(), nearness.lagMs()], [true, 0]);
    now = 1000;
    look(250, 100);
    assert.deepEqual([nearness.isNear(), nearness.lagMs()], [true, 1000]);
    now = 2000;
    look(400, 300);
    assert.deepEqual([nearness.isNear(), nearness.lagMs()], [true, 1000]);
  });

  it("[RE2] is too little once it is five seconds behind, or was not heard of for that long", () => {
    look(100, 100);
    for (now = 1000; now <= MOST_LAG_MS; now += 1000) look(100 + now, 100);
    assert.equal(nearness.isNear(), false);
    look(9000, 9000);
    assert.equal(nearness.isNear(), true);
    now += MOST_LAG_MS + 1;
    assert.equal(nearness.isNear(), false);
  });

  it("[RE2] stays as it is while nobody writes", () => {
    for (now = 0; now < 10 * MOST_LAG_MS; now += 1000) look(100, 100);
    now -= 1000;
    assert.equal(nearness.lagMs(), 0);
  });
});

describe("a replica", function () {
  this.timeout(60_000);
  if (!canHaveStandbys()) return;
  let primary: Postgres15;
  let standby: Postgres15;
  let proxy: TcpProxy;
  let opened: OpenedDatabase;
  const words: string[] = [];
  const log = {
    info: (_: object, message: string) => void words.push(message),
    warn: (_: object, message: string) => void words.push(message),
  };

  const askedOf = async () => {
    const sql = "select current_setting('port')::int as port";
    const { rows } = await opened.lookups.ask((pool) => pool.query<{ port: number }>(sql));
    return rows[0]?.port;
  };
  const serves = (postgres: Postgres15) => eventually(async () => (await askedOf()) === postgres.port);

  before(async () => {
    primary = await Postgres15.start();
    await (await openDatabase({ url: primary.url, migrate: "auto", connections: 4, log })).close();
    standby = await primary.standby("replica");
    proxy = await TcpProxy.open(() => standby.port);
    const replicaUrl = standby.urlAt(proxy.port);
    opened = await openDatabase({ url: primary.url, replicaUrl, migrate: "never", connections: 4, log });
  });
  after(async () => {
    await opened?.close();
    await proxy?.close();
    await Promise.all([primary?.remove(), standby?.remove()]);
  });

  it("[RE1] answers what asks for it, and nothing else", async () => {
    await serves(standby);
    const port = "select current_setting('port')::int as port";
    assert.deepEqual((await opened.pool.query(port)).rows, [{ port: primary.port }]);
    assert.deepEqual(await opened.database.read((em) => em.getConnection().execute(port)), [{ port: primary.port }]);
  });

  it("[RE1] whoever writes something finds it at once, however far the replica is behind", async () => {
    await standby.query("select pg_wal_replay_pause()");
    const pairId = PairId.parse(chance.newId(Date.now()));
    await opened.pool.query("insert into pair_rooms (pair_id, version, last_seq) values ($1, 7, 3)", [pairId]);
    assert.equal((await databaseArchive(opened.pool).extent(pairId)).version, 7);
    const count = "select count(*)::int as count from pair_rooms where version = 7";
    const found = await opened.database.read((em) => em.getConnection().execute(count));
    assert.deepEqual(found, [{ count: 1 }]);
    await standby.query("select pg_wal_replay_resume()");
  });

  it("[RE3] is not believed about what is asked for by number and not there yet", async () => {
    await serves(standby);
    await standby.query("select pg_wal_replay_pause()");
    const pairId = PairId.parse(chance.newId(Date.now()));
    await say(opened, pairId, 3);
    const archive = replicaArchive(opened.lookups);
    assert.equal((await archive.bySeq(pairId, 1, 3)).length, 3);
    const { lastSeq } = await archive.extent(pairId);
    assert.equal(lastSeq, 0, "the extent is the replica's");
    await standby.query("select pg_wal_replay_resume()");
    await eventually(async () => (await archive.extent(pairId)).lastSeq === 3);
  });

  it("[RE2] is passed over once it is five seconds behind, and asked again when it has caught up", async () => {
    await serves(standby);
    await standby.query("select pg_wal_replay_pause()");
    // As servers do twice a second.
    const writing = setInterval(() => void opened.pool.query("select txid_current()"), 200);
    const took = stopwatch();
    await serves(primary);
    assert.ok(took() < MOST_LAG_MS + 2500);
    await standby.query("select pg_wal_replay_resume()");
    await serves(standby);
    clearInterval(writing);
  });

  it("[RE2] is passed over while it is away, without anybody failing for it, and that is said once", async () => {
    await serves(standby);
    words.length = 0;
    await proxy.refuse();
    for (let n = 0; n < 20; n++) assert.equal(await askedOf(), primary.port);
    await proxy.heal();
    await serves(standby);
    assert.deepEqual(words, ["the replica does not serve; the primary is asked instead", "the replica serves again"]);
  });

  it("[RE2] that falls silent costs three seconds once", async () => {
    await serves(standby);
    proxy.hold();
    const took = stopwatch();
    assert.equal(await askedOf(), primary.port);
    assert.equal(await askedOf(), primary.port);
    assert.ok(took() < 4000);
    proxy.cut();
    await proxy.heal();
    await serves(standby);
  });

  it("[RE4] is passed over if it does not follow the line of history that is ours", async () => {
    await serves(standby);
    await standby.promote();
    await serves(primary);
  });

  it("[RE2] may be away when the server starts", async () => {
    const replicaUrl = "postgres://nobody@127.0.0.1:1/none";
    const other = await openDatabase({ url: primary.url, replicaUrl, migrate: "never", connections: 4, log });
    assert.equal((await other.lookups.ask((pool) => pool.query("select 1 as one"))).rows[0].one, 1);
    assert.equal(other.lookups.lagMs(), undefined);
    await other.close();
  });
});

/** Straight into the tables, as many as that. */
async function say({ pool }: OpenedDatabase, pairId: PairId, count: number): Promise<void> {
  const senderId = UserId.parse(chance.newId(Date.now()));
  await pool.query("insert into pair_rooms (pair_id, revision, version, last_seq) values ($1, $2, $2, $2)", [
    pairId,
    count,
  ]);
  const ids = Array.from({ length: count }, (_, n) => chance.newId(Date.now() + n));
  await pool.query(
    `with said as (
       select n, id from unnest($2::uuid[]) with ordinality as said(id, n)
     ), journalled as (
       insert into journal (pair_id, revision, version, seq, type, subject_id, actor_id, key, at)
       select $1::uuid, n, n, n, 'chat.message_sent', id, $3::uuid, n::text, now() from said
     )
     insert into messages (pair_id, id, seq, version, sender_id, key, type, text, sent_at)
     select $1::uuid, id, n, n, $3::uuid, n::text, 'text', 'said', now() from said`,
    [pairId, ids, senderId],
  );
}
