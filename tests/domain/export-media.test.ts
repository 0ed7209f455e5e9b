import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { Refusal } from "../../domain/refusal.ts";
import { code } from "../support/accounts-world.ts";
import { type OpenedStore, openDisk } from "../support/blob-doors.ts";
import { ExportWorld } from "../support/export-world.ts";
import { openServed, openStrict } from "../support/s3-doors.ts";

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

const sha256 = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex");

type Loose = ReturnType<typeof JSON.parse>;

copiesOf("on our own disk", openDisk);
copiesOf("in a store that speaks S3", openServed);
copiesOf("in a store as strict as S3 itself", openStrict);

function copiesOf(where: string, open: () => Promise<OpenedStore>) {
  describe(`exports of pictures and recordings ${where}`, function () {
    this.timeout(60_000);
    let world: ExportWorld;
    before(async () => {
      world = await ExportWorld.open(await open());
    });
    afterEach(() => {
      Object.assign(world.seen, { fetchInto: world.store.fetchInto, put: world.store.pieces.put });
    });
    after(() => world.close());

    const away = () => new Refusal("UNAVAILABLE", "Where pictures and recordings are kept does not answer");

    it("[XP11] an export has the files of all that is the person's, and of what their twin's messages show them", async () => {
      const { privacy } = world;
      const { ada, bea, pairId } = await privacy.twins();
      const own = await Promise.all([
        world.kept(ada, { purpose: "avatar" }),
        world.kept(ada, { purpose: "story" }),
        world.kept(ada, { purpose: "assessment" }),
        world.kept(ada, { pairId, purpose: "voice", type: "audio/mp4" }),
        world.kept(ada, { pairId }),
      ]);
      const [sent, voice] = [
        await world.kept(bea, { pairId }),
        await world.kept(bea, { pairId, purpose: "voice", type: "audio/ogg" }),
      ];
      await world.send(bea, pairId, sent.id);
      await world.send(bea, pairId, voice.id, "voice");
      await world.send(ada, pairId, own[4].id);
      const { files, json } = await world.fetched(ada, await world.made(ada));
      const listed: Loose[] = json("media.json");
      for (const { id, body } of [...own, sent, voice]) {
        const { file, bytes, sha256: sum } = listed.find((one) => one.id === id);
        assert.deepEqual(files.get(file), Buffer.from(body));
        assert.deepEqual([bytes, sum], [body.length, sha256(body)]);
      }
      assert.equal([...files.keys()].filter((path) => path.startsWith("media/")).length, 7);
      assert.deepEqual(new Set(listed.map(({ from }) => from)), new Set(["you", "your twin"]));
      const messages: Loose[] = json(`messages/${pairId}.json`);
      assert.ok(messages.every(({ media }) => listed.some(({ id }) => id === media.id)));
    });

    it("[XP11] nothing is in it that was deleted, that the person hid of their twin's, or that is their twin's alone", async () => {
      const { privacy } = world;
      const { ada, bea, pairId } = await privacy.twins();
      const [deleted, takenBack, hidden] = [
        await world.kept(ada, { pairId }),
        await world.kept(bea, { pairId }),
        await world.kept(bea, { pairId }),
      ];
      const messages = [
        await world.send(ada, pairId, deleted.id),
        await world.send(bea, pairId, takenBack.id),
        await world.send(bea, pairId, hidden.id),
      ];
      await privacy.talk(
        pairId,
        [ada, "chat.delete", { messageId: messages[0], for: "everyone" }],
        [bea, "chat.delete", { messageId: messages[1], for: "everyone" }],
        [ada, "chat.delete", { messageId: messages[2], for: "me" }],
      );
      const others = [
        await world.kept(bea, { pairId }),
        await world.kept(bea, { purpose: "avatar", pairId }),
        await world.kept(bea, { purpose: "story", pairId }),
        await world.kept(bea, { purpose: "assessment", pairId }),
        await world.kept(bea, { status: "refused", pairId }),
      ];
      const mine = await world.kept(ada, { pairId });
      const { files, json } = await world.fetched(ada, await world.made(ada));
      assert.deepEqual(
        json("media.json").map(({ id }: Loose) => id),
        [mine.id],
      );
      const names = [...files.keys()].filter((path) => path.startsWith("media/"));
      assert.deepEqual(names, [`media/${mine.id}.webp`]);
      const words = ["media.html", "media.json", "manifest.json"].map((path) => String(files.get(path))).join();
      for (const { id } of [deleted, takenBack, hidden, ...others]) assert.ok(!words.includes(id));
      const beas = (await world.fetched(bea, await world.made(bea))).json("media.json");
      assert.ok(
        beas.some(({ id }: Loose) => id === hidden.id),
        "hidden from one is not hidden from the other",
      );
    });

    it("[XP11] of an earlier pair, too, as its words are", async () => {
      const { privacy } = world;
      const { ada, bea, pairId } = await privacy.twins();
      const sent = await world.kept(bea, { pairId });
      await world.send(bea, pairId, sent.id);
      await privacy.pairing.unpair(ada.caller);
      const { files } = await world.fetched(ada, await world.made(ada));
      assert.deepEqual(files.get(`media/${sent.id}.webp`), Buffer.from(sent.body));
    });

    it("[XP3] [XP12] list and page name every file with its size and sum; names are ids; another's reader finds it whole", async () => {
      const { ada } = await world.privacy.twins();
      const types = {
        "image/webp": "webp",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/webm": "webm",
        "audio/wav": "wav",
      };
      for (const type of Object.keys(types))
        await world.kept(ada, { type, purpose: type.startsWith("audio") ? "voice" : "chat" });
      await world.kept(ada, { type: "text/../../html" });
      const { zip, files, json } = await world.fetched(ada, await world.made(ada));
      const found = [...files].filter(([path]) => path !== "manifest.json");
      assert.deepEqual(
        json("manifest.json").files,
        found.map(([path, body]) => ({ path, bytes: body.length, sha256: sha256(body) })),
      );
      const media = [...files.keys()].filter((path) => path.startsWith("media/"));
      assert.ok(
        media.every((path) => /^media\/[0-9a-f-]{36}\.(webp|m4a|mp3|ogg|webm|wav|bin)$/.test(path)),
        media.join(),
      );
      assert.deepEqual(new Set(media.map((path) => path.split(".")[1])), new Set([...Object.values(types), "bin"]));
      const page = String(files.get("media.html"));
      assert.deepEqual(new Set([...page.matchAll(/href="([^"]+)"/g)].map(([, path]) => path)), new Set(media));
      assert.doesNotMatch(page, /<script|https?:|text\/\.\./);
      assert.match(String(files.get("README.txt")), /media\.html/);
      unzips(zip);
    });

    it("[XP13] what is missing, damaged or not to be read is named with its reason, and all else is there", async () => {
      const { ada } = await world.privacy.twins();
      const [missing, damaged, unreadable, deleted, whole] = [
        await world.kept(ada),
        await world.kept(ada),
        await world.kept(ada),
        await world.kept(ada),
        await world.kept(ada),
      ];
      const [pending, checking, refused] = [
        await world.kept(ada, { status: "pending" }),
        await world.kept(ada, { status: "checking" }),
        await world.kept(ada, { status: "refused" }),
      ];
      await world.store.remove([missing.key]);
      await world.keep(damaged.key, damaged.body.subarray(1));
      world.seen.fetchInto = async (file, key) => {
        if (key === unreadable.key) throw Object.assign(new Error("the disk says no"), { code: "EIO" });
        if (key !== deleted.key) return world.store.fetchInto(file, key);
        await world.privacy.sql("update media set gone_at = now() where id = $1", [deleted.id]);
        await world.store.remove([key]);
        return world.store.fetchInto(file, key);
      };
      const { zip, files, json } = await world.fetched(ada, await world.made(ada));
      unzips(zip);
      assert.deepEqual(
        [...files.keys()].filter((path) => path.startsWith("media/")),
        [`media/${whole.id}.webp`],
      );
      const why: Loose[] = json("manifest.json").leftOut;
      const told = (id: string) => why.find(({ mediaId }) => mediaId === id)?.why;
      assert.match(told(missing.id), /not where it is kept/);
      assert.match(told(damaged.id), /not whole/);
      assert.match(told(unreadable.id), /could not be read/);
      assert.match(told(deleted.id), /deleted while/);
      assert.match(told(pending.id), /announced/);
      assert.match(told(checking.id), /looked at/);
      assert.match(told(refused.id), /refused/);
      assert.equal(why.length, 7);
      const page = String(files.get("media.html"));
      for (const { mediaId, why: reason } of why) assert.ok(page.includes(`id="${mediaId}"`) && page.includes(reason));
      for (const one of json("media.json")) assert.equal(one.leftOut === null, one.id === whole.id);
    });

    it("[XP13] a store that does not answer is waited for, then the job is done again, and no copy has half of a file", async () => {
      const { ada } = await world.privacy.twins();
      const photo = await world.kept(ada);
      const stumbling =
        (twice = 2) =>
        <T>(work: () => Promise<T>): Promise<T> =>
          twice-- > 0 ? Promise.reject(away()) : work();
      const [fetching, putting] = [stumbling(), stumbling()];
      world.seen.fetchInto = (file, key) => fetching(() => world.store.fetchInto(file, key));
      world.seen.put = (copy, n, piece) => putting(() => world.store.pieces.put(copy, n, piece));
      assert.ok((await world.fetched(ada, await world.made(ada))).files.has(`media/${photo.id}.webp`));
      const { id } = await world.privacy.exports.ask(ada.caller);
      for (const part of ["fetchInto", "put"] as const) {
        Object.assign(world.seen, { [part]: () => Promise.reject(away()) });
        await assert.rejects(world.privacy.exports.make(id), code("UNAVAILABLE"));
        assert.equal((await world.privacy.exports.look(ada.caller, id)).status, "pending");
        Object.assign(world.seen, { fetchInto: world.store.fetchInto, put: world.store.pieces.put });
      }
      await world.privacy.exports.make(id);
      assert.ok((await world.fetched(ada, id)).files.has(`media/${photo.id}.webp`));
    });

    it("[XP14] it lies where files lie, sealed, is served from any byte on, and goes when it is over", async () => {
      const { ada } = await world.privacy.twins();
      const photos = [
        await world.kept(ada, { body: randomBytes(MIB) }),
        await world.kept(ada, { body: randomBytes(MIB) }),
      ];
      const id = await world.made(ada);
      assert.deepEqual(await world.privacy.sql("select from export_chunks where export_id = $1", [id]), []);
      const { zip } = await world.fetched(ada, id);
      const download = await world.download(ada, id);
      for (const [from, to] of [
        [0, 0],
        [MIB - 5, MIB + 5],
        [download.bytes - 9, download.bytes - 1],
      ] as const)
        assert.deepEqual(await buffer(download.read(from, to)), zip.subarray(from, to + 1));
      const name = `${id}-1`;
      for (let n = 0; n * MIB < zip.length; n++) {
        const piece = Buffer.from((await world.store.pieces.get(name, n)) ?? []);
        assert.ok(piece.length > 0 && photos.every(({ body }) => !piece.includes(Buffer.from(body.subarray(0, 64)))));
      }
      await world.privacy.exports.sweep();
      assert.ok((await world.copies()).includes(name));
      world.privacy.world.clock.advance(7 * DAY_MS);
      await world.privacy.exports.sweep();
      assert.ok(!(await world.copies()).includes(name));
      await assert.rejects(buffer(download.read(0, 9)), code("GONE"));
    });

    it("[XP14] nobody's copy outlives them, nor one that is being made", async () => {
      const { ada } = await world.privacy.twins();
      await world.kept(ada, { body: randomBytes(3 * MIB) });
      const id = await world.made(ada);
      world.nextDay();
      const { id: second } = await world.privacy.exports.ask(ada.caller);
      const names: string[] = [];
      world.seen.put = async (copy, n, piece) => {
        names.push(copy);
        if (names.length === 2) await world.privacy.exports.forget(ada.userId);
        await world.store.pieces.put(copy, n, piece);
      };
      await world.privacy.exports.make(second);
      assert.equal(names.length, 2, "who is erased is packed no further");
      await world.privacy.exports.sweep();
      assert.ok(!(await world.copies()).some((name) => name.startsWith(id) || name.startsWith(second)));
      assert.deepEqual(await world.privacy.sql("select from exports where user_id = $1", [ada.userId]), []);
    });

    it("[XP8] [XP14] of a worker that died and of one that was overtaken nothing is left but the one whole copy", async () => {
      const { ada } = await world.privacy.twins();
      await world.kept(ada, { body: randomBytes(2 * MIB) });
      const { id } = await world.privacy.exports.ask(ada.caller);
      await world.privacy.sql("update exports set attempt = 1 where id = $1", [id]);
      await world.store.pieces.put(`${id}-1`, 0, randomBytes(10));
      const slow = Promise.withResolvers<void>();
      const reached = Promise.withResolvers<void>();
      world.seen.put = async (copy, n, piece) => {
        if (copy === `${id}-2`) reached.resolve();
        if (copy === `${id}-2`) await slow.promise;
        await world.store.pieces.put(copy, n, piece);
      };
      const overtaken = world.privacy.exports.make(id);
      await reached.promise;
      await world.privacy.exports.make(id);
      slow.resolve();
      await overtaken;
      await world.privacy.exports.sweep();
      assert.deepEqual(
        (await world.copies()).filter((name) => name.startsWith(id)),
        [`${id}-3`],
      );
      assert.equal(world.privacy.outbox.sent.filter(({ about }) => about === id).length, 1);
      assert.ok((await world.fetched(ada, id)).files.has("manifest.json"));
      assert.equal(await world.store.pieces.get(`${id}-2`, 1), undefined);
    });

    it("[XP9] however much there is, no more of it is on its way than one file and a piece", async () => {
      const { ada } = await world.privacy.twins();
      const body = randomBytes(2 * MIB);
      for (let n = 0; n < 12; n++) await world.kept(ada, { body });
      let [fetched, put, most, largest] = [0, 0, 0, 0];
      world.seen.fetchInto = async (file, key) => {
        fetched += body.length;
        most = Math.max(most, fetched - put);
        return world.store.fetchInto(file, key);
      };
      world.seen.put = async (copy, n, piece) => {
        put += piece.length;
        largest = Math.max(largest, piece.length);
        await world.store.pieces.put(copy, n, piece);
      };
      await world.made(ada);
      assert.ok(put > 12 * body.length && largest < 1.1 * MIB, `${put} in pieces of ${largest}`);
      assert.ok(most < 2 * body.length, `${most} bytes on their way`);
    });
  });
}

/** By the program that most machines have, where there is one. */
function unzips(zip: Buffer): void {
  const file = join(tmpdir(), `twinship-${crypto.randomUUID()}.zip`);
  writeFileSync(file, zip);
  const { status, stdout, stderr, error } = spawnSync("unzip", ["-t", file], { encoding: "utf8" });
  rmSync(file);
  if (!error) assert.equal(status, 0, stdout + stderr);
}
