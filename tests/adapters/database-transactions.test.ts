import assert from "node:assert/strict";
import type { EntityManager } from "@mikro-orm/core";
import pg from "pg";
import { Refusal } from "../../domain/refusal.ts";
import { type TemporaryDatabase, temporaryDatabase } from "../support/postgres.ts";

/** The first value of the first row, asked inside the entity manager's transaction if it is in one. */
async function ask(em: EntityManager, sql: string): Promise<unknown> {
  const rows: Record<string, unknown>[] = await em.getConnection().execute(sql, [], "all", em.getTransactionContext());
  return Object.values(rows[0] ?? {})[0];
}

describe("the database as the domain sees it", () => {
  let opened: TemporaryDatabase;
  before(async () => {
    opened = await temporaryDatabase(4);
    await opened.pool.query("create table notes (note text primary key)");
  });
  beforeEach(() => opened.pool.query("truncate notes"));
  after(() => opened.close());

  const note = (em: EntityManager, text: string) => ask(em, `insert into notes values ('${text}')`);
  const notes = async () =>
    (await opened.pool.query("select note from notes order by note")).rows.map(({ note }) => note);

  it("[DB2] keeps all of a transaction, or nothing", async () => {
    await opened.database.transaction(async (em) => {
      await note(em, "a");
      await note(em, "b");
    });
    const half = opened.database.transaction(async (em) => {
      await note(em, "c");
      throw new Refusal("GONE", "no");
    });
    await assert.rejects(half, { code: "GONE" });
    assert.deepEqual(await notes(), ["a", "b"]);
  });

  it("[DB2] lets a transaction inside another join it", async () => {
    const outer = opened.database.transaction(async (em) => {
      await note(em, "outer");
      await opened.database.transaction((inner) => note(inner, "inner"));
      assert.equal(await opened.database.read((reading) => ask(reading, "select count(*)::int from notes")), 2);
      assert.deepEqual(await notes(), [], "nobody else sees it yet");
      throw new Refusal("CONFLICT", "no");
    });
    await assert.rejects(outer, { code: "CONFLICT" });
    assert.deepEqual(await notes(), []);
  });

  it("[DB2] keeps nothing if a part failed, whoever caught that", async () => {
    const outer = opened.database.transaction(async (em) => {
      await note(em, "outer");
      const part = opened.database.transaction(async (inner) => {
        await note(inner, "half of something");
        throw new Refusal("NOT_PAIRED", "no");
      });
      await part.catch(() => undefined);
    });
    await assert.rejects(outer, { code: "NOT_PAIRED" });
    assert.deepEqual(await notes(), []);
  });

  it("[DB3] runs what is to follow a commit after the outermost one, in order, and not after a rollback", async () => {
    const followed: string[] = [];
    await opened.database.transaction(async (em, afterCommit) => {
      afterCommit(() => followed.push("first"));
      await opened.database.transaction(async (_inner, after) => after(() => followed.push("second")));
      assert.deepEqual(followed, []);
      await note(em, "kept");
    });
    assert.deepEqual(followed, ["first", "second"]);
    const failing = opened.database.transaction(async (_em, afterCommit) => {
      afterCommit(() => followed.push("never"));
      throw new Error("no");
    });
    await assert.rejects(failing);
    assert.deepEqual(followed, ["first", "second"]);
  });

  it("[DB3] is committed though what followed it fails", async () => {
    const followed: string[] = [];
    const answer = await opened.database.transaction(async (em, afterCommit) => {
      afterCommit(() => {
        throw new Error("nobody there");
      });
      afterCommit(() => followed.push("the next"));
      await note(em, "kept");
      return "done";
    });
    assert.equal(answer, "done");
    assert.deepEqual(followed, ["the next"]);
    assert.deepEqual(await notes(), ["kept"]);
  });

  it("[DB3] gives what follows a commit, or was left running behind it, a transaction of its own", async () => {
    let behind: Promise<unknown> = Promise.resolve();
    let left: Promise<unknown> = Promise.resolve();
    await opened.database.transaction(async (em, afterCommit) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      left = promise.then(() =>
        opened.database.transaction(async (own) => {
          await note(own, "left running");
          throw new Refusal("GONE", "all or nothing, here too");
        }),
      );
      afterCommit(() => {
        behind = opened.database.transaction((own) => note(own, "behind"));
        resolve();
      });
      await note(em, "first");
    });
    await behind;
    await assert.rejects(left, { code: "GONE" });
    assert.deepEqual(await notes(), ["behind", "first"]);
  });

  it("keeps the transactions of different callers apart", async () => {
    const write = (text: string, fails: boolean) =>
      opened.database.transaction(async (em) => {
        await note(em, text);
        await ask(em, "select pg_sleep(0.01)");
        if (fails) throw new Error(text);
      });
    await Promise.allSettled(["a", "b", "c", "d", "e", "f"].map((text, index) => write(text, index % 2 === 1)));
    assert.deepEqual(await notes(), ["a", "c", "e"]);
  });

  it("[P1] commits to disk whatever the role's default is", async () => {
    const name = new URL(opened.url).pathname.slice(1);
    await opened.pool.query(`alter database ${name} set synchronous_commit = off`);
    const other = await temporaryDatabase(4);
    try {
      await opened.pool.query(`alter database ${new URL(other.url).pathname.slice(1)} set synchronous_commit = off`);
      // A backend looks at the defaults when it starts.
      await terminateOthers(other);
      assert.equal(await other.database.read((em) => ask(em, "show synchronous_commit")), "off");
      assert.equal(await other.database.transaction((em) => ask(em, "show synchronous_commit")), "on");
    } finally {
      await other.close();
      await opened.pool.query(`alter database ${name} reset synchronous_commit`);
    }
  });

  it("[DB4] loses no connection for good to those that break inside a transaction", async () => {
    for (let round = 0; round < 12; round++) {
      const broken = opened.database.transaction(async (em) => {
        await note(em, `round ${round}`);
        await opened.pool.query("select pg_terminate_backend($1)", [await ask(em, "select pg_backend_pid()")]);
        await note(em, `again ${round}`);
      });
      await assert.rejects(broken, { code: "UNAVAILABLE" });
    }
    await opened.database.transaction((em) => note(em, "still here"));
    assert.deepEqual(await notes(), ["still here"]);
  });

  it("[DB4] survives a restart of PostgreSQL with idle connections in every pool", async () => {
    await terminateOthers(opened);
    await opened.database.transaction((em) => note(em, "after"));
    assert.equal((await opened.commits.query("select 1 as one")).rows[0].one, 1);
    assert.deepEqual(await notes(), ["after"]);
  });

  it("[DB5] answers UNAVAILABLE for what says nothing about the question, and an error for what does", async () => {
    for (const code of ["40001", "40P01", "53300", "57P01", "55P03", "57014", "08006"]) {
      const raised = `do $$ begin raise exception using errcode = '${code}'; end $$`;
      const error: unknown = await opened.database.transaction((em) => ask(em, raised)).catch((thrown) => thrown);
      assert.ok(error instanceof Refusal, code);
      assert.equal(error.code, "UNAVAILABLE");
      assert.ok((error.retryAfterMs ?? 0) > 0);
    }
    for (const sql of ["select 1/0", "select nothing from nowhere"]) {
      const error: unknown = await opened.database.transaction((em) => ask(em, sql)).catch((thrown) => thrown);
      assert.ok(!(error instanceof Refusal), sql);
    }
  });

  it("[DB5] meets a broken uniqueness by its name, inside the part that broke it", async () => {
    const outer = opened.database.transaction(async (em) => {
      await note(em, "same");
      await assert.rejects(
        opened.database.transaction((inner) => note(inner, "same")),
        { code: "23505", constraint: "notes_pkey" },
      );
    });
    await assert.rejects(outer, { code: "23505" });
  });

  it("[DB6] lets nobody who fell silent hold rows for more than two seconds", async () => {
    const silent = opened.database.transaction(async (em) => {
      await note(em, "held");
      const waiting = new pg.Client(opened.url);
      await waiting.connect();
      await waiting.query("insert into notes values ('held')");
      await waiting.end();
      await note(em, "too late");
    });
    await assert.rejects(silent, { code: "UNAVAILABLE" });
    assert.deepEqual(await notes(), ["held"], "the one who waited got it");
  });

  async function terminateOthers({ url }: { url: string }): Promise<void> {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await client.end();
  }
});
