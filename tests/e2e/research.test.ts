import assert from "node:assert/strict";
import { allOf } from "../support/assessment-answers.ts";
import { colleague } from "../support/colleague.ts";
import { type PairedUp, TestServer } from "../support/server.ts";

const AGREED = { data_collection: true, data_sharing: true };

describe("research, on a real server", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  before(async () => {
    server = await TestServer.create();
    await server.start();
    twins = await server.pairUp();
  });
  after(() => server.remove());

  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    server.call(method, `/api/v1${path}`, twins.ada.accessToken, body, headers);

  const event = (change: object = {}) => ({
    ...{ eventId: crypto.randomUUID(), eventType: "app_usage", timestamp: new Date().toISOString() },
    ...{ data: { screen: "chat", seconds: 12 }, ...change },
  });

  const contributions = async () => (await call("GET", "/research/contributions")).body.contributions;

  /** A worker is at it. */
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise(setImmediate);
  }

  it("[RH1] [RH2] [RK1] [RN1] [RK8] from the list of studies to a receipt, over HTTP", async () => {
    const { body: found } = await call("GET", "/research/studies?q=closeness");
    assert.deepEqual(
      found.studies.map((study: { title: string }) => study.title),
      ["Closeness and independence of twins"],
    );
    const [{ id }] = found.studies;
    const german = await call("GET", `/research/studies/${id}`, undefined, { "accept-language": "de" });
    assert.match(german.body.study.consent.text, /Ich bin mindestens 18/);
    const consent = { consentItems: AGREED, consentVersion: found.studies[0].consentVersion };
    await call("PATCH", "/users/profile", { birthDate: "2012-01-01" });
    const minor = await call("POST", `/research/studies/${id}/consent`, consent);
    assert.deepEqual([minor.status, minor.body.error.code], [403, "FORBIDDEN"]);
    await call("PATCH", "/users/profile", { birthDate: "1990-08-23" });
    const without = await call("POST", `/research/studies/${id}/consent`, {
      ...consent,
      consentItems: { data_collection: true },
    });
    assert.deepEqual([without.status, without.body.error.details[0].path], [400, "consentItems.data_sharing"]);
    const given = await call("POST", `/research/studies/${id}/consent`, consent);
    assert.equal(given.status, 201, JSON.stringify(given.body));
    assert.match(given.body.consentRecord.documentHash, /^[0-9a-f]{64}$/);
    const { body: begun } = await call("POST", "/assessments");
    const answers = { responses: allOf(4), isComplete: true };
    assert.equal((await call("POST", `/assessments/${begun.session.id}/responses`, answers)).status, 200);
    await until(async () => (await contributions()).length > 0);
    assert.deepEqual(
      (await contributions()).map(({ kind, studyId }: { kind: string; studyId: string }) => [kind, studyId]),
      [["assessment", id]],
    );
    const left = await call("DELETE", `/research/studies/${id}/consent`, { disposition: "delete" });
    assert.equal(left.status, 200, JSON.stringify(left.body));
    const own = async () => (await call("GET", "/research/participation")).body;
    await until(async () => (await own()).participation[0].withdrawal.finishedAt !== null);
    const { participation, dataUse } = await own();
    assert.deepEqual([participation[0].status, participation[0].withdrawal.receipt.erased], ["withdrawn", 1]);
    assert.ok(dataUse.length > 3);
    assert.deepEqual(await contributions(), []);
  });

  it("[RN3] [RN4] [RN5] telemetry is taken from who agreed to it: alone, in batches up to 1 MiB, once", async () => {
    assert.equal((await call("POST", "/research/telemetry", event())).status, 403);
    const { body: found } = await call("GET", "/research/studies?q=rhythms");
    const path = `/research/studies/${found.studies[0].id}/consent`;
    assert.equal((await call("POST", path, { consentItems: AGREED, consentVersion: "1" })).status, 201);
    const single = await call("POST", "/research/telemetry", event());
    assert.deepEqual([single.status, single.body.accepted], [202, 1]);
    const batch = { batchId: "one", events: Array.from({ length: 1000 }, () => event({ sessionId: "s".repeat(64) })) };
    assert.ok(JSON.stringify(batch).length > 64 * 1024);
    assert.equal((await call("POST", "/research/telemetry", batch)).body.accepted, 1000);
    assert.deepEqual((await call("POST", "/research/telemetry", batch)).body.duplicates, 1000);
    const more = await call("POST", "/research/telemetry", { events: [...batch.events, event()] });
    assert.deepEqual([more.status, more.body.error.code], [400, "VALIDATION_ERROR"]);
    const words = await call("POST", "/research/telemetry", event({ data: { text: "hello" } }));
    assert.deepEqual([words.status, words.body.error.details[0].path], [400, "events.0.data"]);
    const large = await call("POST", "/research/telemetry", { events: [event({ eventId: "x".repeat(1024 * 1024) })] });
    assert.equal(large.status, 413);
    assert.equal((await call("POST", "/messages", { text: "x".repeat(70_000) })).status, 413);
  });

  it("[RL7] [RL9] [RL10] eleven pairs, a researcher who asks and an owner who says yes, over HTTP", async () => {
    const { body: found } = await call("GET", "/research/studies?q=closeness");
    const [{ id }] = found.studies;
    const as = (token: string, method: string, path: string, body?: unknown) =>
      server.call(method, `/api/v1${path}`, token, body);
    const give = async () => {
      const { accessToken } = await server.signUp("Dana");
      await as(accessToken, "PATCH", "/users/profile", { birthDate: "1990-08-23" });
      const consent = { consentItems: AGREED, consentVersion: "1" };
      assert.equal((await as(accessToken, "POST", `/research/studies/${id}/consent`, consent)).status, 201);
      const { body } = await as(accessToken, "POST", "/assessments");
      const answers = { responses: allOf(5), isComplete: true };
      await as(accessToken, "POST", `/assessments/${body.session.id}/responses`, answers);
      const given = async () => (await as(accessToken, "GET", "/research/contributions")).body.contributions.length > 0;
      await until(given);
      return accessToken;
    };
    for (let pair = 0; pair < 10; pair++) await give();
    const [researcher, owner] = [await colleague(server, "researcher", id), await colleague(server, "study_owner", id)];
    const stranger = await colleague(server, "study_owner", crypto.randomUUID());
    const ask = () => as(researcher, "POST", "/staff/releases", { studyId: id });
    assert.equal((await ask()).body.error.code, "CONFLICT");
    const last = await give();
    const { status, body } = await ask();
    assert.deepEqual([status, body.release?.status], [201, "asked"], JSON.stringify(body));
    const approve = (token: string) => as(token, "POST", `/staff/releases/${body.release.id}/approve`);
    const read = (token: string, format = "csv") =>
      fetch(`${server.url}/api/v1/research/export/${id}?format=${format}`, {
        headers: { authorization: `Bearer ${token}` },
      });
    assert.equal((await read(researcher)).status, 404);
    assert.deepEqual([(await approve(stranger)).status, (await approve(researcher)).status], [404, 403]);
    assert.equal((await approve(owner)).body.release.status, "approved");
    assert.deepEqual([(await read(stranger)).status, (await read(last)).status], [404, 401]);
    const csv = await read(researcher);
    assert.match(csv.headers.get("content-type") ?? "", /^text\/csv/);
    assert.match(csv.headers.get("content-disposition") ?? "", /release-1-counts\.csv/);
    assert.match(await csv.text(), /\r\n1,all,all,11,CI,high,\r\n/);
    const parquet = new Uint8Array(await (await read(owner, "parquet")).arrayBuffer());
    assert.equal(Buffer.from(parquet.subarray(0, 4)).toString(), "PAR1");
    const { body: own } = await as(owner, "GET", "/staff/studies");
    assert.deepEqual([own.studies[0].id, own.studies[0].releases[0].cohorts[0].identifiability.pairs], [id, 11]);
    // They joined today, and that is told tomorrow.
    const company = { asOf: new Date().toISOString().slice(0, 10), participants: null, consents: null };
    assert.deepEqual(own.studies[0].company, company);
    assert.deepEqual((await as(stranger, "GET", "/staff/studies")).body.studies, []);
    await as(last, "DELETE", `/research/studies/${id}/consent`, { disposition: "delete" });
    assert.equal((await read(researcher)).status, 404);
  });
});
