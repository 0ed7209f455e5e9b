import { useCallback, useState } from "react";
import { Refused } from "./staff-server.ts";

/** What became of what was last asked for, in words for who asked. */
export interface Outcome {
  readonly isGood: boolean;
  readonly words: string;
}

export interface Doing {
  readonly isBusy: boolean;
  readonly outcome: Outcome | undefined;
  /** Does one thing at a time; what it says when it is done is shown, if it says anything. */
  readonly run: (work: () => Promise<string | undefined>) => Promise<void>;
}

/** One thing that is done at a time, and how it went. */
export function useDoing(): Doing {
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const run = useCallback(async (work: () => Promise<string | undefined>) => {
    setBusy(true);
    setOutcome(undefined);
    try {
      const words = await work();
      setOutcome(words === undefined ? undefined : { isGood: true, words });
    } catch (error) {
      setOutcome({ isGood: false, words: wordsOf(error) });
    } finally {
      setBusy(false);
    }
  }, []);
  return { isBusy, outcome, run };
}

const wordsOf = (error: unknown): string =>
  error instanceof Refused ? error.message : "The server cannot be reached: try again in a moment";
