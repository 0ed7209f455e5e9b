import type { ReactElement } from "react";
import { usePresence } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { clockTime } from "../times.ts";
import { wordsOfKind } from "./alert-words.ts";
import { Strength } from "./strength.tsx";
import type { Alerts } from "./use-alerts.ts";

interface NoteProps {
  readonly alerts: Alerts;
  /** To where all of them stand. */
  readonly openAll: () => void;
}

/** What the twin told, over the conversation, until it was looked at. */
export function AlertNote({ alerts: { unseen, see }, openAll }: NoteProps): ReactElement {
  const { twin } = usePresence();
  const [newest, ...others] = unseen;
  const name = plainText(twin?.name ?? "Your twin");
  return (
    <div className="told" role="status">
      {newest && (
        <p data-testid="alert">
          <Icon name={wordsOfKind(newest.kind).icon} />
          <span dir="auto">
            <b>{`${name} ${wordsOfKind(newest.kind).heard}`}</b>
            {newest.text !== null && <q>{plainText(newest.text)}</q>}
            <small>
              {clockTime(newest.sentAt)}
              {newest.intensity !== null && <Strength of={newest.intensity} />}
            </small>
          </span>
          {others.length > 0 && (
            <button type="button" className="plain" onClick={openAll}>
              {`All ${unseen.length}`}
            </button>
          )}
          <button type="button" className="plain" onClick={see}>
            Seen
          </button>
        </p>
      )}
    </div>
  );
}
