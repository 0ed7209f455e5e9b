import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { eventually } from "../support/embedded.ts";
import { Phone } from "../support/phone.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import { TestServer } from "../support/server.ts";
import { stopwatch } from "../support/stopwatch.ts";

const Line = z.looseObject({ level: z.string(), message: z.string(), attempts: z.number().optional() });

const BEGINS = "PostgreSQL does not answer: what needs it is tried again";
const ENDS = "PostgreSQL answers again";

/** It is away for so long, and what is kept trying by itself tries twice a second. */
const AWAY_MS = 4000;
const TRIED = 6;

describe("the log while PostgreSQL is away", function () {
  this.timeout(60_000);
  let postgres: ServedPostgres;
  let server: TestServer;
  before(async () => {
    postgres = await ServedPostgres.start();
    server = await TestServer.create({ DATABASE_URL: postgres.url, LOG_LEVEL: "info" });
    await server.start();
  });
  after(async () => {
    await server?.remove();
    await postgres?.remove();
  });

  const lines = () =>
    readFileSync(join(server.dataDir, "test.log"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => Line.parse(JSON.parse(line)));

  it("[LO3] an outage that is met at each attempt is a line when it begins and one with the count when it is over, and no error", async () => {
    const twins = await server.pairUp();
    const [ada, bea] = [await Phone.join(server, twins.ada), await Phone.join(server, twins.bea)];
    const { seq } = await ada.say("hello");
    await bea.hears("chat.message");
    const before = lines().length;
    await postgres.stop("immediate");
    // Its mark is tried again twice a second, as long as it takes.
    await bea.ask("chat.read", { upTo: seq });
    const refusals: string[] = [];
    for (const went = stopwatch(); went() < AWAY_MS; )
      refusals.push(await ada.refusal("chat.send", { key: "again and again", text: "?" }));
    assert.deepEqual(new Set(refusals), new Set(["UNAVAILABLE"]));
    await postgres.start();
    await eventually(() => lines().some(({ message }) => message === ENDS), 20_000);
    const said = lines().slice(before);
    const of = (message: string) => said.filter((line) => line.message === message);
    assert.deepEqual(
      said.filter(({ level }) => level === "error"),
      [],
    );
    assert.ok(of(BEGINS).length >= 1 && of(BEGINS).length <= 3, JSON.stringify(of(BEGINS)));
    assert.equal(of(ENDS).length, 1);
    assert.ok(Number(of(ENDS)[0]?.attempts) >= TRIED);
    assert.ok(said.length <= 12, JSON.stringify(said.map(({ message }) => message)));
    await Promise.all([ada.leave(), bea.leave()]);
  });
});
