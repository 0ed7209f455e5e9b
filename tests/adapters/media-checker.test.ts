import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CheckMedia, ToCheck } from "../../domain/media-checks.ts";
import { MediaId } from "../../schema/wire/ids.ts";
import { mediaChecker } from "../../server/adapters/media/checker.ts";
import type { Outcome, Task } from "../../server/adapters/media/tasks.ts";
import { openDisk } from "../support/blob-doors.ts";

const HOUR_MS = 3_600_000;

describe("the checker of what was uploaded", () => {
  let disk: Awaited<ReturnType<typeof openDisk>>;
  let check: CheckMedia;
  before(async () => {
    disk = await openDisk();
    check = checkerWith(async (task) => {
      looked.push(task);
      return fits;
    });
  });
  after(() => disk.close());

  const body = "as it was announced";
  const sha256 = createHash("sha256").update(body).digest("base64");
  const looked: Task[] = [];
  const fits: Outcome = {
    isFit: true,
    variants: [],
    facts: {
      contentType: "image/webp",
      bytes: 1,
      ...{ width: 1, height: 1 },
      ...{ durationMs: null, waveform: null, placeholder: null },
    },
  };
  const checkerWith = (inspect: (task: Task) => Promise<Outcome>) =>
    mediaChecker({ store: disk.store, inspectors: { inspect } });

  /** Something that was sent, as it was announced, or otherwise. */
  async function sent(other: Partial<ToCheck> = {}): Promise<ToCheck> {
    const id = MediaId.parse(randomUUID());
    const announced = { bytes: body.length, contentType: "image/png", sha256: null };
    const { url } = await disk.store.uploadTo(`incoming/${id}`, announced, Date.now() + HOUR_MS);
    await fetch(url, { method: "PUT", headers: { "Content-Type": "image/png" }, body });
    return { id, purpose: "chat", ...announced, ...other };
  }

  it("[UP2] refuses other bytes than were announced, whatever the store let in", async () => {
    assert.deepEqual(await check(await sent({ sha256 })), fits);
    for (const other of [{ bytes: 3 }, { sha256: createHash("sha256").update("other").digest("base64") }]) {
      const verdict = await check(await sent(other));
      assert.deepEqual(verdict.isFit ? "fit" : verdict.code, "MEDIA_REFUSED");
    }
    const missing = await check({ ...(await sent()), id: MediaId.parse(randomUUID()) });
    assert.equal(missing.isFit, false);
    assert.equal(looked.length, 1);
  });

  it("[MX7] throws if nobody could look, and leaves nothing of the file on this machine", async () => {
    const folders: string[] = [];
    const failing = checkerWith(async ({ folder }) => {
      folders.push(folder);
      assert.deepEqual(readdirSync(folder), ["original"]);
      throw new Error("nobody there");
    });
    await assert.rejects(failing(await sent()), /nobody there/);
    assert.equal(folders.length, 1);
    for (const folder of [...folders, ...looked.map((task) => task.folder)]) assert.equal(existsSync(folder), false);
  });

  it("[MX7] throws away what a process left that was killed an hour ago, and nothing that is being looked at", async () => {
    const [old, young] = ["old", "young"].map((name) => join(tmpdir(), `twinship-media-${name}-${randomUUID()}`));
    assert.ok(old && young);
    for (const folder of [old, young]) mkdirSync(folder);
    const then = (Date.now() - HOUR_MS - 60_000) / 1000;
    utimesSync(old, then, then);
    await checkerWith(async () => fits)(await sent());
    assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
    utimesSync(young, then, then);
    await checkerWith(async () => fits)(await sent());
    assert.equal(existsSync(young), false);
  });
});
