import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { MediaPhone } from "../support/media-phone.ts";
import { picture } from "../support/pictures.ts";
import { emptyDatabase } from "../support/postgres.ts";
import { TestServer } from "../support/server.ts";
import { StrictS3 } from "../support/strict-s3.ts";

const WORKER = join(import.meta.dirname, "../../server/worker.ts");

describe("pictures with a worker of their own", function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let store: StrictS3;
  let server: TestServer;
  let worker: ChildProcess;

  before(async () => {
    [database, store] = await Promise.all([emptyDatabase(), StrictS3.open()]);
    const { bucket, region, credentials } = store.deps;
    const env = {
      ...{ DATABASE_URL: database.url, WORKER: "separate", APP_SECRET: "s".repeat(64) },
      ...{ S3_BUCKET_NAME: bucket, S3_ENDPOINT: store.endpoint, AWS_REGION: region },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    };
    server = await TestServer.create(env);
    await server.start();
    const all = { PATH: process.env["PATH"], DATA_DIR: join(server.dataDir, "worker"), LOG_LEVEL: "warn", ...env };
    worker = spawn(process.execPath, [WORKER], { env: all, stdio: "ignore" });
  });
  after(async () => {
    const ended = once(worker, "exit");
    worker.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
    await server.remove();
    await store.close();
    await database.drop();
  });

  /** Of which process files are looked at. */
  const inspectorsOf = (pid: number | undefined): number => {
    const processes = execFileSync("ps", ["-eo", "ppid,args"], { encoding: "utf8" }).split("\n");
    return processes.filter((line) => line.trim().startsWith(`${pid} `) && line.includes("inspection.ts")).length;
  };

  it("[SV3] [MX7] are ready within the call that completes them, and nothing is decoded where people are answered", async () => {
    const ada = new MediaPhone(server, (await server.pairUp()).ada);
    const ready = await ada.upload("chat", "image/jpeg", await picture(800, 600).jpeg().toBuffer());
    assert.deepEqual([ready.width, ready.height], [800, 600]);
    assert.deepEqual([inspectorsOf(server.pid), inspectorsOf(worker.pid)], [0, 1]);
  });

  it("[SV3] while no worker is at work completion is 202, and the rest is told by its id", async () => {
    const ada = new MediaPhone(server, (await server.pairUp()).ada);
    worker.kill("SIGSTOP");
    const answer = await ada.offer("chat", "image/jpeg", await picture(80, 60).jpeg().toBuffer());
    assert.deepEqual([answer.status, answer.body.media.status], [202, "checking"]);
    worker.kill("SIGCONT");
    const { id } = answer.body.media;
    for (let status = "checking"; status === "checking"; ) {
      const { body } = await ada.call("POST", `/media/${id}/complete`);
      status = body.media.status;
      assert.ok(["checking", "ready"].includes(status), status);
    }
  });
});
