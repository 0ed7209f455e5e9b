import { assessments } from "../../domain/assessments.ts";
import { comparisons } from "../../domain/comparisons.ts";
import { consents } from "../../domain/consents.ts";
import type { Caller, Entitlements, Notices } from "../../domain/ports.ts";
import { parse, Refusal } from "../../domain/refusal.ts";
import { secrets } from "../../domain/secrets.ts";
import { AnswerAssessment, type AssessmentId, type ItemResponse, Respond } from "../../schema/wire/assessments.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { News } from "../../schema/wire/news.ts";
import { Entitlement } from "../../schema/wire/subscriptions.ts";
import { databaseAnswerSheets } from "../../server/adapters/database/answer-sheets.ts";
import { chance } from "../../server/chance.ts";
import { PairingWorld } from "./pairing-world.ts";

/** The code that something is refused with. */
export async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === "function" ? work() : work);
    return "not refused";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** Assessments on a real PostgreSQL, with time in the test's hands, and premium for whom a test says. */
export class AssessmentsWorld {
  readonly pairs: PairingWorld;
  readonly news: News[] = [];
  readonly premium = new Set<UserId>();
  /** Those who may not take as many as they like. */
  readonly limited = new Set<UserId>();
  readonly assessments: ReturnType<typeof assessments>;
  readonly consents: ReturnType<typeof consents>;
  readonly comparisons: ReturnType<typeof comparisons>;

  private constructor(pairs: PairingWorld) {
    this.pairs = pairs;
    const { database } = pairs.opened;
    const { clock } = pairs;
    const notices: Notices = { hear: (news) => void this.news.push(news) };
    const hidden = secrets(["for these tests only, and long enough"], chance);
    const entitlements: Entitlements = {
      of: async (userId) => {
        if (this.premium.has(userId)) return new Set(Entitlement.options);
        return new Set(this.limited.has(userId) ? [] : ["unlimited_assessments"]);
      },
    };
    const deps = { database, clock, chance, notices, secrets: hidden, entitlements };
    this.assessments = assessments({ ...deps, sheets: databaseAnswerSheets });
    this.consents = consents(deps);
    this.comparisons = comparisons(deps);
  }

  static async open(connections?: number): Promise<AssessmentsWorld> {
    return new AssessmentsWorld(await PairingWorld.open(connections));
  }

  sql = (text: string, values: unknown[] = []) => this.pairs.sql(text, values);

  person = (): Promise<Caller> => this.pairs.person();

  async twins(): Promise<[Caller, Caller]> {
    const [ada, bea] = [await this.person(), await this.person()];
    await this.pairs.pairUp(ada, bea);
    return [ada, bea];
  }

  async begun(who: Caller): Promise<AssessmentId> {
    return (await this.assessments.start(who)).session.id;
  }

  /** As over HTTP. */
  respond(who: Caller, id: AssessmentId, responses: readonly unknown[], isComplete = false) {
    return this.assessments.respond(who, id, parse(Respond, { responses, isComplete }), "en");
  }

  /** As in the room. */
  answer({ userId }: Caller, sessionId: AssessmentId, responses: readonly unknown[]) {
    return this.assessments.answer(userId, parse(AnswerAssessment, { sessionId, responses }));
  }

  async completed(who: Caller, responses: readonly ItemResponse[]): Promise<AssessmentId> {
    const id = await this.begun(who);
    await this.respond(who, id, responses, true);
    return id;
  }

  close(): Promise<void> {
    return this.pairs.close();
  }
}
