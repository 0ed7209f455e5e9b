import assert from "node:assert/strict";
import { parse } from "../../domain/refusal.ts";
import { type Permission, roleFor, type StaffCaller } from "../../domain/staff-permissions.ts";
import { StaffLogin, StaffRole, StudyId } from "../../schema/wire/staff.ts";
import { code, PASSWORD } from "../support/accounts-world.ts";
import type { Member } from "../support/privacy-world.ts";
import { STEP_MS, StaffWorld } from "../support/staff-world.ts";

const MINUTE_MS = 60_000;

const ALL: readonly Permission[] = [
  ...(["reports", "people.read", "people.suspend", "people.serve", "deliveries"] as const),
  ...(["suppressions", "jobs", "rooms", "audit"] as const),
];

describe("those who work here", function () {
  this.timeout(30_000);
  let world: StaffWorld;
  before(async () => {
    world = await StaffWorld.open();
  });
  after(() => world.close());

  const actions = async (userId: string) =>
    (await world.sql("select action from audit_log where subject_id = $1 order by id", [userId])).map(
      ({ action }) => action,
    );

  it("[SF1] nobody is one until whoever runs the server says so, and nobody says so of who has no account", async () => {
    assert.deepEqual(await world.roster.list(), []);
    const role = { role: "admin", studyId: null } as const;
    await assert.rejects(world.roster.grant("nobody@example.org", role), code("NOT_FOUND"));
    const ada = await world.people.member();
    await assert.rejects(world.roster.enrol(ada.email), code("NOT_FOUND"));
    await assert.rejects(world.login(ada.email, "000000"), code("AUTH_INVALID_CREDENTIALS"));
    assert.deepEqual(await world.roster.grant(ada.email, role), { isUnconfirmed: true });
    await world.roster.grant(ada.email.toUpperCase(), role);
    assert.deepEqual(await world.roster.list(), [{ email: ada.email, ...role, isEnrolled: false }]);
    await assert.rejects(world.login(ada.email, "000000"), code("AUTH_INVALID_CREDENTIALS"));
    const { secret, uri } = await world.roster.enrol(ada.email);
    assert.match(uri, /^otpauth:\/\/totp\/Twinship:/);
    assert.equal(new URL(uri).searchParams.get("secret"), secret);
    await world.login(ada.email, await world.code(secret));
    await world.roster.revoke(ada.email, role);
    await assert.rejects(world.roster.revoke(ada.email, role), code("NOT_FOUND"));
    const log = ["staff.granted", "staff.sign_in_failed", "staff.enrolled", "staff.signed_in", "staff.revoked"];
    assert.deepEqual((await actions(ada.userId)).toSorted(), log.toSorted());
  });

  it("[SF1] roles of a study name it, and no other does", async () => {
    const { email } = await world.people.member();
    const studyId = StudyId.parse(crypto.randomUUID());
    await assert.rejects(world.roster.grant(email, { role: "researcher", studyId: null }), code("VALIDATION_ERROR"));
    await assert.rejects(world.roster.grant(email, { role: "support", studyId }), code("VALIDATION_ERROR"));
    await world.roster.grant(email, { role: "researcher", studyId });
    await world.roster.grant(email, { role: "study_owner", studyId });
    const other = StudyId.parse(crypto.randomUUID());
    await assert.rejects(world.roster.revoke(email, { role: "researcher", studyId: other }), code("NOT_FOUND"));
  });

  it("[SF2] a sign-in takes the password and a code of half a minute, told a moment late or early, and lasts 15 minutes", async () => {
    const cleo = await world.colleague("support");
    world.clock.advance(10 * STEP_MS);
    for (const steps of [-3, 3]) {
      const wrong = await world.code(cleo.secret, steps);
      await assert.rejects(world.login(cleo.email, wrong), code("AUTH_INVALID_CREDENTIALS"));
    }
    const { token, expiresAt } = await world.login(cleo.email, await world.code(cleo.secret, -1));
    assert.equal(Date.parse(expiresAt) - world.clock.now(), 15 * MINUTE_MS);
    const caller = await world.staff.authenticate(token);
    assert.deepEqual([caller.userId, caller.grants], [cleo.userId, [{ role: "support", studyId: null }]]);
    world.clock.advance(15 * MINUTE_MS);
    await assert.rejects(world.staff.authenticate(token), code("AUTH_TOKEN_EXPIRED"));
  });

  it("[SF2] a code opens once: not again, not by two at once, and none of before it either", async () => {
    const cleo = await world.colleague("support");
    world.clock.advance(10 * STEP_MS);
    const now = await world.code(cleo.secret);
    const tries = await Promise.allSettled([world.login(cleo.email, now), world.login(cleo.email, now)]);
    assert.deepEqual(tries.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    await assert.rejects(world.login(cleo.email, now), code("AUTH_INVALID_CREDENTIALS"));
    const before = await world.code(cleo.secret, -1);
    await assert.rejects(world.login(cleo.email, before), code("AUTH_INVALID_CREDENTIALS"));
    await world.login(cleo.email, await world.code(cleo.secret, 1));
  });

  it("[SF3] nobody learns whether it was the address, the password or the code", async () => {
    const cleo = await world.colleague("support");
    const right = await world.code(cleo.secret);
    const { email } = await world.people.member();
    const said = await Promise.allSettled([
      world.login(cleo.email, "000000"),
      world.login(cleo.email, right, "Wrong-horse-9"),
      world.login("nobody@example.org", right),
      world.login(email, right),
    ]);
    const words = said.map((one) => (one.status === "rejected" ? one.reason.message : "in"));
    assert.deepEqual(new Set(words), new Set(["Address, password or code is not right"]));
  });

  it("[SF4] five failures in 15 minutes lock it, and no sign-in of a twin opens it again", async () => {
    const cleo = await world.colleague("moderator");
    for (let n = 0; n < 5; n++)
      await assert.rejects(world.login(cleo.email, "000000"), code("AUTH_INVALID_CREDENTIALS"));
    await world.people.world.login({ email: cleo.email });
    const right = await world.code(cleo.secret);
    await assert.rejects(world.login(cleo.email, right), code("AUTH_ACCOUNT_LOCKED"));
    const log = await actions(cleo.userId);
    assert.equal(log.filter((action) => action === "staff.sign_in_failed").length, 5);
    assert.ok(!log.includes("staff.signed_in"));
  });

  it("[SF5] a token of theirs is none of a twin's, and the other way round", async () => {
    const cleo = await world.colleague("admin");
    world.clock.advance(STEP_MS);
    const { token } = await world.login(cleo.email, await world.code(cleo.secret));
    await assert.rejects(world.people.world.sessions.authenticate(token), code("AUTH_TOKEN_INVALID"));
    await assert.rejects(world.staff.authenticate(cleo.accessToken), code("AUTH_TOKEN_INVALID"));
    await assert.rejects(world.staff.authenticate(undefined), code("AUTH_REQUIRED"));
  });

  it("[SF6] what was taken back counts at once, and so does signing out, another authenticator, and being sent away", async () => {
    const endings: readonly ((who: Member, caller: StaffCaller) => Promise<unknown>)[] = [
      ({ email }) => world.roster.revoke(email, { role: "support", studyId: null }),
      (_who, caller) => world.staff.logout(caller),
      ({ email }) => world.roster.enrol(email),
      ({ userId }) => world.sql("update users set status = 'suspended' where id = $1", [userId]),
      ({ userId }) => world.sql("update users set deletion_due_at = now() where id = $1", [userId]),
    ];
    for (const end of endings) {
      const cleo = await world.colleague("support");
      world.clock.advance(STEP_MS);
      const { token } = await world.login(cleo.email, await world.code(cleo.secret));
      await end(cleo, await world.staff.authenticate(token));
      await assert.rejects(world.staff.authenticate(token), code("AUTH_TOKEN_REVOKED"));
    }
  });

  it("[SF6] a role that was given or taken since counts from the next call on", async () => {
    const cleo = await world.colleague("support");
    world.clock.advance(STEP_MS);
    const { token } = await world.login(cleo.email, await world.code(cleo.secret));
    await world.roster.grant(cleo.email, { role: "moderator", studyId: null });
    await world.roster.revoke(cleo.email, { role: "support", studyId: null });
    assert.deepEqual((await world.staff.authenticate(token)).grants, [{ role: "moderator", studyId: null }]);
  });

  it("[SF7] each role reaches as far as it must, and is noted as the least that reaches", () => {
    const reach: Readonly<Record<StaffRole, readonly Permission[]>> = {
      support: ["people.read", "people.serve", "deliveries", "suppressions"],
      moderator: ["reports", "people.read", "people.suspend"],
      researcher: [],
      study_owner: [],
      admin: ALL,
    };
    for (const role of StaffRole.options)
      for (const permission of ALL) {
        const ask = () => roleFor({ grants: [{ role, studyId: null }] }, permission);
        if (reach[role].includes(permission)) assert.equal(ask(), role);
        else assert.throws(ask, code("FORBIDDEN"), `${role} ${permission}`);
      }
    const both = [
      { role: "admin", studyId: null },
      { role: "support", studyId: null },
    ] as const;
    assert.equal(roleFor({ grants: both }, "people.read"), "support");
  });

  it("[SF2] a code is six digits, however they are grouped", () => {
    const login = (totp: unknown) => parse(StaffLogin, { email: "a@example.org", password: PASSWORD, totp });
    assert.equal(login("123 456").totp, "123456");
    for (const bad of ["12345", "1234567", "12345a", "", 123456, null, "1".repeat(1000)])
      assert.throws(() => login(bad), code("VALIDATION_ERROR"));
  });
});
