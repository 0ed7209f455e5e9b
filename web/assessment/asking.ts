import { NoAnswer, type Reply, type Twinship } from "../../client/index.ts";
import { isRecord } from "../../client/wire.ts";
import type { ComparisonView } from "../../schema/wire/assessment-comparison.ts";
import type {
  AssessmentId,
  AssessmentView,
  BankView,
  ItemResponse,
  ResultsView,
} from "../../schema/wire/assessments.ts";

type Asked = Pick<Twinship, "api">;

/** The newest, if there is one. */
export async function newestOf({ api }: Asked): Promise<AssessmentView | undefined> {
  const { assessments } = await api.call("GET", "/assessments", { query: { limit: 1 } });
  return Array.isArray(assessments) ? assessments.find(isAssessment) : undefined;
}

export const begin = async ({ api }: Asked): Promise<AssessmentView> =>
  viewIn(await api.call("POST", "/assessments", { body: {} }), "session", isAssessment);

export const bankOf = async ({ api }: Asked): Promise<BankView> =>
  viewIn(await api.call("GET", "/assessments/items"), "bank", isBank);

export async function complete({ api }: Asked, id: AssessmentId, responses: readonly ItemResponse[]): Promise<void> {
  await api.call("POST", `/assessments/${id}/responses`, { body: { responses, isComplete: true } });
}

export const resultsOf = async ({ api }: Asked, id: AssessmentId): Promise<ResultsView> =>
  viewIn(await api.call("GET", `/assessments/${id}/results`), "results", isByAccess<ResultsView>);

export const comparisonOf = async ({ api }: Asked): Promise<ComparisonView> =>
  viewIn(await api.call("GET", "/assessments/pair"), "comparison", isByAccess<ComparisonView>);

/** Whether one's results may be compared with the twin's. */
export async function isAgreed({ api }: Asked): Promise<boolean> {
  return agreedIn(await api.call("GET", "/users/consents"));
}

export async function agree({ api }: Asked, twinDataMerging: boolean): Promise<boolean> {
  return agreedIn(await api.call("PUT", "/users/consents", { body: { twinDataMerging } }));
}

function agreedIn({ consents }: Reply): boolean {
  return isRecord(consents) && consents["twinDataMerging"] === true;
}

function viewIn<T>(reply: Reply, name: string, isIt: (value: unknown) => value is T): T {
  const value = reply[name];
  if (!isIt(value)) throw new NoAnswer(`An answer without ${name}`);
  return value;
}

const isAssessment = (value: unknown): value is AssessmentView =>
  isRecord(value) && typeof value["id"] === "string" && Array.isArray(value["responses"]);

const isBank = (value: unknown): value is BankView =>
  isRecord(value) && Array.isArray(value["items"]) && Array.isArray(value["categories"]);

const isByAccess = <T extends { readonly access: "free" | "premium" }>(value: unknown): value is T =>
  isRecord(value) && (value["access"] === "free" || value["access"] === "premium");
