import assert from "node:assert/strict";
import type { Database, SessionCopies } from "../../domain/ports.ts";
import { type Sessions, sessions } from "../../domain/sessions.ts";
import type { TokensView } from "../../schema/wire/accounts.ts";
import { SessionId } from "../../schema/wire/ids.ts";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import { type OpenedRedis, openRedis } from "../../server/adapters/redis/open.ts";
import { liveCopies } from "../../server/adapters/sessions/live-copy.ts";
import { chance } from "../../server/chance.ts";
import { AccountsWorld, code } from "../support/accounts-world.ts";
import { eventually } from "../support/embedded.ts";
import { Random } from "../support/random.ts";
import { describeWithRedis, startRedis, type TestRedis } from "../support/redis.ts";
import { stopwatch } from "../support/stopwatch.ts";

const silent = { info: () => undefined, warn: () => undefined };

const KEY = clusterKey(["the newest key of these nodes, quite long", "the one before, which counts still"]);

interface Node {
  readonly sessions: Sessions;
  readonly copies: SessionCopies;
  readonly redis: OpenedRedis;
  /** How often the database was asked. */
  looks(): number;
}

describeWithRedis("sessions as nodes tell each other of them", () => {
  let server: TestRedis;
  let world: AccountsWorld;
  const open: OpenedRedis[] = [];
  const reports: unknown[] = [];

  before(async () => {
    [server, world] = await Promise.all([startRedis(), AccountsWorld.open()]);
  });
  beforeEach(async () => {
    reports.length = 0;
    await server.restart({ empty: true });
  });
  afterEach(async () => {
    for (const redis of open.splice(0)) await redis.close();
  });
  after(async () => {
    await server.stop();
    await world.close();
  });

  /** One that has just started, and knows nothing. */
  async function node(key = KEY): Promise<Node> {
    const redis = openRedis({ url: server.url, log: silent });
    open.push(redis);
    await eventually(redis.isThere);
    const { clock, accessTokens, notices } = world;
    let looks = 0;
    const database: Database = {
      read: (work) => {
        looks++;
        return world.opened.database.read(work);
      },
      transaction: (work) => world.opened.database.transaction(work),
    };
    const copies = liveCopies({ redis, key, clock, report: (error) => void reports.push(error) });
    const deps = { database, clock, chance, accessTokens, notices, refreshTokenDays: 30, copies };
    return { sessions: sessions(deps), copies, redis, looks: () => looks };
  }

  interface SignedIn {
    readonly tokens: TokensView;
    readonly id: SessionId;
    readonly key: string;
  }

  /** Somebody, of whom nobody was told: they came by a node without Redis. */
  async function signIn(): Promise<SignedIn> {
    const { tokens } = await world.register();
    const { sessionId: id } = await world.callerOf({ tokens });
    return { tokens, id, key: `twinship:session:${id}` };
  }

  const enter = ({ sessions: at }: Node, { tokens }: SignedIn) => at.authenticate(tokens.accessToken);

  /** As if on a node that tells nobody. */
  const endInDatabase = ({ id }: SignedIn) => world.sql("update sessions set revoked_at = now() where id = $1", [id]);

  const copyIsThere = ({ key }: SignedIn) => eventually(async () => (await server.cli("get", key)).startsWith("live "));

  it("[RD11] what one node asked the database the others need not ask", async () => {
    const [first, second] = [await node(), await node()];
    const ada = await signIn();
    await enter(first, ada);
    await copyIsThere(ada);
    await enter(second, ada);
    await enter(second, ada);
    assert.deepEqual([first.looks(), second.looks(), reports], [1, 0, []]);
  });

  it("[RD11] a renewal is told at once, and the database asked again ten seconds after it was", async () => {
    const [first, second] = [await node(), await node()];
    const ada = await signIn();
    const tokens = await first.sessions.refresh({ refreshToken: ada.tokens.refreshToken });
    await copyIsThere(ada);
    await enter(second, { ...ada, tokens });
    assert.equal(second.looks(), 0);
    world.clock.advance(9_999);
    await enter(second, ada);
    assert.equal(second.looks(), 0);
    world.clock.advance(1);
    await enter(second, ada);
    assert.equal(second.looks(), 1);
  });

  it("[RD12] a Redis that is emptied, restarted or gone signs nobody out", async () => {
    const ada = await signIn();
    const [first, second] = [await node(), await node()];
    await enter(first, ada);
    await server.cli("flushall");
    await enter(second, ada);
    await server.restart({ empty: true });
    await enter(await node(), ada);
    const third = await node();
    await server.kill();
    await enter(third, ada);
    world.clock.advance(2000);
    for (const each of [first, second, third]) await enter(each, ada);
    assert.deepEqual(reports, []);
  });

  it("[RD12] a frozen one costs one request half a second, and the next nothing", async () => {
    const people = [await signIn(), await signIn(), await signIn()];
    const at = await node();
    await server.kill("SIGSTOP");
    const took = [];
    for (const each of people) {
      const elapsed = stopwatch();
      await enter(at, each);
      took.push(elapsed());
    }
    const [first = 0, ...rest] = took;
    assert.ok(first < 900 && rest.every((ms) => ms < 200), String(took));
  });

  it("[RD12] one that is full, or holds something else there, signs nobody out, and is complained of once", async () => {
    const [ada, bea] = [await signIn(), await signIn()];
    const at = await node();
    await server.cli("rpush", ada.key, "a");
    await enter(at, ada);
    await server.cli("config", "set", "maxmemory", "1");
    await enter(at, bea);
    await eventually(() => reports.length > 0);
    world.clock.advance(2000);
    for (const each of [ada, bea]) await enter(at, each);
    assert.deepEqual([at.looks(), reports.length], [4, 1]);
  });

  it("[RD13] a copy that nobody corrected counts for ten seconds, and no node adds to them", async () => {
    const ada = await signIn();
    await enter(await node(), ada);
    await copyIsThere(ada);
    await endInDatabase(ada);
    world.clock.advance(9_500);
    const at = await node();
    await enter(at, ada);
    assert.equal(at.looks(), 0);
    world.clock.advance(500);
    await assert.rejects(enter(at, ada), code("AUTH_TOKEN_REVOKED"));
  });

  it("[RD13] who was told that a session ended believes no copy, and tells Redis", async () => {
    const ada = await signIn();
    const [first, second] = [await node(), await node()];
    await enter(first, ada);
    await copyIsThere(ada);
    const before = await server.cli("get", ada.key);
    await endInDatabase(ada);
    second.sessions.standings.ended([ada.id]);
    await assert.rejects(enter(second, ada), code("AUTH_TOKEN_REVOKED"));
    await eventually(async () => (await server.cli("get", ada.key)).startsWith("revoked "));
    await assert.rejects(enter(await node(), ada), code("AUTH_TOKEN_REVOKED"));

    await server.cli("set", ada.key, before);
    await assert.rejects(enter(second, ada), code("AUTH_TOKEN_REVOKED"), "played back");
    world.clock.advance(10_000);
    await assert.rejects(enter(await node(), ada), code("AUTH_TOKEN_REVOKED"), "played back to a new one");
  });

  it("[RD14] what no node of ours wrote makes no session live", async () => {
    const [ada, bea] = [await signIn(), await signIn()];
    await endInDatabase(ada);
    const stranger = await node(clusterKey(["the key of quite another deployment"]));
    const until = world.clock.now() + 10_000;
    const others = { id: ada.id, seenAt: world.clock.now(), expiresAt: until, rotation: 7 };
    await enter(await node(), bea);
    await copyIsThere(bea);
    const forged = [
      `live 7 ${until} ${"A".repeat(43)}`,
      "live",
      `live 7 ${until}`,
      await server.cli("get", bea.key),
      `live 7 ${until} ${KEY.prove("session copy", ada.id, "revoked", "7", String(until))}`,
      `live 8 ${until} ${KEY.prove("session copy", ada.id, "live", "7", String(until))}`,
    ];
    for (const copy of forged) {
      await server.cli("set", ada.key, copy);
      await assert.rejects(enter(await node(), ada), code("AUTH_TOKEN_REVOKED"), copy);
    }
    await server.cli("del", ada.key);
    await stranger.copies.live(others);
    assert.match(await server.cli("get", ada.key), /^live 7 /);
    await assert.rejects(enter(await node(), ada), code("AUTH_TOKEN_REVOKED"));
    assert.ok((await stranger.copies.liveUntil(ada.id)) === until, "which they themselves believe");
  });

  it("[RD14] what a node wrote under the key of before counts still", async () => {
    const ada = await signIn();
    const [, ...older] = KEY.secrets;
    await enter(await node(clusterKey(older)), ada);
    await copyIsThere(ada);
    const at = await node();
    await enter(at, ada);
    assert.equal(at.looks(), 0);
  });

  it("[RD15] a no is the database's to say: a session that Redis calls ended lives on", async () => {
    const ada = await signIn();
    const liar = await node();
    await liar.copies.ended([ada.id]);
    assert.match(await server.cli("get", ada.key), /^revoked /);
    const at = await node();
    await enter(at, ada);
    world.clock.advance(2000);
    await enter(at, ada);
    assert.equal(at.looks(), 2);
    assert.ok(Number(await server.cli("pttl", ada.key)) > 86_000_000, "nobody says otherwise for a day");
  });

  it("[RD16] of many who tell of renewals, in any order, the newest stands; an end stays", async () => {
    const id = SessionId.parse(chance.newId(world.clock.now()));
    const nodes = [await node(), await node(), await node()];
    const now = world.clock.now();
    const tellings = Array.from({ length: 60 }, (_, n) => ({
      id,
      seenAt: now - (n % 7),
      expiresAt: now + 60_000,
      rotation: now + Math.floor(n / 7),
    }));
    const random = new Random(16);
    const places = new Map(tellings.map((each) => [each, random.below(1_000_000)]));
    tellings.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
    await Promise.all(tellings.map((each, n) => nodes[n % nodes.length]?.copies.live(each)));
    const [newest] = tellings.toSorted((a, b) => b.rotation - a.rotation || b.seenAt - a.seenAt);
    const [how, rotation, until] = (await server.cli("get", `twinship:session:${id}`)).split(" ");
    assert.deepEqual(
      [how, Number(rotation), Number(until)],
      ["live", newest?.rotation, (newest?.seenAt ?? 0) + 10_000],
    );

    const later = { id, seenAt: now, expiresAt: now + 60_000, rotation: now + 99_999 };
    await Promise.all(nodes.map(({ copies }, n) => (n === 1 ? copies.ended([id]) : copies.live(later))));
    await nodes[0]?.copies.live(later);
    assert.equal(await nodes[2]?.copies.liveUntil(id), undefined);
  });

  it("[RD16] two renewals at once, on two nodes, leave the newest", async () => {
    const ada = await signIn();
    const [first, second] = [await node(), await node()];
    const { refreshToken } = await first.sessions.refresh({ refreshToken: ada.tokens.refreshToken });
    world.clock.advance(5);
    await Promise.all([first, second].map(({ sessions: at }) => at.refresh({ refreshToken })));
    const [row] = await world.sql("select extract(epoch from last_used_at) * 1000 as at from sessions where id = $1", [
      ada.id,
    ]);
    await eventually(async () => Number((await server.cli("get", ada.key)).split(" ")[1]) === Number(row?.["at"]));
    await enter(await node(), ada);
  });

  it("[RD16] a copy ends with its session", async () => {
    const at = await node();
    const id = SessionId.parse(chance.newId(world.clock.now()));
    const now = world.clock.now();
    await at.copies.live({ id, seenAt: now, expiresAt: now + 300, rotation: 1 });
    assert.equal(await at.copies.liveUntil(id), now + 300);
    await eventually(async () => (await server.cli("exists", `twinship:session:${id}`)) === "0", 2000);
    await at.copies.live({ id, seenAt: now, expiresAt: now - 1, rotation: 1 });
    assert.equal(await at.copies.liveUntil(id), undefined);
  });
});
