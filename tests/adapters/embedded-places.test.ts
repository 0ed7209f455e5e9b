import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { complete, packagedBinaries } from "../../server/adapters/database/binaries.ts";
import { startEmbedded } from "../../server/adapters/database/embedded.ts";
import { birthOf, isAlive, worksIn } from "../../server/adapters/database/living.ts";
import { DataFolders, mounted, one, ownerOf } from "../support/embedded.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65_534, gid: 65_534 };

/** A checkout under a closed home can be run by its owner only. */
const reachesUs = (who: { readonly uid: number; readonly gid: number }) =>
  spawnSync("test", ["-r", import.meta.filename, "-a", "-x", process.execPath], { ...who, cwd: "/" }).status === 0;

describe("the place of the embedded PostgreSQL", () => {
  const folders = new DataFolders();
  after(() => folders.remove());

  it("[EP9] says in one line what to do where it cannot write", async () => {
    const file = join(folders.make(), "a file");
    writeFileSync(file, "");
    for (const dataDir of [file, join(file, "below")]) {
      await assert.rejects(
        startEmbedded(dataDir),
        /^OperatorProblem: DATA_DIR .*a file.* does not do \(.*\): choose another folder.*DATABASE_URL$/,
      );
    }
  });

  it("[EP9] says in one line what to do where it may not write", async function () {
    const closed = folders.make(0o555);
    if (!isRoot) {
      await assert.rejects(startEmbedded(closed), /does not do \(we may not write there\)/);
      return;
    }
    if (!reachesUs(NOBODY)) return this.skip();
    await assert.rejects(ownerOf(closed, NOBODY), /does not do \(we may not write there\)/);
  });

  for (const [what, options, words] of [
    ["is read-only", "ro", /read-only/],
    ["is full", "size=64k", /full|[Nn]o space left/],
    ["fills up while it is set up", "size=20m", /full|[Nn]o space left/],
  ] as const) {
    it(`[EP9] says in one line what to do where the disk ${what}`, async function () {
      const dataDir = folders.make();
      if (!mounted(dataDir, options)) return this.skip();
      try {
        if (what === "is full") writeFileSync(join(dataDir, "filler"), Buffer.alloc(61_440));
        const error = await startEmbedded(dataDir).then(
          (it) => it.stop(),
          (problem: Error) => problem,
        );
        assert.ok(error instanceof Error);
        assert.match(error.message, words);
        assert.ok(!error.message.includes("\n"), error.message);
      } finally {
        execFileSync("umount", [dataDir]);
      }
    });
  }

  it("[EP9] does not touch a cluster of another version, and says what to do about it", async () => {
    const dataDir = folders.make();
    await (await startEmbedded(dataDir)).stop();
    writeFileSync(join(dataDir, "postgres/cluster/PG_VERSION"), "17\n");
    await assert.rejects(startEmbedded(dataDir), /is of PostgreSQL 17, and ours is 18: dump it/);
  });

  it("[EP10] runs as an ordinary user when the server runs as root, and lives elsewhere where a closed home keeps that user out", async function () {
    if (!isRoot) return this.skip();
    const dataDir = folders.make(0o700);
    const first = await startEmbedded(dataDir);
    assert.equal(first.folder, join(readFileSync(join(dataDir, "postgres-is-elsewhere"), "utf8").trim(), "cluster"));
    assert.notEqual(statSync(first.folder).uid, 0);
    assert.equal(statSync(first.folder).mode & 0o077, 0, "nobody else reads it");
    await one(first.url, "create table kept as select 42 as answer");
    await first.stop();
    const next = await startEmbedded(dataDir);
    assert.equal(await one(next.url, "select answer from kept"), 42);
    await next.stop();
  });

  it("[EP10] starts from nothing when the data folder was deleted, wherever it lived", async function () {
    if (!isRoot) return this.skip();
    const home = folders.make(0o700);
    const dataDir = join(home, "data");
    const first = await startEmbedded(dataDir);
    await one(first.url, "create table kept as select 42 as answer");
    await first.stop();
    const lived = dirname(first.folder);
    rmSync(dataDir, { recursive: true });
    const next = await startEmbedded(dataDir);
    assert.equal(await one(next.url, "select to_regclass('kept') is null"), true);
    await next.stop();
    for (const folder of [lived, dirname(next.folder)]) rmSync(folder, { recursive: true, force: true });
  });

  it("[EP10] refuses to start empty where the folder it lived in is gone", async function () {
    if (!isRoot) return this.skip();
    const dataDir = folders.make(0o700);
    const first = await startEmbedded(dataDir);
    await first.stop();
    const lived = dirname(first.folder);
    renameSync(lived, `${lived}-away`);
    await assert.rejects(startEmbedded(dataDir), /is gone: bring it back/);
    renameSync(`${lived}-away`, lived);
  });

  it("[EP10] started by root runs as the user whose cluster it is", async function () {
    if (!isRoot || !reachesUs(NOBODY)) return this.skip();
    const dataDir = folders.make(0o777);
    const first = await ownerOf(dataDir, NOBODY);
    await first.kill();
    const next = await startEmbedded(dataDir);
    assert.equal(statSync(next.folder).uid, NOBODY.uid);
    assert.equal(await one(next.url, "select 1"), 1);
    await next.stop();
  });

  it("[EP11] repairs its libraries where install scripts were blocked", () => {
    const packaged = dirname(dirname(dirname(packagedBinaries().postgres)));
    const blocked = join(folders.make(), "package");
    cpSync(packaged, blocked, { recursive: true, verbatimSymlinks: true });
    for (const { target } of JSON.parse(readFileSync(join(blocked, "native/pg-symlinks.json"), "utf8")))
      rmSync(join(blocked, target));
    assert.throws(() => execFileSync(join(blocked, "native/bin/postgres"), ["--version"], { stdio: "pipe" }));
    const { postgres } = complete(blocked);
    assert.match(execFileSync(postgres, ["--version"]).toString(), /PostgreSQL\) 18/);
  });

  it("knows a process by when it began, whatever its name looks like", async () => {
    const dataDir = folders.make();
    const odd = join(dataDir, "a ) S 1 (b");
    cpSync(process.execPath, odd);
    chmodSync(odd, 0o755);
    const child = spawn(odd, ["-e", "setInterval(() => {}, 1e6); console.log(1)"], { cwd: dataDir });
    await once(child.stdout, "data");
    const birth = birthOf(child.pid ?? 0);
    assert.match(birth, /^[\w-]+:\d+$/);
    assert.equal(birthOf(child.pid ?? 0), birth);
    assert.ok(worksIn(child.pid ?? 0, dataDir));
    assert.ok(!worksIn(child.pid ?? 0, "/"));
    child.kill();
    await once(child, "exit");
    assert.ok(!isAlive(child.pid ?? 0));
    assert.ok(existsSync(odd));
  });
});
