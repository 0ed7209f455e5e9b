import type { ReactElement } from "react";
import type { PhoneDevice } from "../phone-device.ts";
import { Problem, useTrying } from "../trying.tsx";
import type { Answers } from "./answers.ts";
import { Comparison } from "./comparison.tsx";
import { Questions } from "./questions.tsx";
import { ReportButton } from "./report-button.tsx";
import { Results } from "./results.tsx";
import { type Questionnaire, useQuestionnaire } from "./use-questionnaire.ts";

interface PanelProps {
  readonly phone: PhoneDevice;
  readonly kept: Map<string, Answers>;
  readonly isTried: boolean;
}

/** The questions, from the first of them to what came of all. */
export function AssessmentPanel({ phone, kept, isTried }: PanelProps): ReactElement {
  const questionnaire = useQuestionnaire(kept);
  const { stage, finish, look } = questionnaire;
  switch (stage.at) {
    case "asking":
      return <Asking problem={stage.problem} look={look} />;
    case "beginning":
      return <Beginning questionnaire={questionnaire} />;
    case "answering":
      return <Questions bank={stage.bank} answers={stage.answers} isTried={isTried} finish={finish} />;
    case "done":
      return (
        <>
          <Results bank={stage.bank} results={stage.results} isTried={isTried} />
          {stage.results.access === "premium" && <ReportButton id={stage.session.id} phone={phone} />}
          <Comparison />
        </>
      );
  }
}

const Asking = ({ problem, look }: { readonly problem: string | undefined; readonly look: () => void }) => (
  <p className="soft" role="status">
    {problem ?? "One moment …"}
    {problem !== undefined && (
      <button type="button" className="plain" onClick={look}>
        Try again
      </button>
    )}
  </p>
);

function Beginning({ questionnaire }: { readonly questionnaire: Questionnaire }): ReactElement {
  const trying = useTrying();
  return (
    <section className="questions" aria-label="The questions">
      <p>
        150 short sentences about being a twin, and about you. Any of them may be skipped; 105 answers are enough. Your
        twin sees how far you are, and none of your answers.
      </p>
      <button
        type="button"
        className="strong"
        disabled={trying.isTrying}
        onClick={() => trying.attempt(questionnaire.begin)}
      >
        Begin
      </button>
      <Problem of={trying} />
    </section>
  );
}
