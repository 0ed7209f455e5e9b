import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Refusal } from "../../domain/refusal.ts";
import { isUnavailable, orUnavailable } from "../../server/adapters/database/unavailable.ts";

/** Where pg finds out by itself that nobody answers. */
const SAID_BY_PG: readonly [file: string, words: string][] = [
  ["pg/lib/client.js", "timeout expired"],
  ["pg/lib/client.js", "Connection terminated unexpectedly"],
  ["pg/lib/client.js", "Query read timeout"],
  ["pg/lib/client.js", "Client has encountered a connection error and is not queryable"],
  ["pg/lib/client.js", "Client was closed and is not queryable"],
  ["pg-pool/index.js", "Cannot use a pool after calling end on the pool"],
  ["pg-pool/index.js", "timeout exceeded when trying to connect"],
  ["pg-pool/index.js", "Connection terminated due to connection timeout"],
];

describe("a database that does not answer", () => {
  for (const [file, words] of SAID_BY_PG)
    it(`[DB5] is known by "${words}", in whatever pg says it`, () => {
      const source = readFileSync(new URL(`../../node_modules/${file}`, import.meta.url), "utf8");
      assert.ok(source.includes(`'${words}'`), "pg still says so");
      const told = orUnavailable(new Error(words));
      assert.ok(told instanceof Refusal && told.code === "UNAVAILABLE" && Number(told.retryAfterMs) > 0);
    });

  it("[DB5] is not taken for one that answered with a refusal of its own, or for a bug of ours", () => {
    const answered = Object.assign(new Error("duplicate key value"), { code: "23505" });
    for (const error of [answered, new Error("Release called on client"), new TypeError("x is undefined"), "timeout"])
      assert.equal(isUnavailable(error), false, String(error));
  });
});
