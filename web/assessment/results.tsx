import { type ReactElement, useEffect, useRef } from "react";
import { useSession } from "../../client/react.ts";
import type { BankView, Level, ResultsView } from "../../schema/wire/assessments.ts";
import { Bar } from "./bar.tsx";
import { COMPOSITES } from "./composites.ts";

interface ResultsProps {
  readonly bank: BankView;
  readonly results: ResultsView;
  readonly isTried: boolean;
}

/** What came of the answers: as much as one's subscription opens. */
export function Results({ bank, results, isTried }: ResultsProps): ReactElement {
  const { profile, composites, levels, warnings, answered, total } = results;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  return (
    <section className="results" aria-label="Your results" lang={bank.locale} data-testid="results">
      <h4 ref={title} tabIndex={-1}>
        {profile.name}
      </h4>
      <p>{profile.description}</p>
      <ul>
        {COMPOSITES.map(([id, name]) => (
          <li key={id}>
            <Bar name={name} score={composites[id] ?? null} note={levelWords(levels[id])} />
          </li>
        ))}
      </ul>
      {warnings.map(({ id, message }) => (
        <p key={id} className="soft">
          {message}
        </p>
      ))}
      <small className="soft">{`From ${answered} of ${total} answers. It is no test of health.`}</small>
      {results.access === "premium" ? <Whole bank={bank} results={results} /> : <Closed isTried={isTried} />}
    </section>
  );
}

function Whole({
  bank,
  results,
}: {
  readonly bank: BankView;
  readonly results: Extract<ResultsView, { access: "premium" }>;
}): ReactElement {
  const { subscales, recommendations } = results;
  return (
    <>
      <details data-testid="subscales">
        <summary>{`In ${bank.categories.length} parts`}</summary>
        <ul>
          {bank.categories.map(({ id, name }) => (
            <li key={id}>
              <Bar name={name} score={subscales[id] ?? null} />
            </li>
          ))}
        </ul>
      </details>
      {recommendations.length > 0 && (
        <details>
          <summary>What to try</summary>
          <ul>
            {recommendations.map(({ reason, title, why, experiment }) => (
              <li key={reason}>
                <b>{title}</b>
                <p>{why}</p>
                <p className="soft">{`${experiment.title}, ${experiment.duration}: ${experiment.instructions.join(" ")}`}</p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Closed({ isTried }: { readonly isTried: boolean }): ReactElement {
  const { account } = useSession();
  return (
    <p className="closed" lang="en">
      With premium: all parts, what to try, and a report to keep.
      {isTried && account && (
        <a href={`/dev/store?user=${encodeURIComponent(account.id)}`} target="_blank" rel="noreferrer">
          Switch it on in the store
        </a>
      )}
    </p>
  );
}

const levelWords = (level: Level | null | undefined): string => level?.replaceAll("_", " ") ?? "";
