import assert from "node:assert/strict";
import type { Database } from "../../domain/ports.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import { type Member, PrivacyWorld } from "../support/privacy-world.ts";

const DAY_MS = 86_400_000;

/** What names somebody by their id for as long as others need it: by nothing else, which the test before it shows. */
const KEPT: Readonly<Record<string, string>> = {
  users: "the row that pairs and messages refer to, emptied",
  pairs: "the twin's own history",
  pair_members: "the twin's own history",
  watermarks: "how far the twin's messages were read",
  journal: "how history came to be",
  invitations: "how the twin's pair came to be",
  reports: "what staff have to answer, with a snapshot that goes after 90 days",
  push_due: "what rings in the coming minutes, and for who has left never does",
  notices: "what other processes hear, for an hour or two",
  departures: "that it was asked for, and done",
  audit_log_2026: "what was done, and by whom",
  media: "what the twin was sent; all else is gone for everybody, and removed within minutes",
};

describe("erasure", function () {
  this.timeout(120_000);
  let world: PrivacyWorld;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());

  /** Someone who told us all there is to tell, each of it with their mark. */
  async function marked(mark: string): Promise<Member> {
    const who = await world.member(`${mark} name`, {
      email: `${mark}@example.org`,
      deviceId: `${mark} device`,
      deviceName: `${mark} phone`,
      gender: `${mark} gender`,
      sexualOrientation: `${mark} orientation`,
      twinType: "other",
      otherTwinTypeDescription: `${mark} twins`,
      birthDate: "1990-08-23",
      placeOfBirth: `${mark} place`,
      timezone: "Europe/Berlin",
    });
    await world.sql("update users set phone = $2, settings = $3, last_seen_at = now() where id = $1", [
      who.userId,
      `+49${mark}`,
      JSON.stringify({ said: mark }),
    ]);
    const of = [who.userId, mark];
    await world.sql(
      `insert into idempotency_keys (user_id, key, place, body_hash, salt, status, headers, reply, created_at)
       values ($1, 'k', 'POST /', '', '', 200, '{}', json_build_object('said', $2::text), now())`,
      of,
    );
    await world.sql(
      `insert into research_studies (id, status, both_twins, collects, words, consent_version, salt, created_at, updated_at, searched)
       values ('5a3b1c70-0f5e-4c1d-8000-000000000001', 'recruiting', false, '[]', '{}', 1, '', now(), now(), '')
       on conflict do nothing`,
    );
    await world.sql(
      `insert into research_consents (study_id, user_id, kind, version, locale, document_hash, items, disposition, reason, network, app_version, at)
       values ('5a3b1c70-0f5e-4c1d-8000-000000000001', $1, 'withdrawn', 1, 'en', '', '{}', 'delete', $2, '', $2, now())`,
      of,
    );
    await world.sql(
      `insert into research_withdrawals (id, study_id, user_id, disposition, asked_at, receipt)
       values (gen_random_uuid(), '5a3b1c70-0f5e-4c1d-8000-000000000001', $1, 'delete', now(), json_build_object('said', $2::text))`,
      of,
    );
    await world.sql(
      `insert into deliveries (id, channel, template, user_id, about, address_key, sealed, status, attempts, reason, created_at, updated_at)
       values (gen_random_uuid(), 'email', 't', $1, $2, $2, $2, 'failed', 1, $2, now(), now())`,
      of,
    );
    await world.sql(
      `insert into sign_ins (id, user_id, at, device_name, network, is_new)
       values (gen_random_uuid(), $1, now(), $2, '192.0.2.0/24', true)`,
      of,
    );
    await world.sql(
      `insert into one_time_links (hash, user_id, purpose, address, expires_at)
       values ($1::text, $1::uuid, 'verify_address', $2, now())`,
      of,
    );
    await world.sql(
      "insert into phone_codes (user_id, phone, mac, tries, expires_at) values ($1, '+49' || $2, '', 0, now())",
      of,
    );
    await world.sql("insert into push_tokens values ($1::uuid, $2, $3, $2, 'ios', now())", [
      who.userId,
      mark,
      who.caller.sessionId,
    ]);
    await world.sql("insert into blocks (blocker_id, blocked_id, created_at) values ($1, $1, now())", [who.userId]);
    await world.sql(
      `insert into reports (id, reporter_id, reported_id, pair_id, reason, details, status, created_at, due_at)
       values (gen_random_uuid(), $1, $1, $1, 'other', $2, 'decided', now(), now())`,
      of,
    );
    await world.sql(
      `insert into assessment_sessions (id, user_id, bank_version, status, started_at, updated_at)
       values ($1, $1, '1.0.0', 'in_progress', now(), now())`,
      [who.userId],
    );
    await world.sql(
      "insert into assessment_answers (session_id, item_id, value, answered_at) values ($1, $2, 4, now())",
      of,
    );
    await world.sql("insert into consents (user_id, item, granted, version, at) values ($1, $2, true, '1', now())", of);
    await world.sql("insert into staff (user_id, sealed_secret, created_at) values ($1, $2, now())", of);
    await world.sql(
      `insert into staff_roles (id, user_id, role, granted_at) values (gen_random_uuid(), $1, 'support', now())`,
      [who.userId],
    );
    await world.sql(
      `insert into staff_sessions (id, user_id, created_at, expires_at, network)
       values (gen_random_uuid(), $1, now(), now(), $2)`,
      of,
    );
    await world.sql(
      `insert into subscriptions (id, user_id, provider, transaction, product_id, store, is_sandbox, is_trial, started_at,
         purchased_at, renews, pauses, status)
       values (gen_random_uuid(), $1::uuid, 'revenuecat', $1::text || $2, 'twinship_monthly', $2, false, false, now(), now(), true,
         false, 'active')`,
      of,
    );
    await world.sql(
      `insert into subscription_events (provider, id, at, heard_at, type, fate, user_id, to_user_id, store, is_sandbox, facts)
       values ('revenuecat', gen_random_uuid(), now(), now(), 'TRANSFER', 'counted', $1, $1, '', false, '{}')`,
      [who.userId],
    );
    await world.sql("insert into store_readings (user_id) values ($1)", [who.userId]);
    await world.sql(
      `insert into stories (id, author_id, title, photos, visibility, milestone, terms, created_at, updated_at)
       values (gen_random_uuid(), $1, $2, '{}', 'twin', false, '{}', now(), now())`,
      of,
    );
    await world.sql(
      `insert into media (id, owner_id, purpose, status, content_type, bytes, stored_bytes, created_at)
       values (gen_random_uuid(), $1, 'avatar', 'ready', 'image/webp', 1, 1, now())`,
      [who.userId],
    );
    await world.exports.make((await world.exports.ask(who.caller)).id);
    await world.pairing.newCode(who.caller);
    return who;
  }

  async function said(who: Member, twin: Member, mark: string): Promise<{ pairId: PairId; ids: string[] }> {
    const pairId = await world.pairUp(who, twin);
    const ids = await world.talk(
      pairId,
      [who, "chat.send", { text: `${mark} words` }],
      [twin, "chat.send", { text: "the twin's words" }],
      [who, "chat.send", { encrypted: `${mark} sealed` }],
      [who, "chat.send", { type: "location", location: { lat: 1, lon: 2, label: `${mark} here` } }],
    );
    await world.talk(
      pairId,
      [twin, "chat.react", { messageId: ids[0], emoji: "🎉", on: true }],
      [who, "chat.react", { messageId: ids[1], emoji: "🦄", on: true }],
      [twin, "chat.react", { messageId: ids[1], emoji: "👀", on: true }],
      [twin, "chat.pin", { messageId: ids[0], on: true }],
      [twin, "chat.send", { text: "an answer", replyTo: ids[0] }],
    );
    return { pairId, ids };
  }

  /** A word that both were told, and one that met no other. */
  async function felt(who: Member, twin: Member, mark: string): Promise<PairId> {
    const { pairId } = await said(who, twin, mark);
    await world.talk(
      pairId,
      [who, "twintuition.alert", { kind: "feeling", text: `${mark} alert` }],
      [who, "twintuition.press", { feeling: mark }],
      [twin, "twintuition.press", { feeling: "joy" }],
      [who, "twintuition.press", { feeling: `${mark}-again` }],
    );
    return pairId;
  }

  async function leave(who: Member, eraseMessages = false): Promise<void> {
    await world.ask(who, eraseMessages);
    world.world.clock.advance(14 * DAY_MS);
  }

  /** In which tables of the whole database that word stands, as it is or as bytes, in whatever column. */
  async function traces(mark: string): Promise<string[]> {
    const tables = await world.sql(
      "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    );
    const looks = tables.map(
      ({ relname }) => `select '${relname}' as t from "${relname}" r where r::text like any ($1)`,
    );
    const patterns = [`%${mark}%`, `%${Buffer.from(mark).toString("hex")}%`];
    const found = await world.sql(`select distinct t from (${looks.join(" union all ")}) found order by t`, [patterns]);
    return found.map(({ t }) => String(t));
  }

  it("[ER1] what is looked for after an erasure is there before it", async () => {
    const ada = await marked("zebra");
    await felt(ada, await world.member("Bea"), "zebra");
    const found = await traces("zebra");
    for (const place of ["users", "sessions", "idempotency_keys", "messages_202606", "alerts", "presses", "moments"])
      assert.ok(found.includes(place), place);
  });

  it("[ER1] [ER3] leaves nothing of a person anywhere: neither name, address, number, devices nor, if so wished, words", async () => {
    const [ada, bea] = [await marked("yttrium"), await world.member("Bea")];
    await felt(ada, bea, "yttrium");
    await leave(ada, true);
    await world.erasure.erase(ada.userId);
    assert.deepEqual(await traces("yttrium"), []);
  });

  it("[ER9] what still names them afterwards is kept for a reason, and every place that names people is one of the two", async () => {
    const [ada, bea] = [await marked("holmium"), await world.member("Bea")];
    await felt(ada, bea, "holmium");
    await world.pairing.newCode(ada.caller);
    const before = await traces(ada.userId);
    await leave(ada, true);
    await world.erasure.erase(ada.userId);
    const after = (await traces(ada.userId)).filter((table) => !table.endsWith("_202606"));
    assert.deepEqual(
      after.filter((table) => !(table in KEPT)),
      [],
    );
    const gone = before.filter((table) => !after.includes(table));
    const places = await world.sql(
      `select distinct relname from pg_class c join pg_attribute a on a.attrelid = c.oid and attnum > 0
       where relnamespace = 'public'::regnamespace and relkind = 'r' and attname ~ '(user|inviter|reporter|reported|blocker|blocked|actor|subject|sender|owner|author)_id$'
         and not relispartition`,
    );
    const unsure = places
      .map(({ relname }) => String(relname))
      .filter((table) => !gone.includes(table) && !(table in KEPT));
    assert.deepEqual(unsure, [], "erase from them, or say why not; and let this test put something there");
  });

  it("[ER2] to their twin they are a deleted twin, whose messages stay", async () => {
    const [ada, bea] = [await marked("xenon"), await world.member("Bea")];
    const pairId = await felt(ada, bea, "xenon");
    await leave(ada);
    await world.erasure.erase(ada.userId);
    const [pair] = await world.pairing.former(bea.userId);
    const { name, gender, birthDate, placeOfBirth, lastSeen } = pair?.twin ?? {};
    assert.deepEqual([name, gender, birthDate, placeOfBirth, lastSeen], ["Deleted twin", null, null, null, null]);
    const { messages } = await world.history.page({ userId: bea.userId, pairId }, { afterSeq: 0, limit: 100 });
    const [first] = messages;
    assert.ok(first && "text" in first);
    assert.deepEqual([first.text, first.senderName, first.reactions.length], ["xenon words", "Deleted twin", 1]);
    assert.deepEqual(
      (await traces("xenon")).filter((place) => !place.startsWith("messages_")),
      // What was told to the twin, and felt with them.
      ["alerts", "moments"],
    );
    assert.ok(world.news.some((news) => news.what === "person.changed" && news.userId === ada.userId));
  });

  it("[ER3] their words leave tombstones, which every device of the twin learns of when it syncs", async () => {
    const [ada, bea] = [await marked("wolfram"), await world.member("Bea")];
    const { pairId, ids } = await said(ada, bea, "wolfram");
    const reader = { userId: bea.userId, pairId };
    const before = await world.history.sync(reader, { afterVersion: 0, limit: 200 });
    await leave(ada, true);
    await world.erasure.erase(ada.userId);
    const { messages, version } = await world.history.sync(reader, { afterVersion: before.version, limit: 200 });
    assert.equal(version, before.version + 4);
    assert.deepEqual(
      messages.map(({ id }) => id),
      ids,
    );
    for (const message of messages) {
      assert.ok("text" in message);
      const { text, encrypted, location, deletedAt, pinned, reactions, senderName } = message;
      if (message.senderId === bea.userId) {
        assert.deepEqual([text, deletedAt, reactions.map(({ emoji }) => emoji)], ["the twin's words", null, ["👀"]]);
        continue;
      }
      assert.ok(deletedAt);
      assert.deepEqual([text, encrypted, location, pinned, reactions], [null, null, null, false, []]);
      assert.equal(senderName, "Deleted twin");
    }
    const found = await world.history.search(reader, { q: "wolfram", limit: 10 });
    assert.deepEqual(found.hits, []);
    const [told] = world.news.filter((news) => news.what === "history.erased" && news.pairId === pairId);
    assert.deepEqual(told, {
      what: "history.erased",
      pairId,
      userId: ada.userId,
      upToSeq: 5,
      to: bea.userId,
      epoch: Object(told).epoch,
    });
  });

  it("[ER4] a room that remembers the words writes nothing more, and the twin may still hide theirs", async () => {
    const [ada, bea] = [await marked("vanadium"), await world.member("Bea")];
    const { pairId, ids } = await said(ada, bea, "vanadium");
    await leave(ada, true);
    const room = await world.room(pairId);
    const [before] = await world.sql("select epoch, revision, version from pair_rooms where pair_id = $1", [pairId]);
    await world.erasure.erase(ada.userId);
    const [after] = await world.sql("select epoch, revision, version from pair_rooms where pair_id = $1", [pairId]);
    assert.ok(Number(after?.["epoch"]) > Number(before?.["epoch"]));
    assert.equal(room.head.version, before?.["version"]);
    assert.equal(Number(after?.["version"]) - Number(before?.["version"]), 4);
    await world.talk(pairId, [bea, "chat.delete", { messageId: ids[1], for: "me" }]);
    const journal = await world.sql("select revision, version from journal where pair_id = $1 order by revision", [
      pairId,
    ]);
    assert.deepEqual(
      journal.map(({ version }) => version),
      journal.map((_, n) => n + 1),
    );
  });

  it("[ER5] the address is free again, and who takes it is somebody else", async () => {
    const ada = await marked("uranium");
    await leave(ada);
    await world.erasure.erase(ada.userId);
    await assert.rejects(world.world.login({ email: ada.email }));
    const again = await world.member("Ada", { email: ada.email });
    assert.notEqual(again.userId, ada.userId);
    assert.ok(await world.world.login({ email: ada.email }));
  });

  it("[ER6] is handed to a worker once the time is over, and again only if that one does not come to an end", async () => {
    const ada = await marked("titan");
    const jobs = () => world.jobs.jobs.filter(({ job }) => job.what === "erase" && job.userId === ada.userId).length;
    await world.ask(ada);
    await world.erasure.sweep();
    assert.equal(jobs(), 0);
    world.world.clock.advance(14 * DAY_MS);
    await world.erasure.sweep();
    await world.erasure.sweep();
    assert.equal(jobs(), 1);
    world.world.clock.advance(2 * 60 * 60_000);
    await world.erasure.sweep();
    assert.equal(jobs(), 2);
    await world.erasure.erase(ada.userId);
    world.world.clock.advance(2 * 60 * 60_000);
    await world.erasure.sweep();
    assert.equal(jobs(), 2);
  });

  /** A database, and an eraser of messages, that are gone at the nth thing asked of them: before it is done, or after. */
  function failing(at: number, when: "before" | "after") {
    let count = 0;
    const plug = async <T>(work: () => Promise<T>): Promise<T> => {
      const isNow = ++count === at;
      if (isNow && when === "before") throw new Error("pulled");
      const done = await work();
      if (isNow) throw new Error("pulled");
      return done;
    };
    const { database } = world.world.opened;
    const unreliable: Database = {
      read: (work) => database.read(work),
      transaction: (work) => plug(() => database.transaction(work)),
    };
    const { erase, standing } = world.messages;
    const messages = { standing, erase: (...asked: Parameters<typeof erase>) => plug(() => erase(...asked)) };
    const exports = { forget: (userId: UserId) => plug(() => world.exports.forget(userId)) };
    return { erasure: world.erasureOn(unreliable, messages, exports), reached: () => count >= at };
  }

  it("[ER7] with the plug pulled at any step, and done again by two at once, everything is erased, and once", async () => {
    /** Whether there is such a step. */
    async function pulled(at: number, when: "before" | "after"): Promise<boolean> {
      const mark = `strontium${when}${at}x`;
      const [ada, bea] = [await marked(mark), await world.member("Bea")];
      const { pairId } = await said(ada, bea, mark);
      await leave(ada, true);
      const { erasure, reached } = failing(at, when);
      await erasure.erase(ada.userId).catch(() => undefined);
      await Promise.all([world.erasure.erase(ada.userId), world.erasure.erase(ada.userId)]);
      const audit = "select count(*)::int as n from audit_log where subject_id = $1 and action = 'account.erased'";
      assert.deepEqual(await world.sql(audit, [ada.userId]), [{ n: 1 }]);
      const [head] = await world.sql("select version, revision from pair_rooms where pair_id = $1", [pairId]);
      const rows = await world.sql("select type from journal where pair_id = $1 and key is null", [pairId]);
      assert.deepEqual([head?.["version"], rows.length], [13, 4]);
      return reached();
    }
    // After a step is before the next one; only the last has none.
    let steps = 0;
    while (await pulled(steps + 1, "before")) steps++;
    assert.ok(steps > 1);
    await pulled(steps, "after");
    assert.deepEqual(await traces("strontium"), []);
  }).timeout(180_000);

  it("[ER7] somebody who is not due, or never asked, is left as they are", async () => {
    const ada = await marked("radium");
    await world.erasure.erase(ada.userId);
    await world.ask(ada);
    await world.erasure.erase(ada.userId);
    assert.ok((await traces("radium")).includes("users"));
  });
});
