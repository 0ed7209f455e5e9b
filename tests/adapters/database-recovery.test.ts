import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/embedded.ts";
import { TestServer } from "../support/server.ts";
import { canHaveStandbys, folderIn, Postgres15, shell } from "../support/standby.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

const GUIDE = readFileSync(join(import.meta.dirname, "../../docs/postgresql.md"), "utf8");

/** The first block of the guide that begins so. */
function documented(beginning: string): string {
  const at = GUIDE.indexOf(`\`\`\`${beginning}\n`);
  assert.ok(at !== -1, `the guide has a block that begins with ${beginning}`);
  const block = GUIDE.slice(GUIDE.indexOf("\n", at) + 1);
  return block.slice(0, block.indexOf("```"));
}

describe("a backup", function () {
  this.timeout(60_000);
  if (!canHaveStandbys()) return;
  const postgres: Postgres15[] = [];
  let server: TestServer;
  let proxy: TcpProxy;
  after(async () => {
    await server?.remove();
    await proxy?.close();
    await Promise.all(postgres.map((one) => one.remove()));
  });

  it("[BK1] [P10] and the log after it, made and restored as the guide has it, give back a moment, whole; devices that knew more start over", async () => {
    const primary = await Postgres15.start();
    postgres.push(primary);
    let at = primary;
    const archive = folderIn(primary.folder, "archive");
    primary.addSettings(documented("conf\n# postgresql.conf").replaceAll("/var/lib/postgresql/archive", archive));
    await primary.restart();
    proxy = await TcpProxy.open(() => at.port);
    server = await TestServer.create({ DATABASE_URL: primary.urlAt(proxy.port) });
    await server.start();

    const { ada } = await server.pairUp();
    const say = async (text: string) => {
      const { status, body } = await server.call("POST", "/api/v1/messages", ada.accessToken, { text, type: "text" });
      assert.equal(status, 201, JSON.stringify(body));
    };
    const texts = async () => {
      const { body } = await server.call("GET", "/api/v1/messages/export", ada.accessToken);
      return body.messages.map(({ text }: { text: string }) => text);
    };
    await say("before the backup");
    const env = { PRIMARY: primary.url, BACKUP: join(primary.folder, "backup"), ARCHIVE: archive };
    await shell(documented("sh backup"), env);
    await say("after the backup");
    const { when } = await primary.one<{ when: string }>("select clock_timestamp()::text as when");
    const device = await server.join(ada, { deviceId: "a phone" });
    const known = await heard(device, "chat.window");
    await say("too late");
    await archived(primary);
    await server.end("SIGTERM");
    await primary.kill();

    const restored = await Postgres15.on((folder) =>
      shell(documented("sh restore"), { ...env, RESTORED: join(folder, "data"), WHEN: when }).then(() => undefined),
    );
    postgres.push(restored);
    await restored.start();
    const isPromoted = 'select not pg_is_in_recovery() as "isSo"';
    await eventually(async () => (await restored.one<{ isSo: boolean }>(isPromoted)).isSo);
    at = restored;
    await server.start();
    assert.deepEqual(await texts(), ["before the backup", "after the backup"]);
    await isWhole(restored);

    const again = await server.join(ada, {
      deviceId: "a phone",
      afterVersion: known.version,
      history: known.history,
    });
    const resume = await heard(again, "chat.resume");
    assert.equal(resume.reset, true);
    assert.notEqual(resume.history, known.history);
    await say("life goes on");
    assert.deepEqual(await texts(), ["before the backup", "after the backup", "life goes on"]);
    await isWhole(restored);
  });
});

interface Listens {
  onMessage(name: string, hear: (body: { version: number; history: string; reset?: boolean }) => void): unknown;
}

const heard = (room: Listens, name: string): Promise<{ version: number; history: string; reset?: boolean }> =>
  new Promise((hear) => room.onMessage(name, hear));

/** Until everything written so far is in the archive, as it is after archive_timeout at the latest. */
async function archived(primary: Postgres15): Promise<void> {
  const { file } = await primary.one<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file");
  const newest = "select last_archived_wal as file from pg_stat_archiver";
  await eventually(async () => (await primary.one<{ file: string }>(newest)).file >= file);
}

/** Journal, messages and heads say the same, as the guide asks them. */
async function isWhole(restored: Postgres15): Promise<void> {
  const { wrong } = await restored.one<{ wrong: string }>(documented("sql check"));
  assert.equal(wrong, "0");
  assert.equal((await restored.query("select from messages")).length > 0, true);
}
