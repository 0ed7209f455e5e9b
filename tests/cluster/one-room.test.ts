import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import type { PairedUp, SignedUp } from "../support/entrance.ts";
import { Phone } from "../support/phone.ts";
import { stopwatch } from "../support/stopwatch.ts";
import { underFault } from "./faults.ts";

const FIRST_JOINS = 60;
const AT_ONCE = 100;

describe("one pair on three nodes", function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let twins: PairedUp;
  const phones: Phone[] = [];
  before(async () => {
    cluster = await Cluster.create({ redis: true });
  });
  beforeEach(async () => {
    twins = await cluster.entrance.pairUp();
  });
  afterEach(() => Promise.all(phones.splice(0).map((phone) => phone.leave())));
  after(() => cluster?.remove());

  const at = (n: number) => cluster.node(n % cluster.nodes.length).server;
  async function join(who: SignedUp, node: number, deviceId: string): Promise<Phone> {
    const phone = await Phone.join(at(node), who, { deviceId });
    phones.push(phone);
    return phone;
  }

  it(`[P4] [FA2] ${FIRST_JOINS} first joins at once on all nodes open one room, and no seat is given in another`, async () => {
    const asked = Array.from({ length: FIRST_JOINS }, (_, n) =>
      at(n).call("POST", "/api/v1/room/seat", (n % 2 ? twins.ada : twins.bea).accessToken, { deviceId: `phone-${n}` }),
    );
    const answers = await Promise.all(asked);
    const seated = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code);
    assert.ok(seated.length >= 2, JSON.stringify(answers[0]?.body));
    assert.deepEqual(
      [...new Set(refused)].filter((code) => code !== "TOO_MANY_DEVICES"),
      [],
    );
    assert.deepEqual([...new Set(seated.map(({ body }) => body.roomId))], [`${twins.pairId}_1`]);
    const [row] = await cluster.postgres.query<{ epoch: string }>("select epoch from pair_rooms where pair_id = $1", [
      twins.pairId,
    ]);
    assert.equal(Number(row?.epoch), 1);
  });

  it("[P4] [FA2] eight phones of each twin that come at once, wherever they land, hear one another", async () => {
    const all = await Promise.all(
      Array.from({ length: 16 }, (_, n) => join(n % 2 ? twins.ada : twins.bea, n, `phone-${n}`)),
    );
    await Promise.all(all.map((phone, n) => phone.say(`from ${n}`)));
    for (const [n, phone] of all.entries()) {
      const others = all.flatMap((_, other) => (other === n ? [] : [`from ${other}`]));
      for (const text of others) await hearsText(phone, text);
    }
    const late = await join(twins.ada, 0, "phone-1");
    const { messages } = await late.ask("chat.history", { limit: 100 });
    assert.deepEqual(
      messages.map(({ seq }: { seq: number }) => seq),
      Array.from({ length: 16 }, (_, n) => n + 1),
    );
  });

  it(`[P2] [FA3] the same send ${AT_ONCE} times at once, over two sockets, three nodes and HTTP, has one effect and one answer`, async () => {
    const [phone, tablet, bea] = [
      await join(twins.ada, 0, "phone"),
      await join(twins.ada, 1, "tablet"),
      await join(twins.bea, 2, "bea"),
    ];
    const command = { key: "once", text: "said once" };
    const asked = Array.from({ length: AT_ONCE }, async (_, n) => {
      if (n % 4 < 2) {
        const { id, seq, duplicate } = await (n % 4 ? phone : tablet).ask("chat.send", command);
        return { id, seq, duplicate };
      }
      const post = { clientMessageId: command.key, text: command.text };
      const { status, body } = await at(n).call("POST", "/api/v1/messages", twins.ada.accessToken, post);
      return { id: body.message?.id, seq: body.message?.seq, duplicate: status === 200 };
    });
    const answers = await Promise.all(asked);
    assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1, "one of them was the first");
    assert.deepEqual([...new Set(answers.map(({ id, seq }) => `${id} ${seq}`))].length, 1);
    assert.equal(answers[0]?.seq, 1);
    const marker = await bea.say("after all of them");
    assert.equal(marker.seq, 2);
    assert.equal(bea.all("chat.message").filter(({ message }) => message.key === "once").length, 1);
  });

  it("[P2] [FA3] the same key with other words is ID_REUSED, at whichever node and by whichever door", async () => {
    const ada = await join(twins.ada, 0, "phone");
    await ada.say("first words", "k");
    const other = await join(twins.ada, 1, "tablet");
    assert.equal(await other.refusal("chat.send", { key: "k", text: "other words" }), "ID_REUSED");
    const post = { clientMessageId: "k", text: "other words" };
    const { body } = await at(2).call("POST", "/api/v1/messages", twins.ada.accessToken, post);
    assert.equal(body.error.code, "ID_REUSED");
  });

  it("[P3] [P4] edits, reactions, deletions and sends that race on one message from four phones leave one history", async () => {
    const four = await Promise.all([
      join(twins.ada, 0, "ada phone"),
      join(twins.ada, 1, "ada tablet"),
      join(twins.bea, 2, "bea phone"),
      join(twins.bea, 0, "bea tablet"),
    ]);
    const { id: messageId } = await four[0].say("fought over");
    const races = four.flatMap((phone, who) =>
      Array.from({ length: 12 }, (_, n) => {
        const key = `race ${who} ${n}`;
        if (n % 3 === 0) return phone.ask("chat.react", { key, messageId, emoji: "🙂", on: n % 2 === 0 });
        if (n % 3 === 1) return phone.ask("chat.send", { key, text: `${who} ${n}` });
        return phone.refusal("chat.edit", { key, messageId, text: `edit ${who} ${n}` });
      }),
    );
    await Promise.all(races);
    await four[1].ask("chat.delete", { key: "gone", messageId, for: "everyone" });
    const { version } = await four[2].say("the end");
    const seen = await Promise.all(
      four.map(async (phone) => {
        const { messages } = await phone.ask("chat.sync", { afterVersion: 0, limit: 200 });
        return JSON.stringify(
          messages.map(
            ({ senderName: _, accentColor: __, ...rest }: { senderName: string; accentColor: string }) => rest,
          ),
        );
      }),
    );
    assert.equal(new Set(seen).size, 1, "all four have the same history");
    const told = four.map((phone) => phone.all("chat.message").map((event) => event.version));
    for (const versions of told)
      assert.deepEqual(
        versions,
        versions.toSorted((one, other) => one - other),
      );
    assert.ok(version >= 2 + 16);
  });

  it("[P4] [FA4] who parts while both write: what was acknowledged is kept, the rest is refused, and both are told at any node", async () => {
    const ada = await join(twins.ada, 0, "phone");
    const bea = await join(twins.bea, 1, "phone");
    const said = Array.from({ length: 40 }, (_, n) =>
      (n % 2 ? ada : bea).ask("chat.send", { key: `last ${n}`, text: `last words ${n}` }).then(
        ({ seq }) => seq,
        () => undefined,
      ),
    );
    const parted = at(2).call("DELETE", "/api/v1/twins", twins.ada.accessToken);
    const kept = (await Promise.all(said)).filter((seq) => seq !== undefined);
    assert.equal((await parted).status, 200);
    for (const phone of [ada, bea]) {
      assert.equal((await phone.hears("pair.closed")).reason, "unpaired");
      assert.equal(await phone.closed, 4403);
    }
    const { body } = await at(1).call(
      "GET",
      `/api/v1/messages?limit=100&pairId=${twins.pairId}`,
      twins.bea.accessToken,
    );
    const history = body.messages
      .map(({ seq }: { seq: number }) => seq)
      .toSorted((one: number, other: number) => one - other);
    assert.deepEqual(
      history,
      history.map((_: number, n: number) => n + 1),
    );
    assert.deepEqual(
      kept.filter((seq) => !history.includes(seq)),
      [],
    );
    assert.equal(
      (await at(0).call("POST", "/api/v1/room/seat", twins.bea.accessToken, {})).body.error.code,
      "NOT_PAIRED",
    );
  });

  it("[P5] [FA5] what is posted over HTTP at any node is heard by live phones at all nodes", async () => {
    const heard = await Promise.all([
      join(twins.bea, 0, "phone"),
      join(twins.bea, 1, "tablet"),
      join(twins.ada, 2, "phone"),
    ]);
    for (let n = 0; n < cluster.nodes.length; n++) {
      const post = { clientMessageId: `posted ${n}`, text: `posted at ${n}` };
      assert.equal((await at(n).call("POST", "/api/v1/messages", twins.ada.accessToken, post)).status, 201);
      for (const phone of heard) await hearsText(phone, post.text);
    }
    for (const phone of heard) {
      assert.deepEqual(
        phone.all("chat.message").map(({ message }) => message.seq),
        [1, 2, 3],
      );
    }
  });

  it("[FA6] who waits at one node hears at once of a code redeemed at another", async () => {
    const [cara, dora] = [await at(0).signUp("Cara"), await at(1).signUp("Dora")];
    const waiting = await Phone.wait(at(0), cara);
    phones.push(waiting);
    const { body: made } = await at(2).call("POST", "/api/v1/twins/code", cara.accessToken);
    const { body } = await at(1).call("POST", "/api/v1/twins/pair", dora.accessToken, { code: made.code });
    const { pairId } = await waiting.hears("pair.opened");
    assert.equal(pairId, body.pairId);
  });

  it("[FA7] a session that is ended at one node is closed 4401 at another within five seconds, and lets nobody in again", async () => {
    const ada = await join(twins.ada, 1, "phone");
    const bea = await join(twins.bea, 2, "phone");
    const took = stopwatch();
    assert.equal((await at(0).call("POST", "/api/v1/auth/logout", twins.ada.accessToken, {})).status, 200);
    assert.equal(await ada.closed, 4401);
    assert.ok(took() < 5000);
    const { body } = await at(2).call("GET", "/api/v1/auth/me", twins.ada.accessToken);
    assert.equal(body.error.code, "AUTH_TOKEN_REVOKED");
    assert.equal(bea.isClosed, false);
  });

  it("[P2] [P3] [P4] with nothing wrong at all, everything is as promised, and nobody is kept waiting or sent elsewhere", async () => {
    const of = { fault: "none", invariant: "P1-P5, P10, P11" };
    const { acknowledged, gaps, farewells } = await underFault(cluster, of, (talk) => talk.goesOn(30));
    assert.ok(acknowledged > 100);
    assert.deepEqual({ gaps, farewells }, { gaps: [], farewells: [] });
  });
});

const hearsText = (phone: Phone, text: string) => phone.hears("chat.message", ({ message }) => message.text === text);
