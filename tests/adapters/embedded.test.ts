import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbedded } from "../../server/adapters/database/embedded.ts";
import { birthOf, isAlive } from "../../server/adapters/database/living.ts";
import { DataFolders, eventually, one, ownerOf } from "../support/embedded.ts";
import { stopwatch } from "../support/stopwatch.ts";

describe("the embedded PostgreSQL", () => {
  const folders = new DataFolders();
  after(() => folders.remove());

  it("[EP1] is a real one that puts every commit on disk, and takes its next start in two seconds", async () => {
    const dataDir = folders.make();
    const first = await startEmbedded(dataDir);
    for (const [setting, value] of [
      ["fsync", "on"],
      ["full_page_writes", "on"],
      ["synchronous_commit", "on"],
      ["server_encoding", "UTF8"],
    ]) {
      assert.equal(await one(first.url, `show ${setting}`), value, setting);
    }
    await first.stop();
    const took = stopwatch();
    const second = await startEmbedded(dataDir);
    assert.ok(took() < 2000);
    await second.stop();
  });

  it("[EP2] listens on loopback only, and lets nobody in without its password", async () => {
    const postgres = await startEmbedded(folders.make());
    assert.equal(await one(postgres.url, "show listen_addresses"), "127.0.0.1");
    const url = new URL(postgres.url);
    url.password = "";
    await assert.rejects(one(url.href, "select 1"), /password/);
    await postgres.stop();
  });

  it("[EP3] folds upper and lower case of every script though it sorts by code point", async () => {
    const postgres = await startEmbedded(folders.make());
    assert.equal(await one(postgres.url, "select lower('ЩЕНОК') = 'щенок' and lower('ÄPFEL') = 'äpfel'"), true);
    await postgres.stop();
  });

  it("[EP4] goes when its server is killed, and the next one finds what was committed", async () => {
    const dataDir = folders.make();
    const first = await ownerOf(dataDir);
    await one(first.url, "create table kept as select 42 as answer");
    await first.kill();
    await eventually(() => !isAlive(first.postmaster), 2000);
    const next = await startEmbedded(dataDir);
    assert.equal(await one(next.url, "select answer from kept"), 42);
    await next.stop();
  });

  it("[EP4] ends one that was left behind although its watchdog was killed too", async () => {
    const dataDir = folders.make();
    const first = await ownerOf(dataDir);
    const watchdog = execFileSync("pgrep", ["-P", String(first.process.pid), "-f", "twinship-watchdog"]).toString();
    process.kill(Number(watchdog), "SIGKILL");
    await first.kill();
    assert.ok(isAlive(first.postmaster), "it was left behind");
    const next = await startEmbedded(dataDir);
    assert.equal(await one(next.url, "select 1"), 1);
    assert.ok(!isAlive(first.postmaster));
    await next.stop();
  });

  it("[EP5] refuses a folder that another server has, and names that one", async () => {
    const dataDir = folders.make();
    const first = await ownerOf(dataDir);
    await assert.rejects(startEmbedded(dataDir), new RegExp(`Process ${first.process.pid} already serves`));
    assert.equal(await one(first.url, "select 1"), 1);
    await first.kill();
  });

  it("[EP5] refuses a second one in the same process too, and lets the folder go when it stops", async () => {
    const dataDir = folders.make();
    const first = await startEmbedded(dataDir);
    await assert.rejects(startEmbedded(dataDir), new RegExp(`Process ${process.pid} already serves`));
    await first.stop();
    await (await startEmbedded(dataDir)).stop();
  });

  it("[EP5] lets one of several have the folder that start in it at the same moment, over a dead one's mark", async () => {
    const dataDir = folders.make();
    await (await startEmbedded(dataDir)).stop();
    writeFileSync(join(dataDir, "server.pid"), `${process.pid} of-an-earlier-life`);
    const starts = await Promise.allSettled(Array.from({ length: 5 }, () => ownerOf(dataDir)));
    const [winner, ...others] = starts.flatMap((start) => (start.status === "fulfilled" ? start.value : []));
    assert.ok(winner);
    assert.deepEqual(others, []);
    for (const start of starts) {
      if (start.status === "rejected") assert.match(String(start.reason), /already serves|at once/);
    }
    await winner.kill();
  });

  it("[EP6] is not fooled by a process that has the number of a server that is gone", async () => {
    const dataDir = folders.make();
    await (await startEmbedded(dataDir)).stop();
    const stranger = spawn("sleep", ["60"]);
    writeFileSync(join(dataDir, "server.pid"), `${stranger.pid} ${birthOf(stranger.pid ?? 0)}0`);
    writeFileSync(join(dataDir, "postgres/cluster/postmaster.pid"), `${stranger.pid}\n/elsewhere\n`);
    const postgres = await startEmbedded(dataDir);
    assert.equal(await one(postgres.url, "select 1"), 1);
    assert.ok(isAlive(stranger.pid ?? 0), "the stranger was left alone");
    await postgres.stop();
    stranger.kill();
    await once(stranger, "exit");
  });

  it("[EP7] takes half a cluster for none", async () => {
    const dataDir = folders.make();
    const half = join(dataDir, "postgres/making-1");
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, "PG_VERSION"), "18\n");
    const postgres = await startEmbedded(dataDir);
    assert.equal(await one(postgres.url, "select 1"), 1);
    assert.deepEqual(readdirSync(join(dataDir, "postgres")).sort(), ["cluster", "password", "server.log"]);
    await postgres.stop();
  });

  it("[EP7] starts whole after it was killed at any moment of its first start", async () => {
    for (const afterMs of [30, 150, 300, 450, 600]) {
      const dataDir = folders.make();
      const program = `import(${JSON.stringify(join(import.meta.dirname, "../../server/adapters/database/embedded.ts"))})
        .then(({ startEmbedded }) => { console.log("now"); return startEmbedded(${JSON.stringify(dataDir)}); })`;
      const first = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
      await once(first.stdout, "data");
      // The moment is the fault: nothing tells when half of it is done.
      await new Promise((moment) => setTimeout(moment, afterMs));
      first.kill("SIGKILL");
      await once(first, "exit");
      const postgres = await startEmbedded(dataDir);
      assert.equal(await one(postgres.url, "select 1"), 1, `killed after ${afterMs} ms`);
      await postgres.stop();
    }
  });

  it("[EP8] comes back on the same port with everything that was committed when it is killed itself", async () => {
    const postgres = await startEmbedded(folders.make());
    await one(postgres.url, "create table kept as select 42 as answer");
    const killed = postgres.pid() ?? 0;
    process.kill(killed, "SIGKILL");
    await eventually(() =>
      one(postgres.url, "select answer from kept").then(
        (answer) => answer === 42,
        () => false,
      ),
    );
    assert.notEqual(postgres.pid(), killed);
    await postgres.stop();
  });

  it("[EP8] stops answering, and says so once, when its folder is taken away", async () => {
    const dataDir = folders.make();
    const said: string[] = [];
    const log = { info: () => undefined, error: (_fields: object, message: string) => void said.push(message) };
    const postgres = await startEmbedded(dataDir, { log });
    rmSync(join(dataDir, "postgres"), { recursive: true, force: true });
    await eventually(
      () =>
        one(postgres.url, "select 1").then(
          () => false,
          () => true,
        ),
      3000,
    );
    await postgres.stop();
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /taken away/);
  });
});
