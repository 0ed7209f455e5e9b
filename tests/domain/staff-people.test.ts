import assert from "node:assert/strict";
import { addressKeysOf } from "../../domain/address-keys.ts";
import { parse } from "../../domain/refusal.ts";
import { staffPeople } from "../../domain/staff-people.ts";
import type { StaffCaller } from "../../domain/staff-permissions.ts";
import { suppress } from "../../domain/suppressions.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { ReportId } from "../../schema/wire/moderation.ts";
import { FindPeople } from "../../schema/wire/staff-people.ts";
import { chance } from "../../server/chance.ts";
import { code } from "../support/accounts-world.ts";
import { StaffWorld } from "../support/staff-world.ts";

const DAY_MS = 86_400_000;

const WHY = { reason: "they wrote to us" };

describe("people, to those who work here", function () {
  this.timeout(30_000);
  let world: StaffWorld;
  let sue: StaffCaller;
  let mo: StaffCaller;
  let desk: ReturnType<typeof staffPeople>;
  before(async () => {
    world = await StaffWorld.open();
    const { people, suspensions } = world;
    desk = staffPeople({
      ...{ database: people.world.opened.database, clock: world.clock, secrets: people.secrets, suspensions },
      chance,
      entitlements: { of: async (userId) => new Set(userId === premium ? (["premium_features"] as const) : []) },
      ...{ sessions: people.world.sessions, addresses: people.world.addresses },
      ...{ exports: people.exports, deletion: people.deletion },
    });
  });
  after(() => world.close());
  beforeEach(async () => {
    [sue, mo] = [await world.signedInAs("support"), await world.signedInAs("moderator")];
  });
  let premium: string | undefined;

  const find = (q: string, caller = sue) => desk.find(caller, parse(FindPeople, { q, ...WHY }));
  const noted = (subject: string) =>
    world.sql(
      "select action, actor_id, role, reason from audit_log where subject_id = $1 and action like 'staff.%' order by action",
      [subject],
    );

  it("[PP1] somebody is found by their id or their whole address, however it is spelt, and by no part of it", async () => {
    const { ada } = await world.people.twins();
    for (const q of [ada.userId, ada.email, ` ${ada.email.toUpperCase()} `])
      assert.deepEqual(
        (await find(q)).map(({ id }) => id),
        [ada.userId],
      );
    const parts = [ada.email.slice(0, -1), "@example.org", "%", "Ada", `${ada.email}%`, "_".repeat(36)];
    const tricks = ["' or '1'='1", "'; drop table users; --", "{{7*7}}", "$" + "{7*7}", "*", "{}", "?", "$1", "\\"];
    for (const q of [...parts, ...tricks, crypto.randomUUID()]) assert.deepEqual(await find(q), [], q);
    for (const form of [
      { q: "" },
      { q: ada.email },
      { q: "x".repeat(301), ...WHY },
      { q: "a\0b", ...WHY },
      { q: "x", reason: " " },
    ])
      assert.throws(() => parse(FindPeople, form), code("VALIDATION_ERROR"));
  });

  it("[PP2] shows how things stand, and neither a name nor any word or answer", async () => {
    const { ada, pairId } = await world.people.twins();
    const { database } = world.people.world.opened;
    premium = ada.userId;
    await world.sql("update users set email_verified = true, phone = '+49301234567' where id = $1", [ada.userId]);
    const addressKeys = addressKeysOf(world.people.secrets, "email", ada.email);
    await database.transaction((em) => suppress(em, { channel: "email", addressKeys }, "complaint", world.clock.now()));
    await world.sql(
      `insert into deliveries (id, channel, template, user_id, address_key, status, attempts, created_at, updated_at)
       values (gen_random_uuid(), 'email', 'verify_address', $1, '', 'bounced', 1, now(), now())`,
      [ada.userId],
    );
    const [seen] = await find(ada.email);
    assert.ok(seen);
    const { createdAt, pairedSince, suppressions, deliveries, ...rest } = seen;
    assert.deepEqual(rest, {
      ...{ id: ada.userId, email: ada.email, emailVerified: true, hasPhone: true, status: "active" },
      ...{ deletionDueAt: null, pairId, devices: 1, isPremium: true, worksHere: false },
    });
    assert.ok(createdAt && pairedSince);
    assert.deepEqual(
      [suppressions[0]?.reason, deliveries[0]?.template, deliveries[0]?.status],
      ["complaint", "verify_address", "bounced"],
    );
    assert.doesNotMatch(JSON.stringify(seen), /Ada|hash|\+49/);
  });

  it("[PP3] each look and each act is noted with who, as what and why, and stands in that person's own copy", async () => {
    const bea = await world.people.member("Bea");
    await find(bea.email);
    await desk.endSessions(sue, bea.userId, WHY);
    const by = { actor_id: sue.userId, role: "support", ...WHY };
    assert.deepEqual(await noted(bea.userId), [
      { action: "staff.person_read", ...by },
      { action: "staff.sessions_ended", ...by },
    ]);
    await find("nobody@example.org");
    const missed = "select from audit_log where actor_id = $1 and action = 'staff.person_read' and subject_id is null";
    assert.equal((await world.sql(missed, [sue.userId])).length, 1);
    const shown = await lookedAt(bea.userId);
    assert.match(shown, /"action":"staff.person_read"[^}]*"by":"support"[^}]*"reason":"they wrote to us"/);
    assert.ok(!shown.includes(sue.userId));
  });

  it("[PP3] that somebody was reported, and by whom, does not stand in their copy; that their own report was read does", async () => {
    const { ada, bea } = await world.quarrel();
    const { id } = await world.report(ada);
    await world.moderation.list(mo, { status: "open", limit: 50 });
    await world.moderation.decide(mo, ReportId.parse(id), { action: "warn", note: "Ada told us" });
    const [ofBea, ofAda] = [await lookedAt(bea.userId), await lookedAt(ada.userId)];
    assert.match(ofBea, /staff.person_warned/);
    assert.doesNotMatch(ofBea, /report_read|report_decided|Ada told us/);
    assert.ok(!ofBea.includes(ada.userId));
    assert.match(ofAda, /staff.own_report_read/);
  });

  /** As their own export says it. */
  async function lookedAt(userId: string): Promise<string> {
    const { SECTIONS } = await import("../../server/adapters/exports/sections.ts");
    const section = SECTIONS.find(({ path }) => path === "looked-at.json");
    assert.ok(section);
    const { pool, database } = world.people.world.opened;
    const { history, secrets } = world.people;
    let text = "";
    const sources = { pool, database, history, secrets, now: world.clock.now };
    for await (const piece of section.pieces(sources, UserId.parse(userId))) text += piece;
    return text;
  }

  it("[PP4] a suspension ends every sign-in and keeps everything else; restored, they sign in as before", async () => {
    const { bea, pairId } = await world.people.twins();
    await desk.suspend(mo, bea.userId, WHY);
    await assert.rejects(world.people.world.sessions.authenticate(bea.accessToken), code("AUTH_TOKEN_REVOKED"));
    await assert.rejects(world.people.world.login({ email: bea.email }), code("ACCOUNT_SUSPENDED"));
    await assert.rejects(desk.suspend(mo, bea.userId, WHY), code("CONFLICT"));
    const [seen] = await find(bea.userId);
    assert.deepEqual([seen?.status, seen?.pairId, seen?.devices], ["suspended", pairId, 0]);
    await desk.restore(mo, bea.userId, WHY);
    await world.people.world.login({ email: bea.email });
    await assert.rejects(desk.restore(mo, bea.userId, WHY), code("CONFLICT"));
    const told = world.people.outbox.sent.filter(({ userId }) => userId === bea.userId);
    assert.deepEqual(told.map(({ message }) => message.letter.template).slice(-2), [
      "account_suspended",
      "account_restored",
    ]);
  });

  it("[PP5] support resends a confirmation, ends sign-ins, and starts a copy or a deletion; it suspends nobody, and moderators do none of these", async () => {
    const bea = await world.people.member("Bea");
    const jobs = () => world.people.world.jobs.jobs.length + world.people.jobs.jobs.length;
    const before = jobs();
    await desk.resendVerification(sue, bea.userId, WHY);
    const { id, status } = await desk.startExport(sue, bea.userId, WHY);
    assert.equal(status, "pending");
    assert.equal((await desk.startExport(sue, bea.userId, WHY)).id, id);
    assert.equal(jobs(), before + 2);
    const until = await desk.startDeletion(sue, bea.userId, WHY);
    assert.equal(Date.parse(until) - world.clock.now(), 14 * DAY_MS);
    await assert.rejects(world.people.world.sessions.authenticate(bea.accessToken), code("AUTH_TOKEN_REVOKED"));
    assert.equal((await find(bea.email))[0]?.deletionDueAt, until);
    await world.people.world.login({ email: bea.email });
    await world.sql("update users set email_verified = true where id = $1", [bea.userId]);
    await assert.rejects(desk.resendVerification(sue, bea.userId, WHY), code("CONFLICT"));
    await assert.rejects(desk.suspend(sue, bea.userId, WHY), code("FORBIDDEN"));
    for (const act of ["endSessions", "resendVerification", "startExport", "startDeletion"] as const)
      await assert.rejects(async () => void (await desk[act](mo, bea.userId, WHY)), code("FORBIDDEN"));
  });

  it("[PP6] nobody who works here is suspended or deleted by another one, and what is not there is not found", async () => {
    const admin = await world.signedInAs("admin");
    await assert.rejects(desk.suspend(mo, admin.userId, WHY), code("FORBIDDEN"));
    await assert.rejects(desk.startDeletion(sue, admin.userId, WHY), code("FORBIDDEN"));
    const nobody = UserId.parse(crypto.randomUUID());
    for (const act of ["endSessions", "resendVerification", "startExport", "startDeletion"] as const)
      await assert.rejects(async () => void (await desk[act](admin, nobody, WHY)), code("NOT_FOUND"));
    await assert.rejects(desk.suspend(admin, nobody, WHY), code("NOT_FOUND"));
    assert.equal((await noted(nobody)).length, 0);
  });
});
