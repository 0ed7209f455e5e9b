import assert from "node:assert/strict";
import { MediaId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";
import { code } from "../support/accounts-world.ts";
import { MediaWorld } from "../support/media-world.ts";
import type { Member } from "../support/privacy-world.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe("media", function () {
  this.timeout(20_000);
  let world: MediaWorld;
  before(async () => {
    world = await MediaWorld.open();
  });
  beforeEach(() => {
    world.look = world.fit;
    world.onPause = async () => undefined;
  });
  after(() => world.close());

  const sql = (text: string, values: unknown[] = []) => world.privacy.sql(text, values);
  const later = (ms: number) => world.privacy.world.clock.advance(ms);
  const complete = (who: Member, id: MediaId) => world.media.complete(who.caller, id);
  const isThere = async (id: MediaId) => (await sql("select from media where id = $1", [id])).length > 0;

  it("[SV3] completion hands it to a worker once, however often it is asked, and waits ten seconds at most", async () => {
    const { ada } = await world.privacy.twins();
    const id = await world.uploaded(ada);
    const began = world.privacy.world.clock.now();
    assert.equal((await complete(ada, id)).status, "checking");
    assert.ok(world.privacy.world.clock.now() - began <= 10_000);
    await complete(ada, id);
    const asked = world.privacy.jobs.jobs.filter(({ job }) => job.what === "media.check" && job.mediaId === id);
    assert.equal(asked.length, 1);
    await world.check(id);
    assert.equal((await complete(ada, id)).status, "ready");
    assert.deepEqual(world.filesOf(id), [`ready/${id}/256.webp`, `ready/${id}/1024.webp`]);
  });

  it("[SV3] nothing was uploaded yet: CONFLICT, and after a quarter of an hour GONE", async () => {
    const { ada, bea } = await world.privacy.twins();
    const { media, upload } = await world.announce(ada);
    assert.equal(Date.parse(upload.expiresAt) - world.privacy.world.clock.now(), 15 * MINUTE_MS);
    await assert.rejects(complete(ada, media.id), code("CONFLICT"));
    await assert.rejects(complete(bea, media.id), code("NOT_FOUND"));
    later(15 * MINUTE_MS + 1);
    await assert.rejects(complete(ada, media.id), code("GONE"));
  });

  it("[UP6] a check is done once, and leaves nothing of what is gone by then", async () => {
    const { ada } = await world.privacy.twins();
    const id = await world.ready(ada);
    world.look = () => assert.fail("it was looked at");
    await world.check(id);
    await world.check(MediaId.parse(crypto.randomUUID()));
    const gone = await world.uploaded(ada);
    world.onPause = async () => undefined;
    await complete(ada, gone);
    world.look = async (file) => {
      await sql("update media set gone_at = now() where id = $1", [gone]);
      return world.fit(file);
    };
    await world.check(gone);
    assert.deepEqual(world.filesOf(gone), []);
  });

  it("[UP6] what a worker could not look at is looked at again, and is not refused for it", async () => {
    const { ada } = await world.privacy.twins();
    const id = await world.uploaded(ada);
    await complete(ada, id);
    world.look = () => Promise.reject(new Error("the store does not answer"));
    await assert.rejects(world.check(id), /does not answer/);
    world.look = world.fit;
    await world.check(id);
    assert.equal((await complete(ada, id)).status, "ready");
  });

  it("[QA1] a person's files together are limited, by what was announced until it is known what is kept", async () => {
    const { ada } = await world.privacy.twins();
    await world.ready(ada, "chat", 500);
    await world.announce(ada, "chat", 920);
    await assert.rejects(world.announce(ada, "chat", 1), code("PAYLOAD_TOO_LARGE"));
    const { ada: other } = await world.privacy.twins();
    const tries = await Promise.allSettled([1, 2, 3, 4].map(() => world.announce(other, "chat", 400)));
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 2);
  });

  it("[QA1] what is refused or gone counts no more", async () => {
    const { ada, pairId } = await world.privacy.twins();
    const id = await world.uploaded(ada, "chat", 1000);
    world.look = async () => ({ isFit: false, code: "MEDIA_REFUSED", reason: "It is damaged" });
    world.onPause = () => world.check(id);
    await assert.rejects(complete(ada, id), code("MEDIA_REFUSED"));
    world.look = world.fit;
    const sent = await world.ready(ada, "chat", 1000);
    const messageId = await world.send(ada, pairId, sent);
    await world.privacy.talk(pairId, [ada, "chat.delete", { messageId, for: "everyone" }]);
    await world.announce(ada, "chat", 1000);
  });

  it("[QA3] what was announced and not finished goes after a day, and so does what was made ready and not used", async () => {
    const { ada, pairId } = await world.privacy.twins();
    const [announced, uploaded, unused] = [
      (await world.announce(ada)).media.id,
      await world.uploaded(ada),
      await world.ready(ada),
    ];
    const [sent, picture] = [await world.ready(ada), await world.ready(ada, "avatar")];
    await world.send(ada, pairId, sent);
    await world.privacy.world.profiles.change(ada.caller, { profilePicture: picture });
    later(DAY_MS - MINUTE_MS);
    await world.sweeps.sweep();
    assert.deepEqual(await Promise.all([announced, uploaded, unused].map(isThere)), [true, true, true]);
    later(2 * MINUTE_MS);
    await world.sweeps.sweep();
    assert.deepEqual(await world.seenBy(unused, ada), [false]);
    later(2 * MINUTE_MS);
    await world.sweeps.sweep();
    assert.deepEqual(await Promise.all([announced, uploaded, unused].map(isThere)), [false, false, false]);
    assert.deepEqual([announced, uploaded, unused].flatMap(world.filesOf), []);
    assert.deepEqual(await Promise.all([sent, picture].map(isThere)), [true, true]);
    assert.equal(world.filesOf(sent).length, 2);
  });

  it("[SV5] [QA3] what a message bore goes with it, its files too, and what is sent while it was thought unused stays", async () => {
    const { ada, bea, pairId } = await world.privacy.twins();
    const [id, late] = [await world.ready(ada), await world.ready(ada)];
    const messageId = await world.send(ada, pairId, id);
    assert.deepEqual(await world.seenBy(id, ada, bea), [true, true]);
    await world.privacy.talk(pairId, [ada, "chat.delete", { messageId, for: "everyone" }]);
    assert.deepEqual(await world.seenBy(id, ada, bea), [false, false]);
    await sql("update media set gone_at = now() where id = $1", [late]);
    await sql("update media set gone_at = null where id = $1", [late]);
    const twin = { pairId, userId: ada.userId };
    const offered = await world.offered(twin, late);
    await sql("update media set gone_at = now() where id = $1", [late]);
    world.offered = async () => offered;
    await world.send(ada, pairId, late);
    later(2 * MINUTE_MS);
    await world.sweeps.sweep();
    assert.deepEqual([await isThere(id), world.filesOf(id)], [false, []]);
    assert.deepEqual(await world.seenBy(late, ada, bea), [true, true]);
  });

  it("[QA3] a sweep that ended in the middle is ended by the next one", async () => {
    const { ada } = await world.privacy.twins();
    const id = await world.ready(ada);
    later(DAY_MS + MINUTE_MS);
    await world.sweeps.sweep();
    later(2 * MINUTE_MS);
    world.store.onRemove = () => {
      throw new Error("the store does not answer");
    };
    await assert.rejects(world.sweeps.sweep(), /does not answer/);
    assert.deepEqual([await isThere(id), await world.seenBy(id, ada)], [true, [false]]);
    world.store.onRemove = () => undefined;
    await world.sweeps.sweep();
    assert.deepEqual([await isThere(id), world.filesOf(id)], [false, []]);
  });

  it("[QA4] files that no row knows go after a day; what is not ours by its name stays", async () => {
    const { ada } = await world.privacy.twins();
    const known = await world.ready(ada, "assessment");
    const stray = chance.newId(world.privacy.world.clock.now());
    for (const key of [`ready/${stray}/256.webp`, `incoming/${stray}`, "backups/of-somebody.tar", "ready/notes"])
      world.store.put(key);
    await world.sweeps.sweepFiles();
    assert.equal(world.filesOf(MediaId.parse(stray)).length, 2);
    later(DAY_MS + MINUTE_MS);
    world.store.put(`incoming/${known}`);
    await world.sweeps.sweepFiles();
    assert.deepEqual(world.filesOf(MediaId.parse(stray)), []);
    assert.equal(world.filesOf(known).length, 3);
    for (const key of ["backups/of-somebody.tar", "ready/notes"]) assert.ok(world.store.files.has(key), key);
  });

  it("[SV6] what was sent stays readable to both after they parted, and to nobody else; an answer's picture is its giver's", async () => {
    const { ada, bea, pairId } = await world.privacy.twins();
    const { ada: eve } = await world.privacy.twins();
    const [sent, answer] = [await world.ready(ada), await world.ready(ada, "assessment")];
    await world.send(ada, pairId, sent);
    await world.privacy.pairing.unpair(bea.caller);
    assert.deepEqual(await world.seenBy(sent, ada, bea, eve), [true, true, false]);
    assert.deepEqual(await world.seenBy(answer, ada, bea, eve), [true, false, false]);
    const again = await world.privacy.member("Cleo");
    await world.privacy.pairUp(ada, again);
    assert.deepEqual(await world.seenBy(sent, again), [false]);
    await assert.rejects(world.send(ada, pairId, sent), code("GONE"));
  });

  it("[SV8] of who is erased all goes that was theirs alone; what they sent stays, unless their words go, too", async () => {
    for (const eraseMessages of [false, true]) {
      const { ada, bea, pairId } = await world.privacy.twins();
      const [sent, unsent, picture] = [
        await world.ready(ada),
        await world.ready(ada),
        await world.ready(ada, "avatar"),
      ];
      await world.send(ada, pairId, sent);
      await world.privacy.world.profiles.change(ada.caller, { profilePicture: picture });
      await world.privacy.ask(ada, eraseMessages);
      later(14 * DAY_MS);
      await world.privacy.erasure.erase(ada.userId);
      later(2 * MINUTE_MS);
      await world.sweeps.sweep();
      assert.deepEqual([...world.filesOf(unsent), ...world.filesOf(picture)], []);
      assert.deepEqual(await world.seenBy(sent, bea), [!eraseMessages]);
      assert.equal(world.filesOf(sent).length, eraseMessages ? 0 : 2);
    }
  });
});
