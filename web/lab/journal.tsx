import { type ReactElement, useEffect, useRef, useState } from "react";
import { usePair, useTwinship } from "../../client/react.ts";
import { accentOf } from "../accent.ts";
import { plainText } from "../plain-text.ts";
import { type JournalLine, journalOf } from "../server.ts";
import { exactTime } from "../times.ts";

/** A journal that is written quickly is read now and then. */
const PAUSE_MS = 400;

const WORDS: Readonly<Record<string, string>> = {
  "chat.message_sent": "wrote",
  "chat.message_edited": "changed a message",
  "chat.message_deleted": "deleted a message",
  "chat.message_hidden": "hid a message",
  "chat.reaction_changed": "reacted",
  "chat.pin_changed": "pinned or unpinned",
  "history.trimmed": "let go of what was too old",
  "twintuition.alert_sent": "sent an alert",
  "twintuition.moment_made": "saw that both felt it",
  "chat.nothing_changed": "asked for what was so already",
};

/** What happened between the two, in the order that nobody can change, without a word of what was said. */
export function Journal(): ReactElement {
  const lines = useJournal();
  return (
    <section className="card journal" aria-label="The journal">
      <h3>
        The journal
        <small>no words, only what happened</small>
      </h3>
      <ol aria-label="What happened, the newest first">
        {lines.map((line) => (
          <Line key={line.revision} line={line} />
        ))}
      </ol>
    </section>
  );
}

function Line({ line: { version, seq, type, by, at } }: { readonly line: JournalLine }): ReactElement {
  const { view } = usePair();
  const who = view?.members.find(({ userId }) => userId === by);
  return (
    <li {...accentOf(who?.accentColor, undefined)}>
      <b>{version}</b>
      <span>
        {`${plainText(who?.name ?? "The room")} ${WORDS[type] ?? type}`}
        {seq !== null && <small>{` no. ${seq}`}</small>}
      </span>
      <time dateTime={at}>{exactTime(at)}</time>
    </li>
  );
}

function useJournal(): readonly JournalLine[] {
  const twinship = useTwinship();
  const { version: own, status, view } = usePair();
  // What is no message is in the room's count before it is in a phone's.
  const version = Math.max(own, view?.version ?? 0);
  const [lines, setLines] = useState<readonly JournalLine[]>([]);
  const readAt = useRef(0);
  useEffect(() => {
    if (status !== "live" || version === 0) return undefined;
    const wait = Math.max(0, readAt.current + PAUSE_MS - performance.now());
    const soon = setTimeout(() => {
      readAt.current = performance.now();
      // With the next change it is read again.
      journalOf(twinship).then(setLines, () => undefined);
    }, wait);
    return () => clearTimeout(soon);
  }, [twinship, version, status]);
  return lines;
}
