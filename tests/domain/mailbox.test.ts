import assert from "node:assert/strict";
import { addressKeyOf } from "../../domain/address-keys.ts";
import { mailbox } from "../../domain/mailbox.ts";
import { secrets } from "../../domain/secrets.ts";
import type { Channel, Letter, Outgoing } from "../../schema/wire/letters.ts";
import { asMail, asTextMessage } from "../../server/adapters/letters/render.ts";
import { sampleLetters } from "../../server/adapters/letters/samples.ts";
import { chance } from "../../server/chance.ts";
import { FakeClock } from "../support/accounts-world.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

const LINK = "https://twinship.test/i/SAMPLE";

describe("the mailbox", () => {
  let opened: TemporaryDatabase;
  const clock = new FakeClock();
  const old = secrets(["the secret of before, and long enough"], chance);
  const hidden = secrets(["for these tests only, and long enough", "the secret of before, and long enough"], chance);
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened.close());
  beforeEach(() => opened.pool.query("delete from deliveries"));

  const read = (query: { to?: string; channel?: Channel }, home: readonly Channel[] = ["email", "sms", "push"]) =>
    box(home).read(query);
  const box = (home: readonly Channel[]) =>
    mailbox({
      ...{ database: opened.database, clock, secrets: hidden, render: { mail: asMail, textMessage: asTextMessage } },
      isAtHome: (channel) => home.includes(channel),
      samples: (at) => sampleLetters("Anna", LINK, at),
    });

  const rows: { id: string; message: Outgoing; sealed: string; addressKey: string }[] = [];
  /** As they are written by whoever sends, many at once. */
  async function sent(messages: readonly Outgoing[], by = hidden): Promise<void> {
    rows.length = 0;
    for (const message of messages) {
      const addressKey = addressKeyOf(by, message.channel, message.to);
      rows.push({
        id: chance.newId(clock.now()),
        message,
        sealed: by.seal("delivery", JSON.stringify(message)),
        addressKey,
      });
    }
    await opened.pool.query(
      `insert into deliveries (id, channel, template, address_key, sealed, status, attempts, created_at, updated_at)
       select id::uuid, channel, 'x', address_key, sealed, 'sent', 1, $5, $5
       from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as given (id, channel, address_key, sealed)`,
      [
        rows.map(({ id }) => id),
        rows.map(({ message }) => message.channel),
        rows.map(({ addressKey }) => addressKey),
        rows.map(({ sealed }) => sealed),
        new Date(clock.now()),
      ],
    );
    clock.advance(1000);
  }

  const letter: Letter = { template: "verify_address", name: "Ada", link: LINK };
  const mailTo = (to: string): Outgoing => ({ channel: "email", to, letter });
  const textTo = (to: string): Outgoing => ({ channel: "sms", to, letter: { template: "phone_code", code: "123456" } });

  it("[MB1] tells of each what was said, its links and its code, the newest first", async () => {
    await sent([mailTo("ada@example.org")]);
    await sent([textTo("+4930123456")]);
    const data = { pairId: "p" };
    await sent([
      {
        ...{ channel: "push", to: "ExponentPushToken[x]" },
        letter: { template: "message", title: "Bea", body: "wrote to you", data, collapse: null },
      },
    ]);
    const all = await read({});
    assert.deepEqual(
      all.map(({ channel, to, subject, text, links, code }) => [channel, to, subject, text.slice(0, 12), links, code]),
      [
        ["push", "ExponentPushToken[x]", "Bea", "wrote to you", [], null],
        ["sms", "+4930123456", null, "123456 is yo", [], "123456"],
        ["email", "ada@example.org", "Confirm your address for Twinship", "Welcome, Ada", [LINK], null],
      ],
    );
    assert.deepEqual(
      (await read({ channel: "sms" })).map(({ to }) => to),
      ["+4930123456"],
    );
  });

  it("[MB1] what went to an address is found by any spelling of it, also where a plus was not escaped", async () => {
    await sent([mailTo("Ada+twin@Example.org"), textTo("+4930123456"), mailTo("bea@example.org")]);
    for (const [to, found] of [
      [" ada+TWIN@example.org ", "Ada+twin@Example.org"],
      ["ada twin@example.org", "Ada+twin@Example.org"],
      [" 4930123456", "+4930123456"],
      ["+49 (30) 123456", "+4930123456"],
      ["nobody@example.org", undefined],
      ["%", undefined],
    ] as const)
      assert.deepEqual(
        (await read({ to })).map((one) => one.to),
        found === undefined ? [] : [found],
        to,
      );
  });

  it("[MB1] however much was sent to others since, and under whichever secret", async () => {
    await sent([mailTo("ada@example.org")], old);
    await sent(Array.from({ length: 300 }, (_, n) => mailTo(`person-${n}@example.org`)));
    assert.equal((await read({ to: "ada@example.org" })).length, 1);
    assert.equal((await read({})).length, 200);
  });

  it("[MB1] what is not sent to who wants nothing of us is not there", async () => {
    await sent([mailTo("ada@example.org"), mailTo("bea@example.org")]);
    await opened.pool.query("update deliveries set status = 'suppressed' where id = $1", [rows[0]?.id]);
    assert.deepEqual(
      (await read({})).map(({ to }) => to),
      ["bea@example.org"],
    );
  });

  it("[MB3] of what really leaves nothing is shown, not even while it waits", async () => {
    await sent([mailTo("ada@example.org"), textTo("+4930123456")]);
    assert.deepEqual(
      (await read({}, ["sms", "push"])).map(({ channel }) => channel),
      ["sms"],
    );
    assert.deepEqual(await read({ channel: "email" }, ["sms", "push"]), []);
  });

  it("[MB2] a sample of each letter, as it is sent: by mail, by text message, or by both", async () => {
    const samples = box(["email"]).samples();
    const sampled = samples.map(({ channel, subject, text }) => `${channel}: ${subject ?? text.slice(0, 20)}`);
    assert.equal(samples.length, 18);
    assert.ok(sampled.includes("sms: 123456 is your Twins") && !sampled.includes("email: Your Twinship code"));
    assert.ok(sampled.includes("email: Anna invites you to Twinship"));
    assert.ok(sampled.includes("sms: Anna invites you to "));
    assert.equal(samples[0]?.at, new Date(clock.now()).toISOString());
  });
});
