import assert from "node:assert/strict";
import { LIMITS } from "../../domain/limits.ts";
import { Refusal } from "../../domain/refusal.ts";
import { NotDone } from "../../rooms/durable/journal.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { askedSeldom } from "../../server/metrics/asked-seldom.ts";
import { GAUGES } from "../../server/metrics/gauges.ts";
import { TABLES } from "../../server/metrics/tables.ts";
import { createMetrics, type Metrics } from "../../server/metrics.ts";
import { type Figures, figuresOf } from "../support/figures.ts";
import { stopwatch } from "../support/stopwatch.ts";

describe("the metrics", () => {
  let metrics: Metrics;
  const read = async (): Promise<Figures> => figuresOf((await metrics.figures()).text);
  beforeEach(() => {
    metrics = createMetrics({ version: "1.2.3" });
  });
  afterEach(() => metrics.stop());

  it("[MT1] are called twinship, with what they count in the name, or as every Node process calls them", async () => {
    for (const name of metrics.names()) assert.match(name, /^(?:twinship|process|nodejs)_[a-z0-9_]+$/);
    const { types } = await read();
    const UNITS =
      /_(?:seconds|bytes|months|total|appends|rows|sockets|connections|waiting|neighbours|up|ready|info|unreachable|rooms|jobs|deliveries|subscriptions|changes|reports)$/;
    for (const [name, type] of types) {
      if (name.startsWith("twinship_")) assert.match(name, UNITS);
      if (name.startsWith("twinship_")) assert.equal(name.endsWith("_total"), type === "counter", name);
    }
    assert.equal((await read()).value("twinship_info", { version: "1.2.3" }), 1);
  });

  it("[MT1] two of them in one process know nothing of each other", async () => {
    const other = createMetrics({ version: "0" });
    other.claimed({ isTakeOver: false });
    assert.equal((await read()).value("twinship_claims_total"), 0);
    other.stop();
  });

  it("[MT2] a label that gets values without end has two hundred, and the rest are one", async () => {
    for (let n = 0; n < 500; n++) metrics.job(`job ${n}`, "ok", 0.1);
    const jobs = (await read()).all("twinship_jobs_total");
    assert.equal(jobs.length, 201);
    assert.equal((await read()).value("twinship_jobs_total", { name: "other", outcome: "ok" }), 300);
    assert.equal((await read()).value("twinship_jobs_total", { name: "job 0", outcome: "ok" }), 1);
  });

  it("[MT3] a command is counted by its name and by what became of it; whoever got an answer, by how long it took", async () => {
    assert.equal(await metrics.measured("chat.send", async () => "sent"), "sent");
    const failures: [Error, string][] = [
      [new Refusal("RATE_LIMIT_EXCEEDED", "too often"), "RATE_LIMIT_EXCEEDED"],
      [new NotDone("unavailable"), "UNAVAILABLE"],
      [new NotDone("reused"), "ID_REUSED"],
      [new TypeError("a bug"), "INTERNAL_SERVER_ERROR"],
    ];
    for (const [error] of failures)
      await assert.rejects(
        metrics.measured("chat.edit", () => Promise.reject(error)),
        error,
      );
    metrics.command("chat.send", "ok", 0.003);
    const figures = await read();
    for (const [, outcome] of failures)
      assert.equal(figures.value("twinship_commands_total", { name: "chat.edit", outcome }), 1);
    assert.equal(figures.value("twinship_commands_total", { name: "chat.send", outcome: "ok" }), 2);
    assert.equal(figures.value("twinship_acknowledgement_seconds_count", { name: "chat.send" }), 2);
    assert.equal(figures.value("twinship_acknowledgement_seconds_count", { name: "chat.edit" }), undefined);
  });

  it("[MT3] what takes a millisecond and what takes five seconds fall into different buckets", async () => {
    for (const seconds of [0.0009, 0.003, 0.9, 4.9, 7]) metrics.command("chat.send", "ok", seconds);
    const figures = await read();
    const within = (le: string) => figures.value("twinship_acknowledgement_seconds_bucket", { name: "chat.send", le });
    assert.deepEqual([within("0.001"), within("0.004"), within("1"), within("5"), within("+Inf")], [1, 2, 3, 4, 5]);
  });

  it("[MT4] a write is counted by its size, and what was in it by whether it was written, skipped, unsure or poisoned", async () => {
    metrics.batch({ appends: 30, rows: 90, left: 2, outcome: "written" });
    metrics.batch({ appends: 5, rows: 5, left: 0, outcome: "unsure" });
    metrics.batch({ appends: 1, rows: 1, left: 0, outcome: "poisoned" });
    const figures = await read();
    const of = (outcome: string) => figures.value("twinship_appends_total", { outcome });
    assert.deepEqual([of("written"), of("skipped"), of("unsure"), of("poisoned")], [28, 2, 5, 1]);
    assert.equal(figures.value("twinship_batch_appends_sum"), 36);
    assert.equal(figures.value("twinship_batch_rows_sum"), 96);
    assert.equal(figures.value("twinship_batch_rows_bucket", { le: "64" }), 2);
  });

  it("[MT5] claims, those of them that were take-overs, rooms that stepped down and sockets passed on are counted", async () => {
    metrics.claimed({ isTakeOver: false });
    metrics.claimed({ isTakeOver: true });
    metrics.steppedDown();
    const over = metrics.forwarded();
    metrics.forwarded();
    over();
    over();
    const figures = await read();
    const counted = ["claims_total", "take_overs_total", "step_downs_total", "forwards_total", "forwarded_sockets"];
    assert.deepEqual(
      counted.map((name) => figures.value(`twinship_${name}`)),
      [2, 1, 1, 2, 1],
    );
  });

  it("[MT6] a gauge is read when somebody asks; one that cannot be read in time is left out, and the rest is told", async () => {
    let rooms = 3;
    metrics.gauge("twinship_rooms", () => rooms);
    metrics.gauge("twinship_waiting_rooms", async () => 2);
    metrics.gauge("twinship_ready", () => Promise.reject(new Error("nobody knows")));
    metrics.gauge("twinship_clock_offset_seconds", () => Number.NaN);
    assert.equal((await read()).value("twinship_rooms"), 3);
    rooms = 4;
    metrics.gauge("twinship_neighbours", () => new Promise(() => undefined));
    const took = stopwatch();
    const figures = await read();
    assert.ok(took() < 3000);
    assert.equal(figures.value("twinship_rooms"), 4);
    assert.equal(figures.value("twinship_waiting_rooms"), 2);
    for (const name of ["neighbours", "ready", "clock_offset_seconds", "redis_up"])
      assert.equal(figures.value(`twinship_${name}`), undefined, name);
    for (const name of Object.keys(GAUGES)) assert.ok(figures.types.has(name), name);
  });

  it("[MT6] what is more than one number is shown as it is now, and not at all while nobody knows it", async () => {
    const labels = { channel: "email", status: "sent" };
    let counts = [{ labels, value: 3 }];
    metrics.table("twinship_deliveries", async () => counts);
    metrics.table("twinship_queue_jobs", () => Promise.reject(new Error("nobody knows")));
    assert.equal((await read()).value("twinship_deliveries", labels), 3);
    counts = [{ labels: { channel: "sms", status: "failed" }, value: 1 }];
    const figures = await read();
    assert.equal(figures.value("twinship_deliveries", labels), undefined);
    assert.equal(figures.value("twinship_deliveries", { channel: "sms", status: "failed" }), 1);
    assert.deepEqual(figures.all("twinship_queue_jobs"), []);
    for (const name of Object.keys(TABLES)) assert.ok(figures.types.has(name), name);
  });

  it("[MT6] sockets are counted, and what waits for them: together, and for the one that reads the least", async () => {
    metrics.sockets(() => [0, 1000, 200_000].values());
    const figures = await read();
    const names = ["connections", "waiting_bytes", "waiting_max_bytes"];
    assert.deepEqual(
      names.map((name) => figures.value(`twinship_${name}`)),
      [3, 201_000, 200_000],
    );
  });

  it("[MT6] connections to the database are counted by pool: busy, idle, and who waits for one", async () => {
    metrics.pool("rooms", { totalCount: 9, idleCount: 2, waitingCount: 4 });
    const figures = await read();
    assert.equal(figures.value("twinship_database_connections", { pool: "rooms", state: "busy" }), 7);
    assert.equal(figures.value("twinship_database_connections", { pool: "rooms", state: "idle" }), 2);
    assert.equal(figures.value("twinship_database_waiting", { pool: "rooms" }), 4);
  });

  it("[MT7] an event loop that was held up is seen, by everybody who asks, and one that was not is not", async () => {
    const lag = async (quantile: string) => (await read()).value("twinship_event_loop_lag_seconds", { quantile }) ?? -1;
    await turns(30);
    assert.ok((await lag("0.5")) < 0.1);
    const until = performance.now() + 300;
    while (performance.now() < until);
    await turns(2);
    for (const _asked of [1, 2]) assert.ok((await lag("1")) > 0.2, String(await lag("1")));
  });

  it("[MT8] what is refused since it came too often is counted by its limit, who looks and finds nothing left included, and refused all the same", async () => {
    const limits = metrics.limits(memoryLimits({ ...LIMITS, messages: { points: 1, withinMs: 60_000 } }));
    assert.equal((await limits.take("messages", "ada")).remaining, 0);
    for (const _again of [1, 2]) await assert.rejects(limits.take("messages", "ada"), { code: "RATE_LIMIT_EXCEEDED" });
    assert.equal((await limits.look("messages", "ada")).remaining, 0);
    await limits.clear("messages", "ada");
    assert.equal((await limits.take("messages", "ada")).remaining, 0);
    await assert.rejects(limits.take("no such limit", "ada"), /There is no limit/);
    const figures = await read();
    assert.equal(figures.value("twinship_rate_limit_refusals_total", { limit: "messages" }), 3);
    assert.equal(figures.value("twinship_rate_limit_refusals_total", { limit: "login.ip" }), 0);
  });

  it("[MT6] what changes rarely is asked once a minute; what had no answer, again at once", async () => {
    const answers = [() => Promise.reject(new Error("away")), async () => undefined, async () => 5, async () => 6];
    const ask = askedSeldom(async () => answers.shift()?.());
    assert.deepEqual([await ask(), await ask()], [undefined, undefined]);
    assert.deepEqual([await ask(), await ask()], [5, 5]);
  });
});

/** A timer or two may pass. */
const turns = (count: number) => new Promise((done) => setTimeout(done, count * 10));
