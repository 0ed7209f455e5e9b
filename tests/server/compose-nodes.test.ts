import assert from "node:assert/strict";
import { Cluster, type ClusterNode } from "../support/cluster.ts";
import { eventually } from "../support/embedded.ts";
import { Entrance, type PairedUp } from "../support/entrance.ts";
import { type Figures, figuresOf } from "../support/figures.ts";
import { Nginx } from "../support/nginx.ts";
import { Phone } from "../support/phone.ts";

const TOKEN = "only-for-these-tests";

const isThere = Nginx.isThere;

describe("two nodes behind the proxy, as compose starts them", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let proxy: Nginx;
  let entrance: Entrance;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async function () {
    // A gate that cannot look must not say that all is well.
    if (!isThere) return process.env["CI"] === "true" ? assert.fail("nginx is not there") : this.skip();
    cluster = await Cluster.create({
      nodes: 2,
      redis: true,
      env: { METRICS_TOKEN: TOKEN, TRUST_PROXY: "127.0.0.0/8", MIGRATE: "auto" },
    });
    proxy = await Nginx.start(cluster.nodes.map(({ server }) => server.port));
    entrance = new Entrance(proxy.port);
  });
  beforeEach(async () => {
    twins = await entrance.pairUp();
  });
  afterEach(() => Promise.all(phones.splice(0).map((phone) => phone.leave())));
  after(async () => {
    await proxy?.stop();
    await cluster?.remove();
  });

  const join = async (who: keyof Pick<PairedUp, "ada" | "bea">, deviceId: string, options: object = {}) => {
    const phone = await Phone.join(entrance, twins[who], { deviceId, ...options });
    phones.push(phone);
    return phone;
  };

  const figures = async ({ server }: ClusterNode): Promise<Figures> => {
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    assert.equal(answer.status, 200);
    return figuresOf(await answer.text());
  };
  const sum = async (name: string, labels: Record<string, string> = {}, nodes = cluster.nodes): Promise<number> => {
    const all = await Promise.all(nodes.map(figures));
    return all.reduce((total, one) => total + (one.value(name, labels) ?? 0), 0);
  };

  it("[DP11] stock clients join through it on whatever node they land, and hear each other, and HTTP, in one order", async () => {
    const all = [];
    for (const device of ["1", "2"]) all.push(await join("ada", `a${device}`), await join("bea", `b${device}`));
    for (const [n, phone] of all.entries()) assert.equal((await phone.say(`from ${n}`)).seq, n + 1);
    const posted = await entrance.call("POST", "/api/v1/messages", twins.ada.accessToken, {
      clientMessageId: "by HTTP",
      type: "text",
      text: "by HTTP",
    });
    assert.equal(posted.status, 201);
    for (const [n, phone] of all.entries()) {
      await phone.hears("chat.message", ({ message }) => message.seq === 5);
      const heard = phone.all("chat.message").map(({ message }) => message.seq);
      assert.deepEqual(
        heard,
        [1, 2, 3, 4, 5].filter((seq) => seq !== n + 1),
        "each what the others said",
      );
    }
  });

  it("[DP12] the node with the room is told to go: its devices come back through the proxy, and lose nothing", async () => {
    const [ada, bea] = [await join("ada", "a"), await join("bea", "b")];
    for (let n = 1; n <= 5; n++) await ada.say(`before ${n}`);
    const owner = await cluster.settledOwnerOf(twins.pairId);
    const ended = owner.server.end("SIGTERM");
    assert.deepEqual(await Promise.all([ada.closed, bea.closed]), [4503, 4503]);
    const again = await comingBack(() => join("ada", "a", { afterVersion: 5 }));
    assert.equal((await again.say("after")).seq, 6);
    const other = await comingBack(() => join("bea", "b"));
    assert.equal((await other.hears("chat.window")).messages.length, 6);
    assert.equal(await ended, 0);
    await owner.server.start();
    await cluster.whole();
  });

  it("[DP12] the node with the room dies: its devices come back through the proxy, and what was acknowledged is there", async () => {
    const [ada, bea] = [await join("ada", "a"), await join("bea", "b")];
    await ada.say("acknowledged");
    const owner = await cluster.settledOwnerOf(twins.pairId);
    await owner.server.end("SIGKILL");
    await Promise.all([ada.closed, bea.closed]);
    const back = await comingBack(() => join("bea", "b"));
    const { messages } = await back.hears("chat.window");
    assert.deepEqual(
      messages.map(({ text }: { text: string }) => text),
      ["acknowledged"],
    );
    assert.ok((await sum("twinship_take_overs_total", {}, cluster.others(owner))) >= 1);
    await owner.server.start();
    await cluster.whole();
  });

  it("[MT13] what happens on the nodes is in their figures", async () => {
    const named = { name: "chat.send", outcome: "ok" };
    const before = { sent: await sum("twinship_commands_total", named), claims: await sum("twinship_claims_total") };
    const wrote = await sum("twinship_appends_total", { outcome: "written" });
    const all = [await join("ada", "a1"), await join("ada", "a2"), await join("bea", "b1"), await join("bea", "b2")];
    for (const phone of all) await phone.say(`figures ${phone.room.sessionId}`);
    assert.equal(await all[0]?.refusal("chat.edit", { key: "k", messageId: twins.pairId, text: "x" }), "NOT_FOUND");
    assert.equal(await sum("twinship_commands_total", named), before.sent + 4);
    assert.ok((await sum("twinship_commands_total", { name: "chat.edit", outcome: "NOT_FOUND" })) >= 1);
    assert.equal(await sum("twinship_claims_total"), before.claims + 1);
    assert.ok((await sum("twinship_appends_total", { outcome: "written" })) >= wrote + 4);
    assert.ok((await sum("twinship_acknowledgement_seconds_count")) >= 4);
    assert.ok((await sum("twinship_batch_rows_sum")) >= 4);
    assert.equal(await sum("twinship_connections"), 4);
    assert.ok((await sum("twinship_rooms")) >= 1);
    assert.equal(await sum("twinship_ready"), 2);
    assert.equal(await sum("twinship_redis_up"), 2);
    assert.equal(await sum("twinship_partitions_ahead_months"), 24);
    assert.equal(await sum("twinship_neighbours"), 2);
    assert.equal(await sum("twinship_neighbours_unreachable"), 0);
    assert.ok(Math.abs(await sum("twinship_clock_offset_seconds")) < 1);
    assert.ok((await sum("twinship_database_connections", { pool: "commits" })) >= 1);
    const route = "/matchmake/:method/:room";
    assert.ok((await sum("twinship_http_requests_total", { method: "POST", route, status: "200" })) >= 4);
  });

  it("[MT13] a socket on a node that has not its room counts as passed on for as long as it is there", async () => {
    const owner = await (async () => {
      await join("ada", "first");
      return cluster.settledOwnerOf(twins.pairId);
    })();
    const [elsewhere] = cluster.others(owner);
    assert.ok(elsewhere);
    const before = (await figures(elsewhere)).value("twinship_forwarded_sockets") ?? 0;
    const bea = await Phone.join(elsewhere.server, twins.bea, { deviceId: "b" });
    assert.equal((await figures(elsewhere)).value("twinship_forwarded_sockets"), before + 1);
    await bea.leave();
    await eventually(async () => (await figures(elsewhere)).value("twinship_forwarded_sockets") === before);
  });

  it("[MT11] figures are told while PostgreSQL stands still, Redis is gone and nobody is ready; health says which is away", async () => {
    const [node] = cluster.nodes;
    assert.ok(node);
    cluster.postgres.freeze();
    try {
      await eventually(async () => (await node.server.call("GET", "/ready")).status === 503, 8000);
      assert.ok((await node.server.call("GET", "/ready")).body.reasons.includes("database"));
      const told = await figures(node);
      assert.equal(told.value("twinship_ready"), 0);
      assert.notEqual(told.value("twinship_rooms"), undefined);
      const { body } = await node.server.call("GET", "/health");
      assert.deepEqual([body.status, body.services.database], ["degraded", "unavailable"]);
    } finally {
      cluster.postgres.thaw();
    }
    await eventually(async () => (await node.server.call("GET", "/ready")).status === 200, 10_000);
    await cluster.redis?.stop();
    await eventually(async () => (await figures(node)).value("twinship_redis_up") === 0);
    const { body } = await node.server.call("GET", "/health");
    assert.deepEqual([body.status, body.services.redis], ["degraded", "unavailable"]);
    assert.equal((await node.server.call("GET", "/ready")).status, 200);
  });
});

/** An app asks again until it is let in. */
async function comingBack<T>(join: () => Promise<T>): Promise<T> {
  let joined: T | undefined;
  await eventually(async () => {
    joined = await join().catch(() => undefined);
    return joined !== undefined;
  });
  assert.ok(joined !== undefined);
  return joined;
}
