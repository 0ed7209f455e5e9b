import { type ReactElement, useCallback, useState } from "react";
import type { PairEvents } from "../../client/index.ts";
import { useTwinship } from "../../client/react.ts";
import { useFollow } from "../observe.ts";

/** What will not be done, for a reason a person should see; words that were not sent can be had back. */
export function Refusals({ restore }: { readonly restore: (text: string) => void }): ReactElement {
  const { chat } = useTwinship();
  const [refused, setRefused] = useState<PairEvents["refused"]>();
  useFollow(useCallback(() => chat.on("refused", setRefused), [chat]));
  const text = refused?.command.name === "chat.send" ? refused.command.payload.text : undefined;
  const takeBack = () => {
    if (text !== undefined) restore(text);
    setRefused(undefined);
  };
  return (
    <div className="refusals" role="alert">
      {refused && (
        <p>
          <span>{`Not done: ${refused.refusal.message}`}</span>
          <button type="button" className="plain" onClick={takeBack}>
            {text === undefined ? "All right" : "Write it again"}
          </button>
        </p>
      )}
    </div>
  );
}
