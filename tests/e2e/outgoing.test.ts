import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Double, type Said, sendgridDouble } from "../support/doubles.ts";
import { eventually } from "../support/embedded.ts";
import { figuresOf } from "../support/figures.ts";
import { emptyDatabase } from "../support/postgres.ts";
import { TestServer } from "../support/server.ts";

const KEY = "SG.for-these-tests-only";
const WORKER = join(import.meta.dirname, "../../server/worker.ts");

const envFor = (provider: Double) => ({
  SENDGRID_API_KEY: KEY,
  SENDGRID_API_URL: provider.url,
  MAIL_FROM: "Twinship <hello@example.org>",
});

/** To whom each mail went that the provider was asked to take, in this order. */
const recipients = (provider: Double): string[] =>
  provider.got.map(({ body }) => JSON.parse(body).personalizations[0].to[0].email);

describe("mail on its way out of a whole server", function () {
  this.timeout(60_000);
  let provider: Double;
  let server: TestServer;
  before(async () => {
    provider = await sendgridDouble(KEY);
    server = await TestServer.create(envFor(provider));
    await server.start();
  });
  after(async () => {
    await server.end("SIGKILL");
    await server.remove();
    await provider.close();
  });
  beforeEach(() => {
    provider.got.length = 0;
  });

  it("[DV1] [DV3] leaves without being waited for, is tried again after a failure, and is counted", async () => {
    const failed = Promise.withResolvers<Said>();
    provider.script.push(failed.promise);
    const { email } = await server.signUp("Ada");
    await eventually(() => provider.got.length === 1);
    failed.resolve({ status: 500 });
    await eventually(() => provider.got.length === 2, 15_000);
    assert.deepEqual(recipients(provider), [email, email]);
    const [one, other] = provider.got.map(({ body }) => JSON.parse(body).custom_args.deliveryId);
    assert.match(one, /^[0-9a-f-]{36}$/);
    assert.equal(one, other, "it is the same one, by its own id");
    const figures = figuresOf(await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text());
    assert.equal(figures.value("twinship_provider_up", { channel: "email" }), 1);
    assert.ok(figures.value("twinship_deliveries", { channel: "email" }) !== undefined);
    assert.ok(figures.value("twinship_queue_jobs", { kind: "dead-letters", state: "waiting" }) !== undefined);
  });

  it("[QU6] a server that is told to go ends what it was sending first, and nobody gets it twice", async () => {
    const slow = Promise.withResolvers<Said>();
    provider.script.push(slow.promise);
    const { email } = await server.signUp("Bea");
    await eventually(() => provider.got.length === 1);
    const ended = server.end("SIGTERM");
    await eventually(async () => !(await server.isReady()));
    slow.resolve({ status: 202, headers: { "x-message-id": "slow" } });
    assert.equal(await ended, 0);
    await server.start();
    const { email: next } = await server.signUp("Cleo");
    await eventually(() => provider.got.length === 2);
    assert.deepEqual(recipients(provider), [email, next]);
  });

  it("[QU2] what a server without a worker of its own is asked for, a worker sends", async () => {
    const { url, drop } = await emptyDatabase();
    const env = {
      ...envFor(provider),
      DATABASE_URL: url,
      WORKER: "separate",
      APP_SECRET: "for these tests only and as long as it must be",
    };
    const web = await TestServer.create(env);
    await web.start();
    const { PATH } = process.env;
    const worker = spawn(process.execPath, [WORKER], {
      env: { PATH, DATA_DIR: web.dataDir, LOG_LEVEL: "warn", ...env },
      stdio: "ignore",
    });
    const ended = once(worker, "exit");
    const { email } = await web.signUp("Dora");
    await eventually(() => provider.got.length === 1, 20_000);
    assert.deepEqual(recipients(provider), [email]);
    worker.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
    await web.end("SIGTERM");
    await web.remove();
    await drop();
  });
});
