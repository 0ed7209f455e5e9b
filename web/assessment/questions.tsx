import { type ReactElement, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { usePair, useSession } from "../../client/react.ts";
import type { BankView, ItemId } from "../../schema/wire/assessments.ts";
import { useObserved } from "../observe.ts";
import { Problem, useTrying } from "../trying.tsx";
import type { Answers } from "./answers.ts";
import { ENOUGH, sampleAnswers } from "./sample-answers.ts";

interface QuestionsProps {
  readonly bank: BankView;
  readonly answers: Answers;
  /** Whoever tries this out need not answer it all. */
  readonly isTried: boolean;
  readonly finish: () => Promise<void>;
}

/** One sentence at a time, from 1 to 7, by finger or by keyboard. */
export function Questions({ bank, answers, isTried, finish }: QuestionsProps): ReactElement {
  const { values } = useObserved(answers.now);
  const trying = useTrying();
  useSending(answers);
  return (
    <section className="questions" aria-label="The questions">
      <Progress answered={values.size} total={bank.items.length} />
      <Question bank={bank} answers={answers} values={values} />
      <Waiting answers={answers} />
      <div className="after">
        {values.size >= ENOUGH && (
          <button type="button" className="strong" disabled={trying.isTrying} onClick={() => trying.attempt(finish)}>
            See what comes of it
          </button>
        )}
        {isTried && values.size < ENOUGH && <AnswerForMe bank={bank} answers={answers} values={values} />}
        <Problem of={trying} />
      </div>
    </section>
  );
}

const Progress = ({ answered, total }: { readonly answered: number; readonly total: number }): ReactElement => (
  <p className="progress">
    <progress value={answered} max={total} aria-label="How far you are" />
    <small data-testid="answered">{`${answered} of ${total} answered; ${ENOUGH} are enough`}</small>
  </p>
);

interface QuestionProps {
  readonly bank: BankView;
  readonly answers: Answers;
  readonly values: ReadonlyMap<ItemId, number>;
}

function Question({ bank, answers, values }: QuestionProps): ReactElement {
  const { items, scale, locale } = bank;
  const { at, setAt, sinceShown } = usePlace(bank, values);
  const text = useRef<HTMLParagraphElement>(null);
  const item = items[at];
  const answer = (value: number) => {
    if (!item) return;
    answers.give([{ itemId: item.id, value, responseTimeMs: sinceShown() }]);
    setAt(at + 1);
  };
  useKeys(text, scale, answer);
  return (
    <div className="question">
      <p className="sentence" ref={text} tabIndex={-1} lang={locale} aria-live="polite" data-testid="sentence">
        {item?.text ?? "That was the last one."}
      </p>
      {item && <Scale bank={bank} value={values.get(item.id)} answer={answer} />}
      <p className="turns">
        <button type="button" className="plain" disabled={at === 0} onClick={() => setAt(at - 1)}>
          Back
        </button>
        <small>{`${Math.min(at + 1, items.length)} of ${items.length}`}</small>
        {item ? (
          <button type="button" className="plain" onClick={() => setAt(at + 1)}>
            Skip
          </button>
        ) : (
          <button type="button" className="plain" onClick={() => setAt(firstOpen(bank, values))}>
            To those left out
          </button>
        )}
      </p>
    </div>
  );
}

interface ScaleProps {
  readonly bank: BankView;
  readonly value: number | undefined;
  readonly answer: (value: number) => void;
}

const Scale = ({ bank: { scale, locale }, value, answer }: ScaleProps): ReactElement => (
  <fieldset className="scale" aria-label={`From ${scale.min} to ${scale.max}`} lang={locale}>
    {stepsOf(scale).map((step) => (
      <button
        key={step}
        type="button"
        aria-label={labelOf(step, scale)}
        aria-pressed={step === value}
        onClick={() => answer(step)}
      >
        {step}
      </button>
    ))}
    <small aria-hidden="true">{scale.minLabel}</small>
    <small aria-hidden="true">{scale.maxLabel}</small>
  </fieldset>
);

const stepsOf = ({ min, max }: BankView["scale"]): readonly number[] =>
  Array.from({ length: max - min + 1 }, (_, n) => min + n);

const labelOf = (value: number, { min, max, minLabel, maxLabel }: BankView["scale"]): string =>
  value === min ? `${value}, ${minLabel}` : value === max ? `${value}, ${maxLabel}` : String(value);

/** The place after all of them, if none is left. */
function firstOpen({ items }: BankView, values: ReadonlyMap<ItemId, number>): number {
  const open = items.findIndex(({ id }) => !values.has(id));
  return open < 0 ? items.length : open;
}

/** Which of them is shown, the first open one to begin with, and since when. */
function usePlace(bank: BankView, values: ReadonlyMap<ItemId, number>) {
  const [at, setAt] = useState(() => firstOpen(bank, values));
  const shownAt = useRef(0);
  // With each place it begins anew.
  useEffect(() => {
    shownAt.current = performance.now();
  }, [at]);
  const sinceShown = useCallback(() => Math.round(performance.now() - shownAt.current), []);
  return { at, setAt, sinceShown };
}

/** Digits answer, wherever on the sheet the keyboard is; it is there as soon as there is a question. */
function useKeys(text: RefObject<HTMLElement | null>, scale: BankView["scale"], answer: (value: number) => void): void {
  const answerNow = useRef(answer);
  answerNow.current = answer;
  useEffect(() => {
    text.current?.focus({ preventScroll: true });
    const sheet = text.current?.closest<HTMLElement>("[role=dialog]");
    const onKey = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      if (ctrlKey || metaKey || altKey || !stepsOf(scale).includes(Number(key))) return;
      answerNow.current(Number(key));
    };
    sheet?.addEventListener("keydown", onKey);
    return () => sheet?.removeEventListener("keydown", onKey);
  }, [text, scale]);
}

function AnswerForMe({ bank, answers, values }: QuestionProps): ReactElement {
  const { account } = useSession();
  const give = () => answers.give(sampleAnswers(bank, values, account?.id ?? ""));
  return (
    <button type="button" className="plain" onClick={give}>
      {`Answer ${ENOUGH} for me`}
    </button>
  );
}

function Waiting({ answers }: { readonly answers: Answers }): ReactElement {
  const { waiting, problem } = useObserved(answers.now);
  const { status } = usePair();
  const isLate = waiting > 0 && status !== "live";
  return (
    <p className="problem" role="status">
      {problem ?? (isLate ? `${waiting} not sent yet: no connection` : "")}
    </p>
  );
}

const AGAIN_MS = 2000;

/** In the room, where both see how far it is; again until it is acknowledged. */
function useSending(answers: Answers): void {
  const { room, status } = usePair();
  const { waiting } = useObserved(answers.now);
  useEffect(() => {
    if (!room || status !== "live" || waiting === 0) return undefined;
    const send = () => void answers.send((responses) => room.answerAssessment(answers.sessionId, responses));
    send();
    const again = setInterval(send, AGAIN_MS);
    return () => clearInterval(again);
  }, [answers, room, status, waiting]);
}
