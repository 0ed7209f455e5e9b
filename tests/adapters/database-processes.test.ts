import assert from "node:assert/strict";
import { registerProcess } from "../../server/adapters/database/processes.ts";
import { eventually } from "../support/embedded.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

describe("the list of processes", () => {
  let opened: TemporaryDatabase;
  before(async () => {
    opened = await temporaryDatabase();
  });
  after(() => opened.close());

  const beats: string[] = [];
  const log = {
    info: (_: object, message: string) => void beats.push(message),
    warn: (_: object, message: string) => void beats.push(message),
  };
  const options = { processId: "one", address: "10.0.0.1:3000", log };
  const rows = async () => (await opened.pool.query("select process_id, address, beat_at from processes")).rows;

  it("[PL1] names a process and where to reach it while it lives, with a beat twice a second, and not after it stopped", async () => {
    const registered = await registerProcess(opened.pool, options);
    const [first] = await rows();
    assert.equal(first.address, "10.0.0.1:3000");
    await eventually(async () => (await rows())[0].beat_at > first.beat_at, 1500);
    await registered.stop();
    assert.deepEqual(await rows(), []);
  });

  it("[PL1] has it back if somebody took it off while it lives", async () => {
    const registered = await registerProcess(opened.pool, options);
    await opened.pool.query("delete from processes");
    await eventually(async () => (await rows()).length === 1, 1500);
    await registered.stop();
  });

  it("[PL1] forgets who has been silent for an hour", async () => {
    await opened.pool.query(
      "insert into processes values ('gone', 'nowhere', now() - interval '2 hours'), ('silent', 'here', now() - interval '1 minute')",
    );
    const registered = await registerProcess(opened.pool, options);
    assert.deepEqual((await rows()).map(({ process_id }) => process_id).sort(), ["one", "silent"]);
    await registered.stop();
  });

  it("[PL2] says once that others may take it for dead, and once that they see it again", async () => {
    beats.length = 0;
    const registered = await registerProcess(opened.pool, options);
    await opened.pool.query("alter table processes rename to away");
    await eventually(() => beats.length === 1, 2000);
    // The fault lasts for several beats; what is proved is that they say nothing.
    await new Promise((several) => setTimeout(several, 1200));
    await opened.pool.query("alter table away rename to processes");
    await eventually(() => beats.length === 2, 2000);
    assert.match(beats[0] ?? "", /dead/);
    assert.match(beats[1] ?? "", /again/);
    await registered.stop();
  });
});
