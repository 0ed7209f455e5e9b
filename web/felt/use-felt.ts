import { useCallback, useEffect, useState } from "react";
import { isForNow, type Refused } from "../../client/index.ts";
import { usePair } from "../../client/react.ts";
import type { MomentView } from "../../schema/wire/twintuition.ts";

/** As long as a press waits for another one, unless somebody has set it otherwise. */
const WAITS_MS = 30_000;

/** As long as a moment stays before one's eyes. */
const SHOWN_MS = 6000;

export interface Felt {
  /** Pressed, and not met by another press yet. */
  readonly isWaiting: boolean;
  /** Felt just now, by both. */
  readonly moment: MomentView | undefined;
  /** Why a press did not count. */
  readonly problem: string | undefined;
  /** With a word, if one likes. */
  readonly press: (feeling?: string) => void;
  /** A moment that came with the answer to something else. */
  readonly show: (moment: MomentView) => void;
  readonly close: () => void;
}

/** What the two feel: one's own press, a secret until it meets the twin's, and the moment that the two make. */
export function useFelt(): Felt {
  const { room } = usePair();
  const [isWaiting, setWaiting] = useState(false);
  const [moment, setMoment] = useState<MomentView>();
  const [problem, setProblem] = useState<string>();
  const show = useCallback((felt: MomentView) => {
    setWaiting(false);
    setMoment(felt);
  }, []);
  useEffect(() => room?.onMoment(show), [room, show]);
  const forget = useCallback(() => setWaiting(false), []);
  const close = useCallback(() => setMoment(undefined), []);
  useAfter(isWaiting, WAITS_MS, forget);
  useAfter(moment !== undefined, SHOWN_MS, close);
  const press = useCallback(
    (feeling?: string) => {
      if (!room) return;
      setProblem(undefined);
      setWaiting(true);
      room.press(feeling).then(
        (pressed) => pressed.moment && show(pressed.moment),
        (error: unknown) => {
          setWaiting(false);
          setProblem(wordsOf(error));
        },
      );
    },
    [room, show],
  );
  return { isWaiting, moment, problem, press, show, close };
}

function wordsOf(error: unknown): string {
  if (isForNow(error)) return "Nobody could be asked: what is felt now is said now, or not at all.";
  const { message }: Partial<Refused> = Object(error);
  return message ?? "That did not count.";
}

/** Does that once it has lasted for so long. */
function useAfter(isOn: boolean, ms: number, end: () => void): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const over = setTimeout(end, ms);
    return () => clearTimeout(over);
  }, [isOn, ms, end]);
}
