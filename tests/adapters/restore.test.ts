import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { z } from "zod";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { Census } from "../../server/restore/census.ts";
import { deployed } from "../support/deployment.ts";
import { eventually, one } from "../support/embedded.ts";
import { TestServer } from "../support/server.ts";
import { canHaveStandbys, folderIn, Postgres15, shell } from "../support/standby.ts";
import { StrictS3 } from "../support/strict-s3.ts";

const CHECK = join(deployed.root, "server/restore-check.ts");

const GUIDE = deployed.read("docs/postgresql.md");

/** The first block of the guide that begins so. */
function documented(beginning: string): string {
  const block = GUIDE.slice(GUIDE.indexOf("\n", GUIDE.indexOf(`\`\`\`${beginning}\n`)) + 1);
  return block.slice(0, block.indexOf("```"));
}

/** Several statements. */
async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(sql);
  await client.end();
}

interface Checked {
  readonly code: number;
  readonly said: string;
}

const check = (url: string, ...args: readonly string[]) => checkWith({ DATABASE_URL: url }, ...args);

async function checkWith(given: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Checked> {
  const env = { PATH: process.env["PATH"], ...given };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [CHECK, ...args], { env });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = z
      .object({ code: z.number(), stdout: z.string(), stderr: z.string() })
      .parse(error);
    return { code, said: stdout + stderr };
  }
}

