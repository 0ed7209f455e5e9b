import assert from "node:assert/strict";
import type { Done } from "../../client/commands.ts";
import { Bot } from "../support/bot.ts";
import { eventually } from "../support/embedded.ts";
import type { PairedUp, SignedUp } from "../support/entrance.ts";
import { TestServer } from "../support/server.ts";
import { canHaveStandbys, Postgres15 } from "../support/standby.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

interface Row {
  readonly seq: number;
  readonly version: number;
  readonly key: string;
  readonly text: string;
}

interface Head {
  readonly version: number;
  readonly last_seq: number;
  readonly revision: number;
}

/** A primary, its standby, and a server that reaches whichever of them has the address. */
class World {
  readonly primary: Postgres15;
  readonly standby: Postgres15;
  readonly #proxy: TcpProxy;
  readonly #address: { at: Postgres15 };
  readonly server: TestServer;
  readonly bots: Bot[] = [];

  private constructor(of: {
    primary: Postgres15;
    standby: Postgres15;
    proxy: TcpProxy;
    address: { at: Postgres15 };
    server: TestServer;
  }) {
    this.primary = of.primary;
    this.standby = of.standby;
    this.#proxy = of.proxy;
    this.#address = of.address;
    this.server = of.server;
  }

  static async start(): Promise<World> {
    const primary = await Postgres15.start();
    const address = { at: primary };
    const proxy = await TcpProxy.open(() => address.at.port);
    const server = await TestServer.create({ DATABASE_URL: primary.urlAt(proxy.port) });
    const [standby] = await Promise.all([primary.standby("standby"), server.start()]);
    return new World({ primary, standby, proxy, address, server });
  }

  /** `meanwhile`: while nobody answers. */
  async failOver(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.primary.kill();
    await meanwhile();
    await this.standby.promote();
    this.#address.at = this.standby;
    this.#proxy.cut();
  }

  async phoneOf(who: SignedUp, pair: PairedUp, device: string): Promise<Bot> {
    const { url } = this.server;
    const bot = await Bot.start({
      url,
      email: who.email,
      password: "Correct-horse-1",
      person: who.userId,
      pair: pair.pairId,
      device,
    });
    this.bots.push(bot);
    return bot;
  }

  /** What the database that is left has, in order. */
  async truth(): Promise<Row[]> {
    const rows = await this.standby.query<Row>("select seq::int, version::int, key, text from messages order by id");
    const head = await this.standby.one<Head>("select version::int, last_seq::int, revision::int from pair_rooms");
    const journal = await this.standby.one<Head>(
      "select max(version)::int as version, max(seq)::int as last_seq, max(revision)::int as revision from journal",
    );
    assert.deepEqual([journal.version, journal.last_seq], [head.version, head.last_seq]);
    assert.ok(journal.revision <= head.revision);
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, n) => n + 1),
    );
    const orphans = "select from journal j where not exists (select from messages m where m.id = j.subject_id)";
    assert.deepEqual(await this.standby.query(orphans), []);
    return rows;
  }

  async remove(): Promise<void> {
    await Promise.allSettled(this.bots.map((bot) => bot.close()));
    await this.server.remove();
    await this.#proxy.close();
    await Promise.all([this.primary.remove(), this.standby.remove()]);
  }
}

const idOf = (done: Done) => ("id" in done ? done.id : assert.fail("what is sent has an id"));

const shown = (bot: Bot) => bot.screen.map((message) => ("text" in message ? message.text : undefined));

describe("a failover", function () {
  this.timeout(60_000);
  if (!canHaveStandbys()) return;
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.remove());

  it("[P10] [FO5] to a standby that lacks the last commits: under another history, each device ends with what history has, and nothing else", async () => {
    const pair = await world.server.pairUp();
    const [ada, bea] = [await world.phoneOf(pair.ada, pair, "ada"), await world.phoneOf(pair.bea, pair, "bea")];
    const asleep = await world.phoneOf(pair.bea, pair, "bea's tablet");
    await ada.say("kept, and everybody heard");
    const kept = idOf(await bea.say("kept as it was"));
    await world.primary.isFollowedBy(world.standby);
    const { pid } = world.server;
    const line = "select id from history_lines order by made_at desc limit 1";
    const before = await world.primary.one<{ id: string }>(line);

    await world.standby.stopFollowing();
    const lost = idOf(await ada.say("lost"));
    await bea.room.edit(kept, "an edit that is lost").then(({ answer }) => answer);
    await asleep.until(() => shown(asleep).includes("an edit that is lost"), "it was told of all that will be lost");
    await asleep.close("crash");
    const answers: Promise<unknown>[] = [];
    await world.failOver(async () => {
      const said = [
        await ada.room.edit(lost, "an edit of what is lost"),
        await ada.room.send("said into the failover"),
        await bea.room.send({ text: "an answer to what is lost", replyTo: lost }),
        await bea.room.react(kept, "🙂"),
      ];
      answers.push(...said.map(({ answer }) => answer));
    });
    const outcomes = await Promise.allSettled(answers);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "fulfilled", "rejected", "fulfilled"],
    );
    await asleep.open();
    const rows = await world.truth();
    const version = Math.max(...rows.map((row) => row.version));
    const phones = [ada, bea, asleep];
    await Promise.all(phones.map((phone) => phone.rest(version)));

    const texts = rows.map(({ text }) => text);
    for (const phone of phones) assert.deepEqual(shown(phone), texts);
    assert.deepEqual(texts.slice(0, 2), ["kept, and everybody heard", "kept as it was"]);
    assert.ok(texts.includes("said into the failover") && !texts.includes("lost"));
    assert.equal(world.server.pid, pid, "nobody had to start it again");
    const after = await world.standby.one<{ id: string }>(line);
    assert.notEqual(after.id, before.id);
    assert.deepEqual(
      phones.flatMap(({ reported }) => reported),
      [],
    );
  });

  it("[P1] [FO6] to a standby that was waited for: nothing that was acknowledged is lost", async () => {
    await world.primary.query("alter system set synchronous_standby_names = 'standby'");
    await world.primary.query("select pg_reload_conf()");
    await eventually(async () => {
      const { state } = await world.primary.one<{ state: string }>(
        "select sync_state as state from pg_stat_replication",
      );
      return state === "sync";
    });
    const pair = await world.server.pairUp();
    const phones = [await world.phoneOf(pair.ada, pair, "ada"), await world.phoneOf(pair.bea, pair, "bea")];
    const acknowledged: string[] = [];
    let isOver = false;
    const talk = async (phone: Bot, n: number) => {
      for (let said = 1; !isOver; said++) {
        const text = `${n}/${said}`;
        await phone.say(text);
        acknowledged.push(text);
      }
    };
    const talking = Promise.all(phones.map(talk));
    await eventually(() => acknowledged.length > 50);
    await world.failOver();
    const until = acknowledged.length;
    await eventually(() => acknowledged.length > until + 50, 20_000);
    isOver = true;
    await talking;
    const rows = await world.truth();
    const texts = rows.map(({ text }) => text);
    assert.deepEqual(
      acknowledged.filter((text) => !texts.includes(text)),
      [],
    );
    assert.equal(new Set(texts).size, texts.length);
    await Promise.all(phones.map((phone) => phone.rest(Math.max(...rows.map(({ version }) => version)))));
    // Who starts over has the newest page.
    for (const phone of phones) assert.deepEqual(shown(phone), texts.slice(-phone.screen.length));
  });
});
