import { contributions } from "../../domain/contributions.ts";
import { LIMITS } from "../../domain/limits.ts";
import { linksUnder } from "../../domain/links.ts";
import type { Caller } from "../../domain/ports.ts";
import { parse } from "../../domain/refusal.ts";
import { insightsOf, releases } from "../../domain/releases.ts";
import { secrets } from "../../domain/secrets.ts";
import { studies } from "../../domain/studies.ts";
import { studyConsents } from "../../domain/study-consents.ts";
import { studyIntake } from "../../domain/study-intake.ts";
import { studyNews } from "../../domain/study-news.ts";
import { pseudonymsOf, studyPeople } from "../../domain/study-people.ts";
import { studyRetention } from "../../domain/study-retention.ts";
import { studyWithdrawals } from "../../domain/study-withdrawals.ts";
import { telemetryTaking } from "../../domain/telemetry.ts";
import { unsubscribes } from "../../domain/unsubscribes.ts";
import { type Disposition, GiveConsent, PublishStudy, type StudyId } from "../../schema/wire/research.ts";
import { Telemetry } from "../../schema/wire/telemetry.ts";
import { databaseStudyRows } from "../../server/adapters/database/study-rows.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { parquetOf } from "../../server/adapters/releases/parquet.ts";
import { chance } from "../../server/chance.ts";
import { SAMPLE_STUDIES } from "../../server/sample-studies.ts";
import { AssessmentsWorld } from "./assessments-world.ts";
import { RecordedJobs, RecordedOutbox } from "./outbox.ts";

const SECRET = "for these tests only, and long enough";

export const AGREED = { data_collection: true, data_sharing: true };

const FROM = { ip: "203.0.113.77", locale: "en" } as const;

/** Studies on a real PostgreSQL, with time in the test's hands, and jobs done when a test says so. */
export class ResearchWorld {
  readonly assessed: AssessmentsWorld;
  readonly jobs = new RecordedJobs();
  readonly outbox = new RecordedOutbox();
  parts: ReturnType<ResearchWorld["withSecrets"]>;
  #studies = 0;

  private constructor(assessed: AssessmentsWorld) {
    this.assessed = assessed;
    this.parts = this.withSecrets([SECRET]);
  }

  static async open(): Promise<ResearchWorld> {
    const world = new ResearchWorld(await AssessmentsWorld.open());
    await world.sql("select make_message_months('2026-06-01', 24)");
    return world;
  }

  get clock() {
    return this.assessed.pairs.clock;
  }

  /** As a server has it that was started with these. */
  withSecrets(masters: readonly string[]) {
    const { database } = this.assessed.pairs.opened;
    const { clock, jobs } = this;
    const hidden = secrets(masters, chance);
    const people = studyPeople({ secrets: hidden, chance });
    const limits = memoryLimits(LIMITS);
    const links = linksUnder("https://twinship.test");
    const deps = { database, clock, chance, jobs, secrets: hidden, people, limits, rows: databaseStudyRows };
    const withdrawals = studyWithdrawals(deps);
    return {
      ...{ hidden, withdrawals },
      studies: studies({ ...deps, insightsOf }),
      releases: releases({ ...deps, parquetOf }),
      consents: studyConsents({ ...deps, withdrawals }),
      intake: studyIntake(deps),
      retention: studyRetention(deps),
      news: studyNews({ ...deps, outbox: this.outbox, unsubscribes: unsubscribes({ ...deps, links }) }),
      telemetry: telemetryTaking(deps),
      contributions: contributions(deps),
    };
  }

  rotateSecrets(): void {
    this.parts = this.withSecrets(["a newer one, and as long as it has to be", SECRET]);
  }

  sql = (text: string, values: unknown[] = []) => this.assessed.sql(text, values);

  /** A study of its own, that collects everything unless said otherwise. */
  async study(change: object = {}): Promise<StudyId> {
    const [sample] = SAMPLE_STUDIES;
    const number = String(++this.#studies).padStart(12, "0");
    const study = parse(PublishStudy, {
      ...sample,
      id: `5a3b1c70-0f5e-4c1d-8000-${number}`,
      collects: ["assessments", "messages", "twintuition", "telemetry"],
      ...change,
    });
    await this.parts.studies.publish(study);
    return study.id;
  }

  async adult(birthDate: string | null = "1990-08-23", twinType = "identical"): Promise<Caller> {
    const who = await this.assessed.person();
    await this.born(who, birthDate);
    await this.sql("update users set twin_type = $2 where id = $1", [who.userId, twinType]);
    return who;
  }

  born = ({ userId }: Caller, birthDate: string | null) =>
    this.sql("update users set birth_date = $2 where id = $1", [userId, birthDate]);

  async twins(): Promise<[Caller, Caller]> {
    const [ada, bea] = [await this.adult(), await this.adult()];
    await this.assessed.pairs.pairUp(ada, bea);
    return [ada, bea];
  }

  consent(who: Caller, id: StudyId, items: object = {}, consentVersion: unknown = "1") {
    const given = parse(GiveConsent, { consentItems: { ...AGREED, ...items }, consentVersion });
    return this.parts.consents.give(who, id, given, FROM);
  }

  withdraw(who: Caller, id: StudyId, disposition: Disposition = "delete") {
    return this.parts.consents.withdraw(who, id, { disposition }, FROM);
  }

  tell(who: Caller, body: unknown) {
    return this.parts.telemetry.take(who, parse(Telemetry, body));
  }

  event(change: object = {}) {
    const [timestamp, eventId] = [new Date(this.clock.now()).toISOString(), crypto.randomUUID()];
    return { eventId, eventType: "app_usage", timestamp, data: { screen: "chat", seconds: 30 }, ...change };
  }

  /** Does all that was put off. */
  async work(): Promise<void> {
    for (const { job } of this.jobs.jobs.splice(0)) {
      if (job.what === "research.intake") await this.parts.intake.intake(job.userId);
      if (job.what === "research.withdraw") await this.parts.withdrawals.finish(job.withdrawalId);
    }
  }

  /** By which a study knows them, or did. */
  async pseudonyms({ userId }: Caller, id: StudyId): Promise<readonly string[]> {
    const [row] = await this.sql("select salt from research_studies where id = $1", [id]);
    return pseudonymsOf(this.parts.hidden, { id, salt: String(row?.["salt"]) }, userId);
  }

  /** How many rows a study has, in all its tables of data. */
  async count(id: StudyId): Promise<readonly number[]> {
    const [row] = await this.sql(
      `select (select count(*)::int from research_participants where study_id = $1) as people,
        (select count(*)::int from research_contributions where study_id = $1) as given,
        (select count(*)::int from research_events where study_id = $1) as events`,
      [id],
    );
    return [Number(row?.["people"]), Number(row?.["given"]), Number(row?.["events"])];
  }

  close(): Promise<void> {
    return this.assessed.close();
  }
}
