import assert from "node:assert/strict";
import type { Caller } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import type { StudyStaff } from "../../domain/releases.ts";
import { GiveConsent, PublishStudy, type StudyId } from "../../schema/wire/research.ts";
import { SAMPLE_STUDIES } from "../../server/sample-studies.ts";
import { allOf } from "../support/assessment-answers.ts";
import { codeOf } from "../support/assessments-world.ts";
import { AGREED, ResearchWorld } from "../support/research-world.ts";

const DAY_MS = 86_400_000;

describe("taking part in a study", function () {
  this.timeout(60_000);
  let world: ResearchWorld;
  let study: StudyId;
  before(async () => {
    world = await ResearchWorld.open();
  });
  beforeEach(async () => {
    study = await world.study();
  });
  after(() => world.close());

  const day = (years: number, days: number) => {
    const at = new Date(world.clock.now());
    at.setUTCFullYear(at.getUTCFullYear() - years);
    at.setUTCDate(at.getUTCDate() + days);
    return at.toISOString().slice(0, 10);
  };

  const statusOf = async (who: Caller) => {
    const { participation } = await world.parts.consents.look(who, "en");
    return participation.map(({ status }) => status);
  };

  it("[RK1] who will be 18 in two days may not, who was two days ago may, and who has not said may not", async () => {
    assert.equal(await codeOf(world.consent(await world.adult(day(18, 2)), study)), "FORBIDDEN");
    assert.equal(await codeOf(world.consent(await world.adult(null), study)), "FORBIDDEN");
    const record = await world.consent(await world.adult(day(18, -2)), study);
    assert.deepEqual(record.consentItems, { ...AGREED, long_term_storage: false, contact_followup: false });
    assert.equal(Date.parse(record.expiresAt) - Date.parse(record.givenAt), 365 * DAY_MS);
    const both = await world.study({ bothTwinsNeeded: true });
    const [ada] = await world.twins();
    assert.equal(await codeOf(world.consent(await world.adult(), both)), "NOT_PAIRED");
    assert.equal((await world.consent(ada, both)).studyId, both);
  });

  it("[RK2] both required items are needed, and what is wrong is named; the optional ones are one's own choice", () => {
    const details = (consentItems: object): string[] => {
      const result = GiveConsent.safeParse({ consentItems, consentVersion: "1" });
      return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
    };
    assert.deepEqual(details({ data_collection: true }), ["consentItems.data_sharing"]);
    assert.deepEqual(details({ ...AGREED, data_collection: false }), ["consentItems.data_collection"]);
    assert.deepEqual(details({ ...AGREED, sell_everything: true }), ["consentItems"]);
    assert.deepEqual(details({ ...AGREED, contact_followup: true }), []);
    assert.equal(parse(GiveConsent, { consentItems: AGREED, consentVersion: 1 }).consentVersion, 1);
  });

  it("[RK3] after a year, or for other words, one is asked again; older words are refused", async () => {
    const who = await world.adult();
    await world.consent(who, study);
    assert.deepEqual(await statusOf(who), ["active"]);
    const [sample] = SAMPLE_STUDIES;
    const next = parse(PublishStudy, { ...sample, id: study, consent: { version: 2, texts: { en: "new words" } } });
    await world.parts.studies.publish(next);
    assert.deepEqual(await statusOf(who), ["outdated"]);
    assert.equal(await codeOf(world.consent(who, study)), "CONFLICT");
    assert.equal(await codeOf(world.consent(who, study, {}, "3")), "VALIDATION_ERROR");
    await world.consent(who, study, {}, "2");
    assert.deepEqual(await statusOf(who), ["active"]);
    const then = world.clock.time;
    world.clock.advance(365 * DAY_MS);
    assert.deepEqual(await statusOf(who), ["expired"]);
    await world.consent(who, study, {}, "2");
    assert.deepEqual(await statusOf(who), ["active"]);
    world.clock.time = then;
  });

  it("[RK4] each word stays: how it came is noted as far as a network, and nobody rewrites it", async () => {
    const who = await world.adult();
    await world.consent(who, study);
    await world.withdraw(who, study);
    await world.consent(who, study, { contact_followup: true });
    const rows = await world.sql(
      "select kind, network, version from research_consents where user_id = $1 order by id",
      [who.userId],
    );
    assert.deepEqual(
      rows.map(({ kind, network, version }) => [kind, network, version]),
      [
        ["given", "203.0.113.0/24", 1],
        ["withdrawn", "203.0.113.0/24", 1],
        ["given", "203.0.113.0/24", 1],
      ],
    );
    await assert.rejects(world.sql("update research_consents set kind = 'given'"), /written once/);
    const audited = await world.sql("select action from audit_log where subject_id = $1 order by id", [who.userId]);
    assert.deepEqual(audited.map(({ action }) => action).sort(), ["study.joined", "study.joined", "study.left"]);
  });

  it("[RK5] the same said twice at the same moment is one record", async () => {
    const who = await world.adult();
    const [one, other] = await Promise.all([world.consent(who, study), world.consent(who, study)]);
    assert.deepEqual(one, other);
    const [row] = await world.sql("select count(*)::int as n from research_consents where user_id = $1", [who.userId]);
    assert.equal(row?.["n"], 1);
    const changed = await world.consent(who, study, { long_term_storage: true });
    assert.notEqual(changed.id, one.id);
  });

  it("[RK6] three studies at most; one left makes place for another; one that takes nobody new takes nobody", async () => {
    const who = await world.adult();
    for (let count = 0; count < 3; count++) await world.consent(who, await world.study());
    assert.equal(await codeOf(world.consent(who, study)), "CONFLICT");
    const [first] = (await world.parts.consents.look(who, "en")).participation;
    assert.ok(first);
    await world.withdraw(who, first.studyId);
    await world.consent(who, study);
    const paused = await world.study({ status: "paused" });
    assert.equal(await codeOf(world.consent(await world.adult(), paused)), "CONFLICT");
  });

  it("[RK7] each twin for themselves: what one says or leaves is nothing the other said", async () => {
    const [ada, bea] = await world.twins();
    await world.consent(ada, study);
    assert.deepEqual([await statusOf(ada), await statusOf(bea)], [["active"], []]);
    assert.equal(await codeOf(world.withdraw(bea, study)), "NOT_FOUND");
    await world.consent(bea, study);
    await world.withdraw(ada, study);
    assert.deepEqual([await statusOf(ada), await statusOf(bea)], [["withdrawn"], ["active"]]);
    assert.equal(await codeOf(world.withdraw(ada, study)), "NOT_FOUND");
  });

  /** Somebody of whom a study has an assessment and two days of telemetry. */
  async function given(): Promise<Caller> {
    const [ada] = await world.twins();
    await world.consent(ada, study);
    await world.assessed.completed(ada, allOf(4));
    await world.work();
    await world.tell(ada, { events: [world.event(), world.event()] });
    assert.deepEqual(await world.count(study), [1, 1, 2]);
    return ada;
  }

  for (const [disposition, left, erased] of [
    ["delete", [0, 0, 0], 2],
    ["retain_aggregated", [0, 0, 0], 2],
    ["anonymize", [1, 1, 2], 0],
  ] as const)
    it(`[RK8] who leaves gives nothing from that moment on; ${disposition} is done by a job, with a receipt`, async () => {
      const ada = await given();
      const asked = await world.withdraw(ada, study, disposition);
      assert.deepEqual([asked.finishedAt, asked.receipt], [null, null]);
      assert.equal(Date.parse(asked.dueAt) - Date.parse(asked.askedAt), 30 * DAY_MS);
      assert.equal(await codeOf(world.tell(ada, { events: [world.event()] })), "FORBIDDEN");
      await world.work();
      await world.parts.intake.sweep();
      assert.deepEqual(await world.count(study), left);
      const [part] = (await world.parts.consents.look(ada, "en")).participation;
      assert.ok(part?.withdrawal?.finishedAt);
      assert.equal(part.withdrawal.receipt?.erased, erased);
      assert.ok(part.withdrawal.receipt.hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)));
      assert.equal(part.withdrawal.receipt.hashes.length, erased);
      const row = await world.sql("select pseudonym from research_participants where study_id = $1", [study]);
      const found = row.map(({ pseudonym }) => String(pseudonym));
      const theirs = await world.pseudonyms(ada, study);
      assert.ok(found.every((pseudonym) => !theirs.includes(pseudonym)));
    });

  it("[RK8] what a worker did not come to is handed on, and done twice is done once", async () => {
    const ada = await given();
    await world.withdraw(ada, study);
    world.jobs.jobs.length = 0;
    assert.equal(await world.parts.withdrawals.sweep(), 0);
    world.clock.advance(11 * 60_000);
    assert.ok((await world.parts.withdrawals.sweep()) >= 1);
    const { jobs } = world.jobs;
    jobs.push(...jobs);
    await world.work();
    assert.deepEqual(await world.count(study), [0, 0, 0]);
    assert.equal(await world.parts.withdrawals.sweep(), 0);
  });

  it("[RK9] who is erased is in no study any more, with nothing they gave and nothing they said", async () => {
    const ada = await given();
    await world.parts.withdrawals.forget(ada.userId);
    assert.deepEqual(await world.count(study), [0, 0, 0]);
    const [row] = await world.sql("select count(*)::int as n from research_consents where user_id = $1", [ada.userId]);
    assert.equal(row?.["n"], 0);
  });

  it("[RK10] news go to who agreed to contact, allows it in their settings and proved their address, and to nobody else", async () => {
    const text = "We have looked at a year by now.";
    const owner: Pick<StudyStaff, "grants"> = { grants: [{ role: "study_owner", studyId: study }] };
    const wanting: Caller[] = [];
    for (const [items, allows] of [
      [{ contact_followup: true }, true],
      [{ contact_followup: true }, false],
      [{}, true],
      [{ contact_followup: true }, true],
    ] as const) {
      const who = await world.adult();
      await world.consent(who, study, items);
      const settings = JSON.stringify({ privacy: { allowResearchContact: allows } });
      await world.sql("update users set settings = $2, email_verified = true where id = $1", [who.userId, settings]);
      wanting.push(who);
    }
    const [ada, , , left] = wanting;
    assert.ok(ada && left);
    await world.withdraw(left, study);
    assert.equal(await world.parts.news.send(owner, study, text), 1);
    const [mail, ...others] = world.outbox.sent;
    assert.deepEqual(others, []);
    assert.ok(mail?.userId === ada.userId && mail.message.channel === "email");
    assert.ok(mail.message.letter.template === "research_update");
    assert.match(mail.message.letter.unsubscribeLink, /^https:\/\/twinship\.test\/u\//);
    const stranger: typeof owner = { grants: [{ role: "researcher", studyId: study }] };
    assert.equal(await codeOf(world.parts.news.send(stranger, study, text)), "NOT_FOUND");
    for (const email of ["nobody", "nobody@example.org"])
      assert.equal(await codeOf(world.parts.news.sendFor(email, study, text)), "NOT_FOUND");
    assert.match(String(mail.about), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("[RK11] 30 days after the year what was collected is erased, unless it may be kept or they agreed again", async () => {
    const then = world.clock.time;
    const [kept, again, gone] = [await world.adult(), await world.adult(), await world.adult()];
    for (const who of [kept, again, gone]) {
      await world.consent(who, study, { long_term_storage: who === kept });
      await world.assessed.completed(who, allOf(4));
      await world.parts.intake.intake(who.userId);
    }
    world.clock.advance((365 + 29) * DAY_MS);
    assert.equal(await world.parts.retention.sweep(), 0);
    await world.consent(again, study);
    world.clock.advance(DAY_MS);
    await world.parts.retention.sweep();
    assert.deepEqual(await world.count(study), [2, 2, 0]);
    const left = await world.sql("select pseudonym from research_participants where study_id = $1", [study]);
    const theirs = await world.pseudonyms(gone, study);
    assert.ok(left.every(({ pseudonym }) => !theirs.includes(String(pseudonym))));
    world.clock.time = then;
  });
});
