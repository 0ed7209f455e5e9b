import assert from "node:assert/strict";
import { mock } from "node:test";
import { Refusal } from "../../domain/refusal.ts";
import { ServiceAway } from "../../server/adapters/away.ts";
import { brokenConnections } from "../../server/adapters/database/broken.ts";
import { orUnavailable } from "../../server/adapters/database/unavailable.ts";
import { Outages } from "../../server/outages.ts";

const refused = () => Object.assign(new Error("connect"), { code: "ECONNREFUSED" });

describe("what is said while a service is away", () => {
  let now = 0;
  let isThere = false;
  let said: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  let outages: Outages;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    [now, isThere, said] = [0, false, []];
    const at =
      (level: string) =>
      (fields: object, message: string): void =>
        void said.push({ level, message, fields: { ...fields } });
    const probe = async () => {
      if (!isThere) throw refused();
    };
    outages = new Outages({
      log: { error: at("error"), warn: at("warn"), info: at("info") },
      probes: { PostgreSQL: probe, "the store of pictures and recordings": probe },
      monotonic: () => now,
    });
  });
  afterEach(() => {
    outages.stop();
    mock.timers.reset();
  });

  /** Half a second after the other, something is tried meanwhile. */
  async function pass(ms: number, tried: () => void = () => undefined): Promise<void> {
    for (const until = now + ms; now < until; ) {
      now += 500;
      tried();
      mock.timers.tick(500);
      await new Promise((done) => void setImmediate(done));
    }
  }
  const miss = () => outages.report(orUnavailable(refused()));
  const lines = () => said.map(({ level, message }) => `${level}: ${message}`);

  it("[LO3] a database that is away for a minute and met twice a second is one warning, one each half minute, and one line with the count when it is back", async () => {
    await pass(61_000, miss);
    assert.deepEqual(lines(), [
      "warn: PostgreSQL does not answer: what needs it is tried again",
      "warn: PostgreSQL still does not answer",
      "warn: PostgreSQL still does not answer",
    ]);
    isThere = true;
    await pass(10_000);
    const { message, fields } = said.at(-1) ?? assert.fail();
    assert.equal(message, "PostgreSQL answers again");
    assert.deepEqual(fields, { attempts: 122, seconds: 61 });
    await pass(120_000);
    assert.equal(said.length, 4);
  });

  it("[LO3] nobody tries, and it is still away: it is not said to be back before it answers", async () => {
    miss();
    await pass(20_000);
    assert.equal(said.length, 1);
    isThere = true;
    await pass(2000);
    assert.deepEqual(lines().slice(1), ["info: PostgreSQL answers again"]);
  });

  it("[LO3] it answers and fails by turns, as with a full disk: that is one outage", async () => {
    isThere = true;
    let n = 0;
    const sometimes = () => {
      if (n++ % 6 === 0) outages.report(orUnavailable(Object.assign(new Error("no space"), { code: "53100" })));
    };
    await pass(25_000, sometimes);
    assert.equal(said.length, 1);
  });

  it("[LO3] another kind of failure in the same outage is said as well, with what it was about, and once", async () => {
    await pass(3000, () => {
      miss();
      outages.report(orUnavailable(Object.assign(new Error("no"), { code: "53300" })), { job: "pushes" });
    });
    assert.deepEqual(
      said.map(({ fields }) => fields["job"]),
      [undefined, "pushes"],
    );
    assert.ok(said.every(({ fields }) => fields["err"] instanceof ServiceAway));
  });

  it("[LO3] two services are two outages, and the next outage is said anew", async () => {
    miss();
    outages.report(new ServiceAway("the store of pictures and recordings", "away"));
    isThere = true;
    await pass(7000);
    miss();
    assert.deepEqual(lines(), [
      "warn: PostgreSQL does not answer: what needs it is tried again",
      "warn: the store of pictures and recordings does not answer: what needs it is tried again",
      "info: PostgreSQL answers again",
      "info: the store of pictures and recordings answers again",
      "warn: PostgreSQL does not answer: what needs it is tried again",
    ]);
  });

  it("[LO3] what is no outage is an error each time, in the words of who met it; a job that is refused for now is put off", () => {
    const mistake = new Error("a mistake");
    outages.report(mistake, { requestId: "1" });
    outages.putOff(mistake, { job: "export" }, "a job failed; it is tried again");
    outages.putOff(new Refusal("UNAVAILABLE", "There is no room left here"), { job: "export" });
    outages.putOff(orUnavailable(refused()), { job: "export" });
    assert.deepEqual(lines(), [
      "error: something went wrong",
      "error: a job failed; it is tried again",
      "warn: a job is put off",
      "warn: PostgreSQL does not answer: what needs it is tried again",
    ]);
    assert.deepEqual(said[0]?.fields, { err: mistake, requestId: "1" });
  });

  it("[LO3] twelve connections that break together are one line, with the first one's reason; a later one is another", () => {
    const broke: object[] = [];
    const broken = brokenConnections({ warn: (fields) => void broke.push(fields) });
    const reasons = Array.from({ length: 12 }, (_, n) => new Error(`reason ${n}`));
    for (const reason of reasons) broken.heard(reason);
    mock.timers.tick(250);
    assert.deepEqual(broke, [{ err: reasons[0], connections: 12 }]);
    broken.heard(reasons[5]);
    broken.end();
    assert.deepEqual(broke[1], { err: reasons[5], connections: 1 });
    mock.timers.tick(250);
    assert.equal(broke.length, 2);
  });

  it("[LO3] a refusal keeps its own words, whatever was asked of the database meanwhile", () => {
    const ours = new Refusal("UNAVAILABLE", "Many reports are being drawn: try again soon");
    assert.equal(orUnavailable(ours), ours);
  });
});
