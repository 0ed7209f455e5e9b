import assert from "node:assert/strict";
import type { UserId } from "../../schema/wire/ids.ts";
import { type Member, PrivacyWorld } from "../support/privacy-world.ts";

describe("the audit log", function () {
  this.timeout(30_000);
  let world: PrivacyWorld;
  let ada: Member;
  before(async () => {
    world = await PrivacyWorld.open();
  });
  after(() => world.close());
  beforeEach(async () => {
    ada = await world.member();
  });

  const note = (actor?: UserId | null, about?: string) =>
    world.world.opened.database.transaction(async (em) => {
      const who = actor === undefined ? {} : { actor };
      world.note(em, {
        action: "password.changed",
        subject: ada.userId,
        ...who,
        ...(about === undefined ? {} : { about }),
      });
    });
  const entries = () =>
    world.sql("select actor_id, action, about_id from audit_log where subject_id = $1 order by at, id", [ada.userId]);

  it("[AL1] says who did what to whom, and about what", async () => {
    const about = crypto.randomUUID();
    await note(undefined, about);
    world.world.clock.advance(1);
    await note(null);
    assert.deepEqual(await entries(), [
      { actor_id: ada.userId, action: "password.changed", about_id: about },
      { actor_id: null, action: "password.changed", about_id: null },
    ]);
  });

  it("[AL1] has no column for words or addresses but why somebody of ours did it, and what is no id does not get in", async () => {
    const columns = await world.sql(
      "select column_name, data_type from information_schema.columns where table_name = 'audit_log' order by ordinal_position",
    );
    const words = columns.filter(({ data_type }) => data_type === "text").map(({ column_name }) => column_name);
    assert.deepEqual(words, ["action", "role", "reason"]);
    await assert.rejects(note(undefined, ada.email));
  });

  it("[AL1] says which session was ended from elsewhere", async () => {
    const { tokens } = await world.world.login({ email: ada.email });
    const { sessionId } = await world.world.callerOf({ tokens });
    await world.world.sessions.end(ada.caller, sessionId);
    assert.deepEqual(await entries(), [{ actor_id: ada.userId, action: "session.ended", about_id: sessionId }]);
  });

  it("[AL2] what did not happen is not noted", async () => {
    const { database } = world.world.opened;
    const undone = database.transaction(async (em) => {
      world.note(em, { action: "password.changed", subject: ada.userId });
      await em.flush();
      throw new Error("it did not happen");
    });
    await assert.rejects(undone, /did not happen/);
    assert.deepEqual(await entries(), []);
  });

  it("[AL3] nobody changes, removes or empties it, nor a year of it, however many rights they have", async () => {
    await note();
    const [{ year } = { year: "" }] = await world.sql(
      "select tableoid::regclass::text as year from audit_log where subject_id = $1",
      [ada.userId],
    );
    assert.match(String(year), /^audit_log_2026$/);
    const [{ is_superuser } = { is_superuser: "" }] = await world.sql(
      "select current_setting('is_superuser') as is_superuser",
    );
    assert.equal(is_superuser, "on", "so that no right is lacking");
    for (const table of ["audit_log", String(year)]) {
      for (const sql of [`update ${table} set action = 'x'`, `delete from ${table}`, `truncate ${table}`])
        await assert.rejects(world.sql(sql), /written once/, sql);
    }
    assert.equal((await entries()).length, 1);
  });

  it("[AL3] its owner has not even the right to", async () => {
    const tables = "from pg_class where relname ~ '^audit_log(_[0-9]+)?$' and relkind in ('r', 'p')";
    const [{ count } = { count: 0 }] = await world.sql(`select count(*)::int ${tables} and relacl is not null`);
    assert.ok(Number(count) > 6, "what nobody has said anything about, the owner may");
    const rights = `select privilege_type ${tables.replace("where", ", aclexplode(relacl) where")}`;
    const given = new Set((await world.sql(rights)).map(({ privilege_type }) => privilege_type));
    assert.ok(given.has("INSERT") && given.has("SELECT"));
    for (const right of ["UPDATE", "DELETE", "TRUNCATE"]) assert.ok(!given.has(right), right);
  });

  it("[AL4] there is a place for years to come, and an old year goes whole", async () => {
    const years = "select relname from pg_class where relname ~ '^audit_log_[0-9]+$' and relkind = 'r'";
    const made = (await world.sql(years)).length;
    assert.ok(made >= 6);
    await world.sql("select make_audit_years('2040-01-01', 1)");
    await world.sql("select make_audit_years('2040-01-01', 1)");
    assert.equal((await world.sql(years)).length, made + 2);
    await assert.rejects(world.sql("truncate audit_log_2041"), /written once/);
    await world.sql("drop table audit_log_2040");
    assert.equal((await world.sql(years)).length, made + 1);
  });
});
