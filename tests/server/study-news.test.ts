import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Caller } from "../../domain/ports.ts";
import type { StudyId } from "../../schema/wire/research.ts";
import { DataFolders } from "../support/embedded.ts";
import { ResearchWorld } from "../support/research-world.ts";

const SERVER = join(import.meta.dirname, "../../server");

describe("news of a study, by the command", function () {
  this.timeout(60_000);
  const folders = new DataFolders();
  let world: ResearchWorld;
  let study: StudyId;
  let owner: string;
  let folder: string;

  const command = (script: string, ...asked: string[]) =>
    promisify(execFile)(process.execPath, [join(SERVER, script), ...asked], {
      env: { PATH: process.env["PATH"], DATABASE_URL: world.assessed.pairs.opened.url, DATA_DIR: folder },
    });
  const send = (...asked: string[]) => command("study-news.ts", ...asked);
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "",
      ({ code, stderr }) => `${code} ${stderr}`,
    );
  const emailOf = async ({ userId }: Caller): Promise<string> =>
    String((await world.sql("select email from users where id = $1", [userId]))[0]?.["email"]);
  const written = () =>
    world.sql("select user_id, about from deliveries where template = 'research_update' order by created_at");

  /** A file with these words. */
  function words(text: string): string {
    const file = join(folder, `${crypto.randomUUID()}.txt`);
    writeFileSync(file, text);
    return file;
  }

  before(async () => {
    world = await ResearchWorld.open();
    folder = folders.make();
    study = await world.study();
    owner = await emailOf(await world.adult());
    await command("staff.ts", "grant", "study_owner", owner, study);
  });
  after(async () => {
    await world?.assessed.close();
    folders.remove();
  });

  it("[RK10] go to who agreed, once each, however often and by however many they are sent", async () => {
    const wanting: Caller[] = [];
    for (const agreed of [true, true, false]) {
      const who = await world.adult();
      await world.consent(who, study, agreed ? { contact_followup: true } : {});
      const settings = JSON.stringify({ privacy: { allowResearchContact: true } });
      await world.sql("update users set settings = $2, email_verified = true where id = $1", [who.userId, settings]);
      if (agreed) wanting.push(who);
    }
    const file = words("We have looked at a year by now.\n");
    const said = await Promise.all([send(study, owner, file), send(study, owner, file)]);
    assert.equal(
      said.map(({ stdout }) => Number.parseInt(stdout, 10)).reduce((sum, one) => sum + one, 0),
      2,
    );
    assert.match((await send(study, owner, file)).stdout, /^0 are written to/);
    const ids = (await written()).map((row) => String(row["user_id"]));
    assert.deepEqual(ids.sort(), wanting.map(({ userId }) => String(userId)).sort());
    assert.match((await send(study, owner, words("And now at two years."))).stdout, /^2 are written to/);
    assert.equal((await written()).length, 4);
  });

  it("[RK10] are nobody's but an owner's of that study, and what cannot be is said in one line", async () => {
    const before = (await written()).length;
    const [stranger, file] = [await emailOf(await world.adult()), words("Hello.")];
    for (const [asked, says] of [
      [[study, stranger, file], /^1 There is no such study of theirs\n$/],
      [[study, owner, words(" \u200b ")], /^1 .+\.txt must have something to read\n$/],
      [[study, owner, words("x".repeat(10_001))], /^1 .+\.txt must be at most 10000 characters\n$/],
      [[study, owner, join(folder, "nothing.txt")], /^1 .+nothing\.txt cannot be read: name a file with the words\n$/],
      [[study, owner], /^2 Say to which study/],
      [["'; drop table users; --", owner, file], /^2 Say to which study/],
    ] as const) {
      assert.match(await refusal(send(...asked)), says);
    }
    assert.equal((await written()).length, before);
  });
});
