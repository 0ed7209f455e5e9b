import type { ReactElement } from "react";
import { usePresence } from "../../client/react.ts";
import type { AlertView } from "../../schema/wire/twintuition.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { clockTime } from "../times.ts";
import { ALERT_WORDS } from "./alert-words.ts";
import { useAlerts } from "./use-alerts.ts";

/** What the twin told, over the conversation, until it was looked at. */
export function AlertNote(): ReactElement {
  const { unseen, see } = useAlerts();
  const { twin } = usePresence();
  const [newest, ...others] = unseen;
  const name = plainText(twin?.name ?? "Your twin");
  return (
    <div className="told" role="status">
      {newest && (
        <p data-testid="alert">
          <Icon name="heart" />
          <span dir="auto">
            <b>{`${name} ${heardOf(newest)}`}</b>
            {newest.text !== null && ` ${plainText(newest.text)}`}
            <small>
              {clockTime(newest.sentAt)}
              {others.length > 0 && `, and ${others.length} more`}
            </small>
          </span>
          <button type="button" className="plain" onClick={see}>
            Seen
          </button>
        </p>
      )}
    </div>
  );
}

/** A kind that is newer than this page is told all the same. */
const heardOf = ({ kind }: AlertView): string => ALERT_WORDS[kind]?.heard ?? "tells you something";
