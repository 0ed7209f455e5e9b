import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parquetReadObjects } from "hyparquet";
import { z } from "zod";
import type { Caller } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import type { StudyStaff } from "../../domain/releases.ts";
import { cronbachAlpha } from "../../domain/research/alpha.ts";
import { ITEM_IDS, type ItemId } from "../../schema/wire/assessments.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { PublishStudy, type ReleaseFormat, type StudyId } from "../../schema/wire/research.ts";
import type { StaffRole } from "../../schema/wire/staff.ts";
import { SAMPLE_STUDIES } from "../../server/sample-studies.ts";
import { allOf } from "../support/assessment-answers.ts";
import { codeOf } from "../support/assessments-world.ts";
import { Random } from "../support/random.ts";
import { ResearchWorld } from "../support/research-world.ts";

const DAY_MS = 86_400_000;

const Rows = z.array(
  z.object({
    ...{ cohort: z.number(), twin_type: z.string(), born: z.string(), pairs_in_group: z.number() },
    ...{ measure: z.string(), band: z.string(), pairs: z.number().nullable() },
  }),
);

const Manifest = z.object({
  release: z.number(),
  date: z.string(),
  fewestPairs: z.number(),
  cohorts: z.array(
    z.object({ pairs: z.number(), consents: z.array(z.object({ version: z.number(), hashes: z.array(z.string()) })) }),
  ),
  files: z.array(z.object({ name: z.string(), sha256: z.string(), bytes: z.number() })),
});

const Report = z.object({
  cohorts: z.array(
    z.object({
      pairs: z.number(),
      scales: z.array(
        z.object({ scale: z.string(), mean: z.number().nullable(), alpha: z.number().nullable() }).loose(),
      ),
    }),
  ),
});

