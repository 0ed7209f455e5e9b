import assert from "node:assert/strict";
import { UniqueConstraintViolationException, ValidationError } from "@mikro-orm/core";
import pg from "pg";
import { createLogger } from "../../server/logger.ts";
import { Sink } from "../support/sink.ts";

const WORDS = "what somebody wrote";

describe("the log", () => {
  it("[LO1] is a line of JSON a sentence, with level, time and message in words", () => {
    const sink = new Sink();
    createLogger("info", sink).warn({ pairId: "p1", version: 3 }, "journal conflict");
    const { time, ...line } = JSON.parse(sink.text);
    assert.deepEqual(line, { level: "warn", pairId: "p1", version: 3, message: "journal conflict" });
    assert.ok(!Number.isNaN(Date.parse(time)));
    assert.equal(sink.text.split("\n").length, 2);
  });

  it("[LO1] is a line for people on a terminal", () => {
    const sink = new Sink(true);
    const log = createLogger("info", sink);
    log.info({ port: 3000 }, "ready");
    log.error({ err: new TypeError("no such thing", { cause: new Error("deeper") }) }, "it failed");
    assert.match(sink.text, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}ready port=3000\n/);
    assert.match(sink.text, /ERROR it failed\n {2}TypeError no such thing\n {4}at .*\n/);
    assert.match(sink.text, /\n {2}Error deeper\n/);
  });

  it("[LO2] shows of an error its name, code, message, stack and causes, and nothing else", () => {
    const sink = new Sink();
    const cause = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED", address: WORDS });
    createLogger("info", sink).error({ err: Object.assign(new Error("no way", { cause }), { body: WORDS }) }, "failed");
    const { err } = JSON.parse(sink.text);
    assert.deepEqual(Object.keys(err), ["name", "message", "stack", "cause"]);
    assert.deepEqual(
      [err.message, err.cause.code, err.cause.message],
      ["no way", "ECONNREFUSED", "connection refused"],
    );
    assert.doesNotMatch(sink.text, new RegExp(WORDS));
  });

  const database = Object.assign(new pg.DatabaseError(`duplicate key value: ${WORDS}`, 1, "error"), {
    code: "23505",
    constraint: "users_email",
    detail: `Key (email)=(${WORDS}) already exists.`,
  });
  for (const [what, error] of [
    ["the database", database],
    ["MikroORM", new UniqueConstraintViolationException(database)],
    ["MikroORM's checks", new ValidationError(`Value for User.name is required, entity: { name: '${WORDS}' }`)],
    ["a parser", jsonError()],
    ["anything, caused by the database", new Error("could not save", { cause: database })],
  ] as const) {
    it(`[LO2] repeats no word of what was written when an error of ${what} is logged, in whatever way`, () => {
      for (const isTTY of [false, true]) {
        const sink = new Sink(isTTY);
        const log = createLogger("info", sink);
        log.error({ err: error }, "it failed");
        log.error(error);
        log.error(error, "it failed");
        assert.doesNotMatch(sink.text, /somebody wrote|what some/);
        assert.equal(sink.text.match(/it failed/g)?.length, 2);
      }
    });
  }

  it("[LO2] names the code and the constraint of a database's error, by which it can be found", () => {
    const sink = new Sink();
    createLogger("info", sink).error({ err: database }, "it failed");
    const { err } = JSON.parse(sink.text);
    assert.deepEqual([err.code, err.constraint, err.message], ["23505", "users_email", undefined]);
    assert.ok(err.stack.length > 0);
  });

  it("[CF6] leaves out what must never be logged, if somebody tries", () => {
    const sink = new Sink();
    createLogger("info", sink).info(
      { password: WORDS, body: { refreshToken: WORDS, text: WORDS }, headers: { authorization: WORDS } },
      "hello",
    );
    assert.doesNotMatch(sink.text, new RegExp(WORDS));
  });

  it("[LO1] says no more than LOG_LEVEL asks for", () => {
    const sink = new Sink();
    const log = createLogger("error", sink);
    log.warn("no");
    log.error("yes");
    assert.equal(JSON.parse(sink.text).message, "yes");
  });
});

function jsonError(): Error {
  try {
    JSON.parse(`${WORDS}`);
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("that is no JSON");
}
