import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from "react";
import { isForNow } from "../../client/index.ts";
import { usePair } from "../../client/react.ts";
import type { SearchPage } from "../../schema/wire/chat.ts";
import { Icon } from "../icons.tsx";
import { piecesOf, plainText } from "../plain-text.ts";
import { clockTime, dayOf } from "../times.ts";
import type { Jump } from "./use-jump.ts";

/** Whoever types is not asked about every letter. */
const PAUSE_MS = 180;

type Hit = SearchPage["hits"][number];

interface Found {
  readonly hits: readonly Hit[];
  readonly nextCursor: string | null;
  readonly problem: string | undefined;
}

const NOTHING: Found = { hits: [], nextCursor: null, problem: undefined };

/** All words, in any script; what is found leads to where it was said. */
export function Search({ close, jump }: { readonly close: () => void; readonly jump: Jump }): ReactElement {
  const [q, setQ] = useState("");
  const { found, more } = useSearch(q);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
  };
  const go = ({ message }: Hit) => {
    close();
    jump(message);
  };
  return (
    <search className="search" onKeyDown={onKey}>
      <div className="line">
        <Icon name="search" />
        <input
          ref={box}
          type="search"
          value={q}
          onChange={(event) => setQ(event.target.value)}
          placeholder="Search"
          aria-label="Search the conversation"
          maxLength={200}
        />
        <button type="button" className="plain" onClick={close}>
          Done
        </button>
      </div>
      <p className="soft" role="status">
        {found?.problem ?? (found && q.trim() !== "" ? countOf(found) : "")}
      </p>
      <ol className="hits">
        {found?.hits.map((hit) => (
          <li key={hit.message.id}>
            <HitButton hit={hit} go={() => go(hit)} />
          </li>
        ))}
      </ol>
      {found?.nextCursor && (
        <button type="button" className="plain" onClick={more}>
          Show more
        </button>
      )}
    </search>
  );
}

const countOf = ({ hits: { length }, nextCursor }: Found): string =>
  length === 0 ? `Nothing found${nextCursor ? " so far" : ""}` : `${length}${nextCursor ? " and more" : ""} found`;

function HitButton({ hit: { message, highlight }, go }: { readonly hit: Hit; readonly go: () => void }): ReactElement {
  return (
    <button type="button" onClick={go}>
      <small>
        <b>{plainText(message.senderName)}</b>
        {` ${dayOf(message.sentAt, Date.now())}, ${clockTime(message.sentAt)}`}
      </small>
      <span dir="auto">
        {piecesOf(highlight).map(({ text, isFound }, n) =>
          // Pieces have no name but their place, and are all made anew when any of them changes.
          isFound ? <mark key={`${n} ${text}`}>{text}</mark> : <span key={`${n} ${text}`}>{text}</span>,
        )}
      </span>
    </button>
  );
}

function useSearch(q: string) {
  const { room } = usePair();
  const [found, setFound] = useState<Found>();
  const asked = useRef(0);
  const ask = async (cursor?: string) => {
    const turn = ++asked.current;
    const before = cursor === undefined ? [] : (found?.hits ?? []);
    try {
      const page = await room?.search(q.trim(), cursor === undefined ? {} : { cursor });
      if (turn === asked.current && page) setFound({ ...page, hits: [...before, ...page.hits], problem: undefined });
    } catch (error) {
      if (turn === asked.current) setFound({ ...NOTHING, problem: problemOf(error) });
    }
  };
  const askNow = useRef(ask);
  askNow.current = ask;
  useEffect(() => {
    asked.current += 1;
    if (q.trim() === "") return setFound(undefined);
    const soon = setTimeout(() => void askNow.current(), PAUSE_MS);
    return () => clearTimeout(soon);
  }, [q]);
  return { found, more: () => void ask(found?.nextCursor ?? undefined) };
}

const problemOf = (error: unknown): string =>
  isForNow(error) ? "Searching needs a connection" : error instanceof Error ? error.message : String(error);
