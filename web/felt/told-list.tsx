import { type ReactElement, useEffect, useRef } from "react";
import { useSession } from "../../client/react.ts";
import type { AlertView } from "../../schema/wire/twintuition.ts";
import { Icon } from "../icons.tsx";
import { plainText } from "../plain-text.ts";
import { clockTime, dayOf } from "../times.ts";
import { wordsOfKind } from "./alert-words.ts";
import { Strength } from "./strength.tsx";
import type { Told } from "./use-told.ts";

interface ListProps {
  readonly told: Told;
  readonly name: string;
  /** Whoever opened this came for the newest of them. */
  readonly isSought: boolean;
}

/** What the two have told each other, the newest first; and whether it was seen. */
export function ToldList({ told, name, isSought }: ListProps): ReactElement | null {
  const { list, hasMore, more } = told;
  const head = useRef<HTMLHeadingElement>(null);
  const newest = list?.[0]?.id;
  useEffect(() => {
    if (!isSought || newest === undefined) return;
    head.current?.scrollIntoView();
    head.current?.focus({ preventScroll: true });
  }, [isSought, newest]);
  if (!list || list.length === 0) return null;
  return (
    <>
      <h4 ref={head} tabIndex={-1}>
        Told until now
      </h4>
      <ol className="told-list" data-testid="told">
        {list.map((alert) => (
          <Line key={alert.id} alert={alert} name={name} />
        ))}
      </ol>
      {hasMore && (
        <button type="button" className="plain" onClick={more}>
          Show earlier ones
        </button>
      )}
    </>
  );
}

function Line({ alert, name }: { readonly alert: AlertView; readonly name: string }): ReactElement {
  const { account } = useSession();
  const { kind, text, intensity, sentAt, seenAt } = alert;
  const isMine = alert.senderId === account?.id;
  const { said, heard, icon } = wordsOfKind(kind);
  const when = `${dayOf(sentAt, Date.now())}, ${clockTime(sentAt)}`;
  const seen = seenAt === null ? "not seen yet" : `seen ${clockTime(seenAt)}`;
  return (
    <li data-mine={isMine}>
      <span className="of-kind">
        <Icon name={icon} />
      </span>
      <div>
        <b>{isMine ? `You: ${said}` : `${name} ${heard}`}</b>
        {text !== null && <p dir="auto">{plainText(text)}</p>}
        <small>{isMine ? `${when}, ${seen}` : when}</small>
      </div>
      {intensity !== null && <Strength of={intensity} />}
    </li>
  );
}
