import { type ReactElement, useCallback, useEffect, useState } from "react";
import { useAssessment, usePresence, useTwinship } from "../../client/react.ts";
import type { ComparisonView } from "../../schema/wire/assessment-comparison.ts";
import { plainText } from "../plain-text.ts";
import { agree, comparisonOf, isAgreed } from "./asking.ts";
import { Bar } from "./bar.tsx";
import { COMPOSITES } from "./composites.ts";
import { problemOf } from "./use-questionnaire.ts";

/** Two twins' results side by side, as long as both want that. */
export function Comparison(): ReactElement {
  const { twin } = usePresence();
  const { isGiven, comparison, problem, give, look } = useComparison();
  const name = plainText(twin?.name ?? "your twin");
  return (
    <section className="comparison" aria-label={`You and ${name}`} data-testid="comparison">
      <h4>{`You and ${name}`}</h4>
      <label>
        <input type="checkbox" checked={isGiven === true} onChange={({ target }) => give(target.checked)} />
        {`My results may be compared with ${name}’s`}
      </label>
      {comparison && <Compared comparison={comparison} />}
      {isGiven && !comparison && problem === undefined && <p className="soft">One moment …</p>}
      {problem !== undefined && (
        <p className="soft" role="status">
          {problem}
          <button type="button" className="plain" onClick={look}>
            Look again
          </button>
        </p>
      )}
    </section>
  );
}

function Compared({ comparison }: { readonly comparison: ComparisonView }): ReactElement {
  return (
    <>
      <p className="alike">
        <b data-testid="compatibility">{comparison.compatibility}</b>
        <span>of 100: how alike you answer</span>
      </p>
      {comparison.access === "premium" && <Side comparison={comparison} />}
    </>
  );
}

type Whole = Extract<ComparisonView, { access: "premium" }>;

function Side({ comparison: { composites, categories, strengths, growth, risks } }: { readonly comparison: Whole }) {
  const names = new Map<string, string>(COMPOSITES);
  const told = [...strengths, ...growth, ...risks].map(({ message }) => message);
  return (
    <>
      <ul>
        {composites.map(({ id, yours, twins }) => (
          <li key={id}>
            <Bar name={names.get(id) ?? id} score={yours} other={twins} />
          </li>
        ))}
      </ul>
      <details>
        <summary>{`In ${categories.length} parts`}</summary>
        <ul>
          {categories.map(({ id, name, yours, twins }) => (
            <li key={id}>
              <Bar name={name} score={yours} other={twins} />
            </li>
          ))}
        </ul>
      </details>
      {told.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </>
  );
}

/** Asked anew when the twin gets further, and when somebody wants to know. */
function useComparison() {
  const twinship = useTwinship();
  const { twins } = useAssessment();
  const [isHeld, setHeld] = useState<boolean>();
  const [isWanted, setWanted] = useState<boolean>();
  const [comparison, setComparison] = useState<ComparisonView>();
  const [problem, setProblem] = useState<string>();
  const look = useCallback(() => {
    setProblem(undefined);
    comparisonOf(twinship).then(setComparison, (error: unknown) => {
      setComparison(undefined);
      setProblem(problemOf(error));
    });
  }, [twinship]);
  const give = useCallback(
    (isIn: boolean) => {
      setProblem(undefined);
      setComparison(undefined);
      setWanted(isIn);
      agree(twinship, isIn)
        .then(setHeld, (error: unknown) => setProblem(problemOf(error)))
        .finally(() => setWanted(undefined));
    },
    [twinship],
  );
  useEffect(() => {
    isAgreed(twinship).then(setHeld, (error: unknown) => setProblem(problemOf(error)));
  }, [twinship]);
  const status = twins?.status;
  // How far the twin is tells when to look again.
  useEffect(() => {
    if (isHeld) look();
  }, [isHeld, look, status]);
  useEffect(
    () => twinship.chat.on("other", ({ event }) => event === "subscription.changed" && isHeld && look()),
    [twinship, isHeld, look],
  );
  return { isGiven: isWanted ?? isHeld, comparison, problem, give, look };
}