describe("a restored database", function () {
  this.timeout(90_000);
  if (!canHaveStandbys()) return;
  const postgres: Postgres15[] = [];
  const folder = mkdtempSync(join(tmpdir(), "twinship-restore-"));
  const counted = join(folder, "counted.json");
  let primary: Postgres15;
  let archive: string;
  let server: TestServer;
  before(async () => {
    chmodSync(folder, 0o777);
    primary = await Postgres15.start();
    postgres.push(primary);
    archive = folderIn(primary.folder, "archive");
    primary.addSettings(documented("conf\n# postgresql.conf").replaceAll("/var/lib/postgresql/archive", archive));
    await primary.restart();
    server = await TestServer.create({ DATABASE_URL: primary.url });
    await server.start();
    const { ada, bea } = await server.pairUp();
    for (const who of [ada, bea, ada]) {
      const { status } = await server.call("POST", "/api/v1/messages", who.accessToken, { text: "kept", type: "text" });
      assert.equal(status, 201);
    }
    await server.end("SIGTERM");
  });
  after(async () => {
    await server?.remove();
    await Promise.all(postgres.map((each) => each.remove()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("[BU1] is whole if journal, messages, heads, marks, pairs, indexes and months agree", async () => {
    assert.deepEqual(await check(primary.url), { code: 0, said: "whole\n" });
  });

  for (const [what, damage, mend, words] of [
    [
      "a message that is gone",
      "create table kept as select * from messages limit 1; delete from messages where id in (select id from kept)",
      "insert into messages select * from kept; drop table kept",
      /head is where its journal and its messages end: 1 times/,
    ],
    [
      "a gap",
      "update journal set seq = 99 where seq = 2",
      "update journal set seq = 2 where seq = 99",
      /numbered without a gap/,
    ],
    [
      "a room that is gone",
      "create table kept as select * from pair_rooms; delete from pair_rooms",
      "insert into pair_rooms select * from kept; drop table kept",
      /has its room: 2 times/,
    ],
    [
      "marks of what was never said",
      "insert into watermarks (pair_id, user_id, delivered_seq) select pair_id, user_id, 77 from pair_members limit 1 on conflict (pair_id, user_id) do update set delivered_seq = 77",
      "delete from watermarks where delivered_seq = 77",
      /received or read what was never said/,
    ],
    [
      "a pair of one",
      "create table kept as select * from pair_members limit 1; delete from pair_members where user_id in (select user_id from kept)",
      "insert into pair_members select * from kept; drop table kept",
      /its two/,
    ],
    [
      "a migration that is missing",
      "delete from mikro_orm_migrations where name like 'm0005%'",
      "insert into mikro_orm_migrations (name) values ('m0005-notices')",
      /it lacks m0005-notices: run npm run db:migrate/,
    ],
  ] as const) {
    it(`[BU1] with ${what} it is not whole, and that is said in a line`, async () => {
      await run(primary.url, damage);
      const { code, said } = await check(primary.url);
      await run(primary.url, mend);
      assert.equal(code, 1, said);
      assert.match(said, words);
      assert.equal((await check(primary.url)).code, 0);
    });
  }

  it("[BU2] is compared, table by table, with what was counted before", async () => {
    assert.equal((await check(primary.url, "--write", counted)).code, 0);
    const { tables, at } = Census.parse(JSON.parse(readFileSync(counted, "utf8")));
    assert.deepEqual([tables["messages"]?.rows, tables["users"]?.rows], [3, 2]);
    assert.equal(tables["processes"], undefined);
    const same = await check(primary.url, "--against", counted);
    assert.deepEqual(same, { code: 0, said: `whole, and as it was at ${at}\n` });
    await one(primary.url, "update messages set text = 'changed' where seq = 1");
    assert.match(
      (await check(primary.url, "--against", counted)).said,
      /WRONG {2}messages: 3 rows as before, and not the same/,
    );
    await one(primary.url, "update messages set text = 'kept' where seq = 1");
    assert.equal((await check(primary.url, "--against", counted)).code, 0);
    assert.doesNotMatch(readFileSync(counted, "utf8"), /kept|example\.org/);
  });

  it("[BU5] with --media it finds whatever the database shows and the store has not, or has in another size", async () => {
    const store = await StrictS3.open();
    const { bucket, region, credentials } = store.deps;
    const env = {
      ...{ S3_BUCKET_NAME: bucket, S3_ENDPOINT: store.endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    };
    const id = "0198c8f0-0000-7000-8000-000000000001";
    const variant = (name: string) => ({ name, contentType: "image/webp", bytes: 3, width: 1, height: 1 });
    const variants = JSON.stringify([variant("256"), variant("1024")]);
    await run(
      primary.url,
      `insert into media (id, owner_id, purpose, status, content_type, bytes, stored_bytes, created_at, ready_at, variants)
       select '${id}', id, 'chat', 'ready', 'image/webp', 3, 6, now(), now(), '${variants}' from users limit 1`,
    );
    const put = (name: string, text: string) =>
      store.objects.set(`ready/${id}/${name}.webp`, { body: Buffer.from(text), type: "image/webp", at: 0 });
    const looked = () => checkWith({ DATABASE_URL: primary.url, ...env }, "--media");
    try {
      put("256", "abc");
      put("1024", "ab");
      const { code, said } = await looked();
      assert.equal(code, 1);
      assert.match(said, new RegExp(`^WRONG {2}ready/${id}/1024\\.webp has 2 bytes instead of 3\n$`));
      store.objects.delete(`ready/${id}/1024.webp`);
      assert.match((await looked()).said, /1024\.webp is not there/);
      put("1024", "abc");
      assert.deepEqual(await looked(), { code: 0, said: "whole\n" });
    } finally {
      await run(primary.url, "delete from media");
      await store.close();
    }
  });

  it("[BU2] a count that is none, a database that is away and a wrong word end with 2 and one line", async () => {
    for (const [url, ...args] of [
      [primary.url, "--against", join(folder, "nothing")],
      ["postgres://a:tell-nobody@127.0.0.1:1/b"],
      [primary.url, "--fast"],
    ] as const) {
      const { code, said } = await check(url, ...args);
      assert.equal(code, 2, said);
      assert.doesNotMatch(said, /tell-nobody|node:internal/);
    }
  });

  it("[BU3] the drill restores a backup to the moment it was counted, and finds all of it, whole", async () => {
    await shell(documented("sh backup"), { PRIMARY: primary.url, BACKUP: join(primary.folder, "backup") });
    await server.start();
    const late = await server.signUp("Late");
    assert.ok(late.userId);
    await server.end("SIGTERM");
    await check(primary.url, "--write", counted);
    const { at, tables } = Census.parse(JSON.parse(readFileSync(counted, "utf8")));
    assert.equal(tables["users"]?.rows, 3);
    await one(primary.url, "update users set name = 'too late'");
    await one(primary.url, "delete from journal where seq = 3");
    const newest = "select last_archived_wal as file from pg_stat_archiver";
    const { file } = await primary.one<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file");
    await eventually(async () => ((await primary.one<{ file: string }>(newest)).file ?? "") >= file);

    const port = await freePort();
    const url = new URL(primary.url);
    url.port = String(port);
    const env = {
      ...{ BACKUP: join(primary.folder, "backup"), ARCHIVE: archive, RESTORED: join(folder, "drill"), WHEN: at },
      ...{ COUNTED: counted, DRILL_PORT: String(port), DATABASE_URL: url.href, HOME: folder },
      CHECK: `${process.execPath} ${CHECK}`,
    };
    const said = await shell(
      `${join(deployed.root, "deploy/backups/drill.sh")} || { cat "$RESTORED/drill.log"; exit 1; }`,
      env,
    );
    assert.match(said, /restored within \d+ s\nwhole, and as it was at /);
    await assert.rejects(one(url.href, "select 1"), "it leaves nothing running");
    await assert.rejects(shell(join(deployed.root, "deploy/backups/drill.sh"), env), /is there already/);
  });

  it("[BU4] the bucket keeps what was deleted or replaced for 30 days, originals for one, and nothing for longer", () => {
    const read = (name: string) => JSON.parse(deployed.read(`deploy/backups/${name}.json`));
    assert.deepEqual(read("bucket-versioning"), { Status: "Enabled" });
    const Rule = z.strictObject({
      ID: z.string().max(255),
      Status: z.literal("Enabled"),
      Filter: z.strictObject({ Prefix: z.enum(["", "ready/", "incoming/", "copies/"]) }),
      NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: z.int().positive() }).optional(),
      Expiration: z.strictObject({ ExpiredObjectDeleteMarker: z.literal(true) }).optional(),
      AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: z.int().positive() }).optional(),
    });
    const { Rules } = z.strictObject({ Rules: z.array(Rule) }).parse(read("bucket-lifecycle"));
    const kept = Rules.flatMap(({ Filter, NoncurrentVersionExpiration }) =>
      NoncurrentVersionExpiration ? [[Filter.Prefix, NoncurrentVersionExpiration.NoncurrentDays]] : [],
    );
    // Originals hold what was taken out of what is shown: where a picture was made, for one.
    assert.deepEqual(Object.fromEntries(kept), { "ready/": 30, "incoming/": 1, "copies/": 1 });
    const days = 30;
    assert.ok(Rules.some((rule) => rule.Expiration) && Rules.some((rule) => rule.AbortIncompleteMultipartUpload));
    for (const { Expiration } of Rules)
      assert.deepEqual(Object.keys(Expiration ?? {}), Expiration ? ["ExpiredObjectDeleteMarker"] : []);
    assert.match(GUIDE, new RegExp(`\\b${days} days\\b`));
  });
});