describe("releases of a study", function () {
  this.timeout(120_000);
  let world: ResearchWorld;
  let study: StudyId;
  let researcher: StudyStaff;
  let owner: StudyStaff;
  before(async () => {
    world = await ResearchWorld.open();
  });
  beforeEach(async () => {
    study = await world.study();
    const staff = (role: StaffRole) => ({
      userId: UserId.parse(crypto.randomUUID()),
      grants: [{ role, studyId: study }],
    });
    [researcher, owner] = [staff("researcher"), staff("study_owner")];
  });
  after(() => world.close());

  /** People of as many pairs, each with answers of their own, who take part. */
  async function join(
    count: number,
    valueFor: (id: ItemId, person: number) => number = () => 4,
    items: object = {},
  ): Promise<Caller[]> {
    const people: Caller[] = [];
    for (let person = 0; person < count; person++) {
      const who = await world.adult();
      await world.consent(who, study, items);
      await world.assessed.completed(
        who,
        allOf((id) => valueFor(id, person)),
      );
      await world.parts.intake.intake(who.userId);
      people.push(who);
    }
    world.jobs.jobs.length = 0;
    return people;
  }

  const parts = () => world.parts.releases;

  const ask = (staff = researcher) => parts().ask(staff, study);

  async function approved() {
    const { id } = await ask();
    return parts().approve(owner, id);
  }

  const read = async (format: ReleaseFormat, staff = researcher) => {
    const { bytes } = await parts().read(staff, study, format);
    return bytes.toString("utf8");
  };

  const rows = async () => Rows.parse(JSON.parse(await read("json")));

  it("[RL9] a study's researchers ask, another one of its owners says yes, and to everybody else it is not there", async () => {
    await join(11);
    const elsewhere = { ...researcher, grants: [{ role: "researcher" as const, studyId: await world.study() }] };
    const admin: StudyStaff = { ...owner, grants: [{ role: "admin", studyId: null }] };
    for (const stranger of [elsewhere, admin]) {
      assert.equal(await codeOf(ask(stranger)), "NOT_FOUND");
      assert.equal(await codeOf(read("csv", stranger)), "NOT_FOUND");
      assert.ok((await parts().studies(stranger)).every(({ id }) => id !== study));
    }
    const { id, status, number } = await ask(owner);
    assert.deepEqual([status, number], ["asked", 1]);
    assert.equal(await codeOf(read("csv")), "NOT_FOUND");
    assert.equal(await codeOf(parts().approve(owner, id)), "FORBIDDEN");
    assert.equal(await codeOf(parts().approve(researcher, id)), "FORBIDDEN");
    assert.equal(await codeOf(parts().approve(elsewhere, id)), "NOT_FOUND");
    const other = { ...owner, userId: UserId.parse(crypto.randomUUID()) };
    assert.equal((await parts().approve(other, id)).status, "approved");
    assert.match(await read("csv"), /^cohort,twin_type,born,pairs_in_group,measure,band,pairs\r\n1,all,all,11,CI,/);
    assert.equal(await codeOf(parts().approve(other, id)), "CONFLICT");
    const [own] = await parts().studies(researcher);
    assert.deepEqual(
      [own?.id, own?.roles, own?.releases.map((one) => one.status)],
      [study, ["researcher"], ["approved"]],
    );
    const noted = await world.sql("select actor_id, action, role from audit_log where about_id = $1", [id]);
    assert.deepEqual(noted.map(({ actor_id, action, role }) => `${action} ${role} ${actor_id}`).sort(), [
      `staff.release_approved study_owner ${other.userId}`,
      `staff.release_asked study_owner ${owner.userId}`,
      `staff.release_read researcher ${researcher.userId}`,
    ]);
  });

  it("[RL7] ten pairs are no release, an eleventh makes one, and ten more none that differs", async () => {
    await join(10);
    assert.equal(await codeOf(ask()), "CONFLICT");
    await join(1);
    await approved();
    await join(10);
    assert.equal(await codeOf(ask()), "CONFLICT");
    await join(1);
    assert.deepEqual(
      (await approved()).cohorts.map(({ identifiability }) => identifiability.pairs),
      [11, 11],
    );
  });

  it("[RL1] twins are one pair, however many of the two take part", async () => {
    await join(9);
    const [ada, bea] = await world.twins();
    for (const who of [ada, bea]) {
      await world.consent(who, study);
      await world.assessed.completed(who, allOf(5));
    }
    for (const { userId } of [ada, bea]) await world.parts.intake.intake(userId);
    assert.equal(await codeOf(ask()), "CONFLICT");
    await join(1);
    assert.equal((await approved()).cohorts[0]?.identifiability.pairs, 11);
  });

  it("[RL10] the same counts in CSV, JSON and Parquet, and a manifest that says what they are and by whose consent", async () => {
    const random = new Random(20);
    await join(24, (_id, person) => (person % 2 ? 6 : random.below(7) + 1));
    await approved();
    const json = await rows();
    assert.ok(json.some(({ pairs }) => pairs === null) && json.some(({ pairs }) => pairs !== null));
    const csv = (await read("csv")).trimEnd().split("\r\n").slice(1);
    assert.deepEqual(
      csv,
      json.map((row) => Object.values(row).join(",")),
    );
    const { bytes } = await parts().read(researcher, study, "parquet");
    const file = new Uint8Array(bytes).buffer;
    assert.deepEqual(Rows.parse(await parquetReadObjects({ file })), json);
    const manifest = Manifest.parse(JSON.parse(await read("manifest")));
    assert.deepEqual([manifest.release, manifest.date, manifest.fewestPairs], [1, "2026-06-15", 11]);
    for (const { name, sha256, bytes: size } of manifest.files) {
      const format = name.includes("report") ? "report" : (name.split(".").at(-1) ?? "");
      const { bytes: found } = await parts().read(
        researcher,
        study,
        z.enum(["csv", "json", "parquet", "report"]).parse(format),
      );
      assert.deepEqual([sha256, size], [createHash("sha256").update(found).digest("hex"), found.byteLength]);
    }
    const [sample] = SAMPLE_STUDIES;
    const hash = createHash("sha256")
      .update(sample?.consent.texts.en ?? "")
      .digest("hex");
    assert.deepEqual(manifest.cohorts[0]?.consents, [{ version: 1, hashes: [hash] }]);
  });

  it("[RL11] who leaves with delete is in no release from that moment on, asked for, approved or to come", async () => {
    const [ada] = await join(11);
    assert.ok(ada);
    await approved();
    await join(11);
    const { id } = await ask();
    await world.withdraw(ada, study, "delete");
    assert.equal(await codeOf(read("csv")), "NOT_FOUND");
    assert.equal(await codeOf(parts().approve(owner, id)), "CONFLICT");
    await world.work();
    assert.deepEqual(
      (await approved()).cohorts.map(({ number }) => number),
      [2],
    );
    assert.deepEqual(new Set((await rows()).map(({ cohort }) => cohort)), new Set([2]));
  });

  it("[RL11] of who leaves at the very moment a release is made, nothing is told", async () => {
    for (let round = 0; round < 3; round++) {
      study = await world.study();
      researcher = { ...researcher, grants: [{ role: "researcher", studyId: study }] };
      owner = { ...owner, grants: [{ role: "study_owner", studyId: study }] };
      const [ada] = await join(11);
      assert.ok(ada);
      const [made] = await Promise.allSettled([ask(), world.withdraw(ada, study, "delete")]);
      if (made.status === "fulfilled") assert.equal(await codeOf(parts().approve(owner, made.value.id)), "CONFLICT");
      const told = await world.sql("select 1 from research_cohorts where study_id = $1 and broken_at is null", [study]);
      assert.deepEqual(told, []);
    }
  });

  for (const disposition of ["retain_aggregated", "anonymize"] as const)
    it(`[RL11] who leaves with ${disposition} lets stay what was counted, and is counted no more`, async () => {
      const [ada] = await join(11);
      assert.ok(ada);
      await approved();
      const before = await read("csv");
      await world.withdraw(ada, study, disposition);
      await world.work();
      assert.equal(await read("csv"), before);
      await join(10);
      assert.equal(await codeOf(ask()), "CONFLICT");
      await join(1);
      const { cohorts } = await approved();
      assert.deepEqual(
        cohorts.map(({ number }) => number),
        [1, 2],
      );
      assert.ok((await read("csv")).startsWith(before));
    });

  it("[RL11] who is erased, or says that they are a minor, is told of no more", async () => {
    const [ada, bea] = await join(12);
    assert.ok(ada && bea);
    const { id } = await ask();
    await world.born(ada, "2012-01-01");
    assert.equal(await codeOf(parts().approve(owner, id)), "CONFLICT");
    await world.born(ada, "1990-08-23");
    await approved();
    await world.parts.withdrawals.forget(bea.userId);
    assert.equal(await codeOf(read("csv")), "NOT_FOUND");
  });

  it("[RL12] consent has to hold on the day of the release; who let it be kept is told of when the year is over", async () => {
    const then = world.clock.time;
    await join(11, () => 4, { long_term_storage: true });
    world.clock.advance(30 * DAY_MS);
    await join(11);
    await approved();
    assert.equal((await rows())[0]?.pairs_in_group, 22);
    world.clock.advance(340 * DAY_MS);
    await join(11);
    assert.deepEqual(
      (await approved()).cohorts.map(({ number }) => number),
      [1, 2],
    );
    world.clock.advance(30 * DAY_MS);
    await join(11);
    assert.deepEqual(
      (await approved()).cohorts.map(({ number }) => number),
      [2, 3],
    );
    world.clock.time = then;
  });

  it("[RL13] the same release comes out again, of its cohorts and of the ledger at its date, whoever came since", async () => {
    const random = new Random(7);
    await join(13, () => random.below(7) + 1);
    const { id } = await approved();
    assert.deepEqual(await parts().reproduce(id), { files: true, counts: true });
    const [sample] = SAMPLE_STUDIES;
    const next = { ...sample, id: study, consent: { version: 2, texts: { en: "new words" } } };
    world.clock.advance(DAY_MS);
    await world.parts.studies.publish(parse(PublishStudy, next));
    assert.deepEqual(await parts().reproduce(id), { files: true, counts: true });
    await world.sql(
      `update research_contributions set body = jsonb_set(body, '{composites,CI}', '99') where study_id = $1`,
      [study],
    );
    assert.deepEqual(await parts().reproduce(id), { files: true, counts: false });
    world.clock.advance(-DAY_MS);
    await assert.rejects(world.sql("update research_release_files set bytes = ''"), /written once/);
  });

  it("[RL5] the report's alphas and means are those of the answers, of consented data alone, and nothing of fewer than 11", async () => {
    const random = new Random(5);
    const answers = Array.from({ length: 12 }, () => {
      const level = random.below(7) + 1;
      return new Map(ITEM_IDS.map((id) => [id, Math.min(7, Math.max(1, level + random.below(3) - 1))]));
    });
    await join(12, (id, person) => answers[person]?.get(id) ?? 4);
    const left = await world.adult();
    await world.assessed.completed(left, allOf(1));
    await approved();
    const [cohort] = Report.parse(JSON.parse(await read("report"))).cohorts;
    const codependency = cohort?.scales.find(({ scale }) => scale === "codependency");
    const items = ITEM_IDS.filter((id) => id.startsWith("CD"));
    const table = answers.map((own) => items.map((id) => own.get(id) ?? 0));
    assert.ok(codependency?.alpha);
    assert.equal(codependency.alpha, Math.round((cronbachAlpha(table) ?? 0) * 100) / 100);
    const scores = table.map((row) => Math.round(row.reduce((sum, value) => sum + (value - 1) / 6, 0) * 10));
    assert.equal(codependency.mean, Math.round(scores.reduce((sum, score) => sum + score, 0) / 12));
    assert.equal(cohort?.scales.find(({ scale }) => scale === "CI")?.alpha, null);
  });

  it("[RL14] what everybody is shown is of 30 released pairs or more, or nothing", async () => {
    const who = await world.adult();
    const insights = async () => (await world.parts.studies.look(who, study, "en")).insights;
    await join(29, () => 7);
    await approved();
    assert.equal(await insights(), null);
    await join(11, () => 7);
    assert.equal(await insights(), null);
    await approved();
    assert.deepEqual(await insights(), {
      ...{ pairs: 40, asOf: "2026-06-15", scores: { CI: 100, ARI: 100, TRS: 100 } },
    });
  });
});
