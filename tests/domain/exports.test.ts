import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Download } from "../../domain/exports.ts";
import { ExportId } from "../../schema/wire/privacy.ts";
import { code } from "../support/accounts-world.ts";
import { type Member, PrivacyWorld } from "../support/privacy-world.ts";
import { unzipped } from "../support/zip.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

describe("exports", function () {
  this.timeout(30_000);
  let world: PrivacyWorld;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());

  const look = (who: Member, id: ExportId) => world.exports.look(who.caller, id);

  async function made(who: Member): Promise<ExportId> {
    const { id } = await world.exports.ask(who.caller);
    await world.exports.make(id);
    return id;
  }

  async function openAgain(who: Member, id: ExportId): Promise<Download> {
    return world.exports.open(tokenOf((await look(who, id)).downloadUrl));
  }

  const tokenOf = (url: string | null): string => url?.split("/").at(-1) ?? "";
  const all = (download: Download) => buffer(download.read(0, download.bytes - 1));

  const contentsOf = async (who: Member): Promise<ReadonlyMap<string, Buffer>> =>
    unzipped(await all(await openAgain(who, await made(who))));

  it("[XP1] one is under way at most: whoever asks again meanwhile is told of that one, and it costs them nothing", async () => {
    const ada = await world.member();
    const asked = await Promise.all([world.exports.ask(ada.caller), world.exports.ask(ada.caller)]);
    for (let more = 0; more < 10; more++) asked.push(await world.exports.ask(ada.caller));
    assert.equal(new Set(asked.map(({ id }) => id)).size, 1);
    assert.deepEqual(asked[0], { id: asked[0]?.id, status: "pending" });
    const jobs = world.jobs.jobs.filter(({ job }) => job.what === "export" && job.exportId === asked[0]?.id);
    assert.equal(jobs.length, 1);
  });

  it("[XP1] three are made a day", async () => {
    const ada = await world.member();
    for (let day = 0; day < 3; day++) await made(ada);
    await assert.rejects(world.exports.ask(ada.caller), code("RATE_LIMIT_EXCEEDED"));
  });

  it("[XP2] holds everything we have of the person, as they see it, and nothing that others keep from them", async () => {
    const { ada, bea, pairId } = await world.twins();
    const [own, hers, hidden, gone] = await world.talk(
      pairId,
      [ada, "chat.send", { text: "Ada's words" }],
      [bea, "chat.send", { text: "Bea's words" }],
      [bea, "chat.send", { text: "hidden by Ada" }],
      [bea, "chat.send", { text: "taken back by Bea" }],
      [ada, "chat.send", { encrypted: { sealed: "opaque" } }],
    );
    await world.talk(
      pairId,
      [ada, "chat.react", { messageId: hers, emoji: "❤️", on: true }],
      [ada, "chat.delete", { messageId: hidden, for: "me" }],
      [bea, "chat.delete", { messageId: own, for: "me" }],
      [bea, "chat.delete", { messageId: gone, for: "everyone" }],
      [bea, "twintuition.alert", { kind: "feeling", text: "from Bea" }],
    );
    await world.talk(pairId, [ada, "twintuition.press", { feeling: "joy" }]);
    const [press] = await world.sql("select id from presses where user_id = $1", [ada.userId]);
    const SEALED = "of Ada";
    await world.sql("update presses set feeling = $2 where id = $1", [
      press?.["id"],
      world.secrets.seal("feeling", JSON.stringify([press?.["id"], SEALED])),
    ]);
    await world.sql("insert into presses values ($1, $2, $3, now(), 1, 1, 'secret of Bea')", [
      pairId,
      crypto.randomUUID(),
      bea.userId,
    ]);
    await world.world.opened.database.transaction(async (em) => {
      world.note(em, { action: "person.blocked", subject: ada.userId, actor: bea.userId });
      world.note(em, { action: "password.changed", subject: ada.userId });
    });
    await world.sql(
      `insert into invitations (id, inviter_id, kind, code, sealed, status, created_at, expires_at)
       values (gen_random_uuid(), $1, 'sent', 'CODE', $2, 'cancelled', now(), now())`,
      [
        ada.userId,
        world.secrets.seal("address", JSON.stringify({ token: "T0KEN", email: "twin@example.org", phone: null })),
      ],
    );
    await world.sql("insert into blocks values ($1, $2, now()), ($2, $1, now())", [ada.userId, bea.userId]);
    await world.sql(
      `insert into reports (id, reporter_id, reported_id, pair_id, reason, details, status, created_at, due_at)
       values (gen_random_uuid(), $1, $2, $3, 'other', 'told by Ada', 'open', now(), now()),
         (gen_random_uuid(), $2, $1, $3, 'other', 'told by Bea', 'open', now(), now())`,
      [ada.userId, bea.userId, pairId],
    );
    await world.sql(
      `insert into subscription_events (provider, id, at, heard_at, type, fate, user_id, to_user_id, product_id, store, is_sandbox, facts)
       values ('test', 'e1', now(), now(), 'PASSED_ON', 'applied', $1, $2, 'twinship_monthly', 'test', false, '{}'),
         ('test', 'e2', now(), now(), 'OF_BEA_ALONE', 'applied', $1, null, 'twinship_monthly', 'test', false, '{}')`,
      [bea.userId, ada.userId],
    );
    await world.sql(
      `insert into subscriptions (id, user_id, provider, transaction, product_id, store, is_sandbox, is_trial, started_at,
         purchased_at, renews, pauses, status)
       values (gen_random_uuid(), $1, 'test', 'T-1', 'twinship_monthly', 'test', false, false, now(), now(), true, false, 'active'),
         (gen_random_uuid(), $2, 'test', 'T-2', 'twinship_monthly', 'test', false, false, now(), now(), true, false, 'active')`,
      [ada.userId, bea.userId],
    );
    const files = await contentsOf(ada);
    const json = (path: string) => JSON.parse(String(files.get(path)));
    assert.equal(json("profile.json").email, ada.email);
    assert.equal(json("settings.json").quietHours.start, "22:00");
    assert.equal(json("sessions.json").length, 1);
    const invited = json("invitations.json").map(({ status, email }: Record<string, string>) => [status, email]);
    assert.deepEqual(invited.sort(), [
      ["accepted", null],
      ["cancelled", "twin@example.org"],
    ]);
    assert.deepEqual(
      json("blocks.json").map(({ id }: { id: string }) => id),
      [bea.userId],
    );
    assert.equal(json("reports.json")[0].details, "told by Ada");
    assert.equal(json("sign-ins.json").length, 1);
    const told = (path: string, field: string) => json(path).map((row: Record<string, string>) => row[field]);
    assert.deepEqual(told("subscriptions.json", "transaction"), ["T-1"]);
    assert.deepEqual(told("store-events.json", "type"), ["PASSED_ON"]);
    assert.equal(json("pairs.json")[0].twinName, "Bea");
    const words = (path: string) =>
      json(path).map((row: { text?: string; feeling?: string }) => row.text ?? row.feeling);
    assert.deepEqual([words("alerts.json"), words("presses.json")], [["from Bea"], [SEALED]]);
    assert.deepEqual(json("moments.json"), []);
    const messages: Record<string, unknown>[] = json(`messages/${pairId}.json`);
    assert.deepEqual(
      messages.map(({ text, hidden, encrypted }) => text ?? encrypted ?? (hidden ? "hidden" : "deleted")),
      ["Ada's words", "Bea's words", "hidden", "deleted", { sealed: "opaque" }],
    );
    assert.deepEqual(
      Object(messages[1]).reactions.map(({ emoji }: { emoji: string }) => emoji),
      ["❤️"],
    );
    const actions = json("audit.json").map(({ action }: { action: string }) => action);
    assert.deepEqual(actions.sort(), ["export.asked", "password.changed"]);
    const whole = [...files.values()].join("\n");
    assert.doesNotMatch(whole, /hidden by Ada|taken back by Bea|told by Bea|T0KEN|hash of/);
    assert.ok(!whole.includes(bea.email), "the twin's address is none of theirs");
  });

  it("[XP3] has a page in plain words, and a list with the size and SHA-256 of every file", async () => {
    const { ada } = await world.twins();
    const files = await contentsOf(ada);
    const manifest = JSON.parse(String(files.get("manifest.json")));
    const found = [...files].filter(([path]) => path !== "manifest.json");
    const sums = found.map(([path, body]) => {
      return { path, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
    });
    assert.deepEqual(manifest.files, sums);
    for (const [path] of files)
      if (path !== "README.txt") assert.ok(String(files.get("README.txt")).includes(path), path);
  });

  it("[XP4] is told by mail when it is ready, by a page that knows nothing, and is another's to nobody", async () => {
    const [ada, eve] = [await world.member(), await world.member("Eve")];
    const id = await made(ada);
    const mail = world.outbox.newestTo(ada.email);
    assert.ok(mail?.channel === "email" && mail.letter.template === "export_ready");
    assert.equal(mail.letter.link, `https://twinship.test/export/${id}`);
    await assert.rejects(look(eve, id), code("NOT_FOUND"));
    await assert.rejects(look(eve, ExportId.parse(crypto.randomUUID())), code("NOT_FOUND"));
    await assert.rejects(world.exports.open("made up"), code("NOT_FOUND"));
  });

  it("[XP5] a link serves once, as long as its last byte was handed over, for a quarter of an hour", async () => {
    const ada = await world.member();
    const id = await made(ada);
    const token = tokenOf((await look(ada, id)).downloadUrl);
    world.world.clock.advance(1);
    const first = await world.exports.open(token);
    await all(first);
    await all(await world.exports.open(token));
    assert.deepEqual([await first.spend(), await first.spend()], [true, false]);
    await assert.rejects(world.exports.open(token), code("GONE"));
    const audit = await world.sql("select action from audit_log where subject_id = $1 order by id", [ada.userId]);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ["export.asked", "export.downloaded"],
    );
    const later = tokenOf((await look(ada, id)).downloadUrl);
    world.world.clock.advance(15 * MINUTE_MS);
    await assert.rejects(world.exports.open(later), code("GONE"));
    assert.ok((await openAgain(ada, id)).bytes > 0);
  });

  it("[XP5] only the hash of a link is kept, and few links are good at once", async () => {
    const ada = await world.member();
    const id = await made(ada);
    const tokens: string[] = [];
    for (let times = 0; times < 8; times++) {
      world.world.clock.advance(1);
      tokens.push(tokenOf((await look(ada, id)).downloadUrl));
    }
    const kept = await world.sql("select hash from export_links where export_id = $1", [id]);
    assert.equal(kept.length, 5);
    assert.ok(tokens.every((token) => token.length === 43 && !kept.some(({ hash }) => hash === token)));
    await assert.rejects(world.exports.open(tokens[0] ?? ""), code("NOT_FOUND"));
    assert.ok(await world.exports.open(tokens[7] ?? ""));
  });

  it("[XP6] is kept for seven days, and for one more day once it was fetched; then it is gone", async () => {
    const [ada, bea] = [await world.member(), await world.member("Bea")];
    const [adas, beas] = [await made(ada), await made(bea)];
    await (await openAgain(ada, adas)).spend();
    world.world.clock.advance(DAY_MS);
    assert.deepEqual([(await look(ada, adas)).status, (await look(bea, beas)).status], ["expired", "ready"]);
    assert.equal((await look(ada, adas)).downloadUrl, null);
    world.world.clock.advance(6 * DAY_MS);
    assert.equal((await look(bea, beas)).status, "expired");
    await world.exports.sweep();
    const left = await world.sql(
      "select e.id, sealed_key, n from exports e left join export_chunks c on c.export_id = e.id where e.id = any($1)",
      [[adas, beas]],
    );
    assert.deepEqual(
      left.map(({ sealed_key, n }) => [sealed_key, n]),
      [
        [null, null],
        [null, null],
      ],
    );
  });

  it("[XP6] a newer one takes the place of the one before", async () => {
    const ada = await world.member();
    const first = await made(ada);
    const second = await made(ada);
    assert.deepEqual([(await look(ada, first)).status, (await look(ada, second)).status], ["expired", "ready"]);
  });

  it("[XP7] lies in the database sealed by a key of its own, in pieces that any node can serve from any byte on", async () => {
    const { ada, pairId } = await world.twins();
    const words = Array.from({ length: 40 }, () => crypto.randomUUID().repeat(50));
    await world.talk(pairId, ...words.map((text) => [ada, "chat.send", { text }] as const));
    const download = await openAgain(ada, await made(ada));
    const whole = await all(download);
    assert.equal(whole.length, download.bytes);
    for (const [from, to] of [
      [0, 0],
      [1, 9],
      [download.bytes - 9, download.bytes - 1],
    ] as const) {
      assert.deepEqual(await buffer(download.read(from, to)), whole.subarray(from, to + 1));
    }
    const rows = await world.sql("select body from export_chunks");
    assert.ok(rows.every(({ body }) => !(body instanceof Buffer && body.includes("README.txt"))));
    assert.ok(whole.includes("README.txt"));
  });

  it("[XP8] a worker that dies in the middle, or another beside it, leaves one whole copy and one mail", async () => {
    const { ada, pairId } = await world.twins();
    await world.talk(pairId, [ada, "chat.send", { text: "words" }]);
    const { id } = await world.exports.ask(ada.caller);
    const mails = () => world.outbox.sent.filter(({ about }) => about === id).length;
    await world.sql("update exports set attempt = 1 where id = $1", [id]);
    await world.sql("insert into export_chunks values ($1, 1, 0, 'half of something'), ($1, 1, 7, 'and more')", [id]);
    await Promise.all([world.exports.make(id), world.exports.make(id)]);
    await world.exports.make(id);
    assert.equal(mails(), 1);
    assert.ok(unzipped(await all(await openAgain(ada, id))).has("manifest.json"));
    await world.exports.sweep();
    assert.deepEqual(await world.sql("select distinct attempt from export_chunks where export_id = $1", [id]), [
      { attempt: 3 },
    ]);
    assert.ok(unzipped(await all(await openAgain(ada, id))).has("manifest.json"));
  });

  it("[XP8] of two that make the same copy the one that began later counts, whichever is done first", async () => {
    const ada = await world.member();
    const { id } = await world.exports.ask(ada.caller);
    const [earlier, later] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const begun: string[] = [];
    const waiting = (name: string, until: Promise<void>) =>
      world.exportsOn({
        ...world.shelf,
        async pack(copy, of) {
          begun.push(name);
          await until;
          return world.shelf.pack(copy, of);
        },
      });
    const first = waiting("earlier", earlier.promise).make(id);
    while (begun.length < 1) await new Promise(setImmediate);
    const second = waiting("later", later.promise).make(id);
    while (begun.length < 2) await new Promise(setImmediate);
    earlier.resolve();
    await first;
    assert.equal((await look(ada, id)).status, "pending");
    later.resolve();
    await second;
    assert.ok(unzipped(await all(await openAgain(ada, id))).has("manifest.json"));
  });

  it("[XP8] one that nobody could make is given up, and another can be asked for", async () => {
    const ada = await world.member();
    const { id } = await world.exports.ask(ada.caller);
    world.world.clock.advance(DAY_MS);
    await world.exports.sweep();
    assert.equal((await look(ada, id)).status, "failed");
    assert.notEqual((await world.exports.ask(ada.caller)).id, id);
    await world.exports.make(id);
    assert.equal((await look(ada, id)).status, "failed");
  });
});
