import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { DataFolders, one } from "../support/embedded.ts";
import { emptyDatabase } from "../support/postgres.ts";

const SEED = join(import.meta.dirname, "../../server/seed.ts");

describe("the sample twins", () => {
  const folders = new DataFolders();
  after(() => folders.remove());
  const seed = (env: Readonly<Record<string, string>>) =>
    promisify(execFile)(process.execPath, [SEED], { env: { PATH: process.env["PATH"], ...env } });

  it("[LC6] are made once however often they are asked for, step by step before one's eyes", async () => {
    const { url, drop } = await emptyDatabase();
    const env = { DATABASE_URL: url, DATA_DIR: folders.make() };
    for (const time of ["first", "second"]) {
      const { stdout } = await seed(env);
      assert.match(stdout, /^\[ 1\/13\] .*\n(?:.*\n)*\[13\/13\] done: sign in as .*\n$/, time);
      const found = await one(
        url,
        "select (select count(*) from users) || ' ' || (select count(*) from pairs) || ' ' || (select count(*) from messages)",
      );
      assert.equal(found, "2 1 9", time);
    }
    await drop();
  });

  it("[LC6] are not made in production, where everybody would know their password", async () => {
    const { url, drop } = await emptyDatabase();
    const refused = seed({ NODE_ENV: "production", ALLOW_EMBEDDED: "1", DATABASE_URL: url, DATA_DIR: folders.make() });
    await assert.rejects(refused, /not in production/);
    assert.equal(await one(url, "select count(*)::int from pg_tables where schemaname = 'public'"), 0);
    await drop();
  });
});
