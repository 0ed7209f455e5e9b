import { type ReactElement, type ReactNode, useState } from "react";
import { useAssessment, usePresence } from "../client/react.ts";
import type { Answers } from "./assessment/answers.ts";
import { AssessmentPanel } from "./assessment/assessment-panel.tsx";
import { FaceRing } from "./assessment/face-ring.tsx";
import { FeltPanel } from "./felt/felt-panel.tsx";
import { TellPanel } from "./felt/tell-panel.tsx";
import type { Alerts } from "./felt/use-alerts.ts";
import type { Felt } from "./felt/use-felt.ts";
import { Icon } from "./icons.tsx";
import { useObserved } from "./observe.ts";
import type { PhoneDevice } from "./phone-device.ts";
import { plainText } from "./plain-text.ts";
import { Sheet } from "./sheet.tsx";

interface UsProps {
  readonly phone: PhoneDevice;
  readonly start: UsPart;
  readonly felt: Felt;
  readonly alerts: Alerts;
  readonly kept: Map<string, Answers>;
  readonly isTried: boolean;
  readonly close: () => void;
}

export type UsPart = "felt" | "tell" | "questions";

/** What the two have beside their words. */
export function UsSheet({ phone, start, felt, alerts, kept, isTried, close }: UsProps): ReactElement {
  const [part, setPart] = useState(start);
  const { twin } = usePresence();
  const { isInPocket } = useObserved(phone.now);
  const turn = (to: UsPart, words: ReactNode) => (
    <button type="button" aria-pressed={part === to} onClick={() => setPart(to)}>
      {words}
    </button>
  );
  return (
    <Sheet label="The two of you" close={close}>
      <div className="us">
        <Faces />
        <nav className="parts" aria-label="The two of you">
          {turn("felt", "What you feel")}
          {turn("tell", `Tell ${plainText(twin?.name ?? "your twin")}`)}
          {turn("questions", "The questions")}
        </nav>
        {part === "felt" && <FeltPanel felt={felt} close={close} />}
        {part === "tell" && <TellPanel {...{ felt, alerts, close }} isLooking={!isInPocket} />}
        {part === "questions" && <AssessmentPanel phone={phone} kept={kept} isTried={isTried} />}
        <button type="button" className="plain leave" onClick={close}>
          Done
        </button>
      </div>
    </Sheet>
  );
}

/** Both, and how far each is with the questions. */
function Faces(): ReactElement {
  const { me, twin } = usePresence();
  const { mine, twins } = useAssessment();
  return (
    <p className="faces">
      <span className="face" data-whose="mine">
        <span aria-hidden="true">{[...plainText(me?.name ?? "")][0]}</span>
        <FaceRing whose="You" progress={mine} />
      </span>
      <span className="face">
        <span aria-hidden="true">{[...plainText(twin?.name ?? "")][0]}</span>
        <FaceRing whose={plainText(twin?.name ?? "Your twin")} progress={twins} />
      </span>
    </p>
  );
}

export const UsButton = ({ open }: { readonly open: () => void }): ReactElement => (
  <button type="button" className="round" onClick={open} aria-label="The two of you" title="Moments, alerts, questions">
    <Icon name="heart" />
  </button>
);
