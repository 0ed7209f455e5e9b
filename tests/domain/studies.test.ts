import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parse } from "../../domain/refusal.ts";
import { Listed } from "../../schema/wire/lists.ts";
import { PublishStudy, StudyId } from "../../schema/wire/research.ts";
import { SAMPLE_STUDIES } from "../../server/sample-studies.ts";
import { codeOf } from "../support/assessments-world.ts";
import { ResearchWorld } from "../support/research-world.ts";

describe("studies", function () {
  this.timeout(60_000);
  let world: ResearchWorld;
  before(async () => {
    world = await ResearchWorld.open();
  });
  after(() => world.close());

  const found = async (q?: string) => {
    const who = await world.adult();
    const { items } = await world.parts.studies.list(who, { ...Listed.parse({}), ...(q !== undefined && { q }) }, "en");
    return items.map(({ title }) => title);
  };

  it("[RH1] the two samples are published once however often, and found by all words that are asked for, in any language", async () => {
    for (const study of SAMPLE_STUDIES) assert.equal(await world.parts.studies.publish(study), "new");
    for (const study of SAMPLE_STUDIES) assert.equal(await world.parts.studies.publish(study), "same");
    const [closeness, rhythms] = ["Closeness and independence of twins", "Rhythms of keeping in touch"];
    assert.deepEqual(await found(), [closeness, rhythms]);
    assert.deepEqual(await found("rhythm"), [rhythms]);
    assert.deepEqual(await found("RHYTHMEN zwilling"), [rhythms]);
    assert.deepEqual(await found("gemelo independencia"), [closeness]);
    assert.deepEqual(await found("closeness rhythms"), []);
    for (const odd of ["& | ! ( <->", "'; drop table research_studies; --", "closeness:*", "\\", "*"])
      assert.ok(Array.isArray(await found(odd)), odd);
  });

  it("[RH2] a study shows the words that are agreed to, in the reader's language, with their hash", async () => {
    const [sample] = SAMPLE_STUDIES;
    assert.ok(sample);
    const who = await world.adult();
    const study = await world.parts.studies.look(who, sample.id, "de");
    assert.equal(study.title, "Nähe und Eigenständigkeit von Zwillingen");
    assert.equal(study.consent.text, sample.consent.texts.de);
    assert.equal(study.consent.hash, createHash("sha256").update(study.consent.text).digest("hex"));
    assert.deepEqual(study.consent.requiredItems, ["data_collection", "data_sharing"]);
    assert.deepEqual(study.consent.optionalItems, ["long_term_storage", "contact_followup"]);
    assert.deepEqual([study.consentVersion, study.participation, study.insights], ["1", "none", null]);
    assert.deepEqual(study.eligibility, { minimumAge: 18, bothTwinsNeeded: false });
    const nowhere = StudyId.parse(crypto.randomUUID());
    assert.equal(await codeOf(world.parts.studies.look(who, nowhere, "en")), "NOT_FOUND");
  });

  it("[RH3] words that are out are never changed: other words are a new version, and no version comes back", async () => {
    const [sample] = SAMPLE_STUDIES;
    const id = "5a3b1c70-0f5e-4c1d-8000-00000000aaaa";
    const of = (version: number, en: string) =>
      parse(PublishStudy, { ...sample, id, consent: { version, texts: { en } } });
    assert.equal(await world.parts.studies.publish(of(1, "first words")), "new");
    assert.equal(await codeOf(world.parts.studies.publish(of(1, "other words"))), "CONFLICT");
    assert.equal(await world.parts.studies.publish(of(2, "other words")), "changed");
    assert.equal(await codeOf(world.parts.studies.publish(of(1, "first words"))), "CONFLICT");
    await assert.rejects(
      world.sql("update research_documents set text = 'x' where study_id = $1", [id]),
      /written once/,
    );
    await assert.rejects(world.sql("delete from research_documents where study_id = $1", [id]), /written once/);
  });
});
