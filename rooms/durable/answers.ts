import { type Ask, NotDone, type Place } from "./journal.ts";

export interface Answer extends Place {
  /** The command had taken effect before it was asked this time. */
  readonly duplicate: boolean;
}

interface Asked {
  readonly print: string;
  readonly answer: Promise<Answer>;
  readonly isSettled: boolean;
}

/** Repeats mostly follow within seconds; for later ones there is the journal. */
const KEPT = 64;

/** What has been asked lately, and what was or will be answered: whoever asks again, even while it is queued, gets the same. */
export class Answers {
  readonly #asked = new Map<string, Asked>();

  expect(ask: Ask, answer: Promise<Answer>): void {
    this.#asked.set(nameOf(ask), { print: ask.print, answer, isSettled: false });
  }

  /** The answer to an earlier asking, if there was one; it rejects if the same key then said something else. */
  again(ask: Ask): Promise<Answer> | undefined {
    const asked = this.#asked.get(nameOf(ask));
    return asked && repeated(asked, ask);
  }

  /** Moves it behind those still waiting, and lets the oldest settled ones go. */
  settled(ask: Ask): void {
    const asked = this.#asked.get(nameOf(ask));
    if (!asked) return;
    this.#asked.delete(nameOf(ask));
    this.#asked.set(nameOf(ask), { ...asked, isSettled: true });
    for (const [oldest, { isSettled }] of this.#asked) {
      if (!isSettled || this.#asked.size <= KEPT) return;
      this.#asked.delete(oldest);
    }
  }

  /** It was not done: whoever asks again asks anew. */
  forget(ask: Ask): void {
    this.#asked.delete(nameOf(ask));
  }
}

async function repeated({ print, answer }: Asked, ask: Ask): Promise<Answer> {
  if (print !== ask.print) throw new NotDone("reused");
  return { ...(await answer), duplicate: true };
}

const nameOf = ({ actor, key }: Ask): string => `${actor}/${key}`;

type Named = Pick<Ask, "actor" | "key">;

export const isOf =
  (ask: Named) =>
  ({ actor, key }: Named): boolean =>
    ask.actor === actor && ask.key === key;
