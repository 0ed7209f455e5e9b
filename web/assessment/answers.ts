import { isForNow } from "../../client/index.ts";
import { Observed } from "../../client/observed.ts";
import type { AssessmentId, AssessmentView, ItemId, ItemResponse } from "../../schema/wire/assessments.ts";

export interface AnswersNow {
  /** The last answer to each item. */
  readonly values: ReadonlyMap<ItemId, number>;
  /** How many the server has not acknowledged. */
  readonly waiting: number;
  /** Why they were not taken. */
  readonly problem: string | undefined;
}

/** One person's answers on this phone, drawn at once; what was not acknowledged is said again, which changes nothing. */
export class Answers {
  readonly sessionId: AssessmentId;
  readonly now: Observed<AnswersNow>;
  readonly #unsent = new Map<ItemId, ItemResponse>();
  #values: ReadonlyMap<ItemId, number>;
  #problem: string | undefined;
  #isSending = false;

  constructor({ id, responses }: AssessmentView) {
    this.sessionId = id;
    this.#values = valuesOf(responses);
    this.now = new Observed<AnswersNow>(
      () => ({ values: this.#values, waiting: this.#unsent.size, problem: this.#problem }),
      () => () => undefined,
    );
  }

  get unsent(): readonly ItemResponse[] {
    return [...this.#unsent.values()];
  }

  give(responses: readonly ItemResponse[]): void {
    this.#values = new Map([...this.#values, ...valuesOf(responses)]);
    for (const response of responses) this.#unsent.set(response.itemId, response);
    this.now.changed();
  }

  /** What the server has by now, from other devices as well; what waits here is newer. */
  learn({ responses }: AssessmentView): void {
    this.#values = new Map([...valuesOf(responses), ...valuesOf(this.unsent)]);
    this.now.changed();
  }

  async send(say: (responses: readonly ItemResponse[]) => Promise<unknown>): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#unsent.size > 0) {
        const batch = this.unsent;
        await say(batch);
        this.#acknowledge(batch);
      }
    } catch (error) {
      if (!isForNow(error)) this.#problem = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isSending = false;
      this.now.changed();
    }
  }

  #acknowledge(batch: readonly ItemResponse[]): void {
    // It may have been answered again meanwhile.
    for (const response of batch)
      if (this.#unsent.get(response.itemId) === response) this.#unsent.delete(response.itemId);
    this.#problem = undefined;
    this.now.changed();
  }
}

const valuesOf = (responses: readonly Pick<ItemResponse, "itemId" | "value">[]): ReadonlyMap<ItemId, number> =>
  new Map(responses.map(({ itemId, value }) => [itemId, value]));
