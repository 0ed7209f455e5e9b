import type { ReactElement } from "react";
import { useTwintuition } from "../../client/react.ts";
import type { MomentView } from "../../schema/wire/twintuition.ts";
import { plainText } from "../plain-text.ts";
import type { Felt } from "./use-felt.ts";

/** Two that find each other, over everything for a moment; and its words for who does not see it. */
export function Moment({ felt }: { readonly felt: Felt }): ReactElement {
  const { moment, problem, close } = felt;
  return (
    <>
      {moment && (
        <button type="button" className="moment" onClick={close} data-testid="moment">
          <span className="meeting" aria-hidden="true">
            <i />
            <i />
          </span>
          <b>{titleOf(moment)}</b>
          <small>
            {wordsOf(moment)}
            <Today />
          </small>
        </button>
      )}
      <p className="unseen" role="status">
        {moment ? `${titleOf(moment)}. ${wordsOf(moment)}` : ""}
      </p>
      {problem && (
        <p className="offline" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

function Today(): ReactElement | null {
  const { momentsToday, momentsTotal } = useTwintuition();
  return momentsToday > 1 ? <span>{` ${momentsToday} moments today, ${momentsTotal} in all.`}</span> : null;
}

const titleOf = ({ dtMs, messageId }: MomentView): string => {
  if (messageId !== null) return "You both know those words";
  return dtMs !== null && dtMs < 1000 ? "In the same instant" : "You felt it, both";
};

function wordsOf({ dtMs, uncertaintyMs, confidence, feelings, sameFeeling, matchedPhrases }: MomentView): string {
  const said = feelings.map(({ feeling }) => plainText(feeling)).join(" and ");
  const words = said === "" ? "" : ` ${sameFeeling ? `Both said: ${said.split(" and ")[0]}.` : `${said}.`}`;
  if (dtMs === null) return `${matchedPhrases.map(plainText).join(", ")}.${words}`;
  const apart = (dtMs / 1000).toFixed(1);
  const sure = ((uncertaintyMs ?? 0) / 1000).toFixed(1);
  return `${apart} s apart, give or take ${sure} s; confidence ${Math.round(100 * confidence)} %.${words}`;
}
