import assert from "node:assert/strict";
import { chmodSync, chownSync, copyFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type EmbeddedPostgres, startEmbedded } from "../../server/adapters/database/embedded.ts";
import { openDatabase } from "../../server/adapters/database/open.ts";
import { startProblem } from "../../server/start-problems.ts";
import { DataFolders } from "../support/embedded.ts";

const CERTIFICATES = join(import.meta.dirname, "../support/certificates");
const CA = join(CERTIFICATES, "ca.pem");
const OTHER_CA = join(CERTIFICATES, "other-ca.pem");

const ENCRYPTED = "select ssl as encrypted from pg_stat_ssl where pid = pg_backend_pid()";

const silent = { info: () => undefined, warn: () => undefined };

/** Its certificate is by our CA, for localhost; 127.0.0.1 is another name. */
describe("a connection to PostgreSQL over TLS", () => {
  const folders = new DataFolders();
  let postgres: EmbeddedPostgres;

  before(async () => {
    const dataDir = folders.make();
    const plain = await startEmbedded(dataDir);
    await plain.stop();
    const key = join(plain.folder, "server.key");
    copyFileSync(join(CERTIFICATES, "server.key"), key);
    chmodSync(key, 0o600);
    const { uid, gid } = statSync(dirname(key));
    chownSync(key, uid, gid);
    copyFileSync(join(CERTIFICATES, "server.pem"), join(plain.folder, "server.pem"));
    chmodSync(join(plain.folder, "server.pem"), 0o644);
    const settings = { ssl: "on", ssl_cert_file: "server.pem", ssl_key_file: "server.key" };
    postgres = await startEmbedded(dataDir, { settings });
  });
  after(async () => {
    await postgres.stop();
    folders.remove();
  });

  /** Whether every way we have to that database is encrypted: MikroORM's, the rooms', the committer's, the migrations'. */
  async function encrypted(host: string, query: string, ca?: string): Promise<boolean> {
    const url = new URL(`${postgres.url}${query}`);
    url.hostname = host;
    const opened = await openDatabase({ url: url.href, ca, migrate: "auto", connections: 4, log: silent });
    try {
      const byPools = await Promise.all([opened.pool, opened.commits].map((pool) => pool.query(ENCRYPTED)));
      const answers = byPools.map(({ rows }) => rows[0].encrypted);
      answers.push(
        await opened.database.read(async (em) => (await em.getConnection().execute(ENCRYPTED))[0].encrypted),
      );
      assert.equal(new Set(answers).size, 1, "all of them alike");
      return answers[0];
    } finally {
      await opened.close();
    }
  }

  for (const [host, query, ca, expected] of [
    ["127.0.0.1", "", undefined, false],
    ["127.0.0.1", "?sslmode=disable", CA, false],
    ["127.0.0.1", "?sslmode=prefer", undefined, true],
    ["127.0.0.1", "?sslmode=no-verify", undefined, true],
    ["127.0.0.1", "?sslmode=require", undefined, true],
    ["127.0.0.1", "?sslmode=require", CA, true],
    ["127.0.0.1", "?sslmode=verify-ca", CA, true],
    ["localhost", "?sslmode=verify-full", CA, true],
    ["localhost", "", CA, true],
    ["localhost", `?sslmode=verify-full&sslrootcert=${encodeURIComponent(CA)}`, undefined, true],
  ] as const) {
    it(`[DB1] ${query || "no sslmode"}${ca ? " with DATABASE_CA" : ""} to ${host} is ${expected ? "encrypted" : "plain"} on every pool`, async () => {
      assert.equal(await encrypted(host, query, ca), expected);
    });
  }

  for (const [host, query, ca, words] of [
    ["127.0.0.1", "?sslmode=require", OTHER_CA, /certificate/],
    ["127.0.0.1", "?sslmode=verify-ca", OTHER_CA, /certificate/],
    ["127.0.0.1", "?sslmode=verify-full", CA, /certificate is for another host/],
    ["localhost", "?sslmode=verify-full", undefined, /name it in DATABASE_CA/],
    ["127.0.0.1", "?sslmode=verify-ca", undefined, /set DATABASE_CA/],
    ["127.0.0.1", "?sslmode=always", undefined, /is none of/],
  ] as const) {
    it(`[DB1] ${query}${ca ? " with a CA" : ""} to ${host} is refused with a line that says what to do`, async () => {
      await assert.rejects(encrypted(host, query, ca), (error) => words.test(startProblem(error) ?? "not explained"));
    });
  }

  it("[DB1] sslmode=prefer is content with a server that offers none", async () => {
    const plain = await startEmbedded(folders.make());
    const { pool, close } = await openDatabase({
      url: `${plain.url}?sslmode=prefer`,
      migrate: "auto",
      connections: 4,
      log: silent,
    });
    assert.equal((await pool.query(ENCRYPTED)).rows[0].encrypted, false);
    await close();
    const required = openDatabase({
      url: `${plain.url}?sslmode=require`,
      migrate: "auto",
      connections: 4,
      log: silent,
    });
    await assert.rejects(required, (error) => /offers no TLS/.test(startProblem(error) ?? ""));
    await plain.stop();
  });
});
