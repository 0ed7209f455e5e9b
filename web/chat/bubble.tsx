import { type KeyboardEvent, memo, type ReactElement } from "react";
import type { ShownMessage } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { ShownMedia } from "../media/shown-media.tsx";
import { isPictures, plainText } from "../plain-text.ts";
import { clockTime } from "../times.ts";
import { Ticks } from "./ticks.tsx";
import type { Jump } from "./use-jump.ts";
import { wordsOf } from "./words-of.ts";

interface BubbleProps {
  readonly message: ShownMessage;
  /** Of several that stand together. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Where the keyboard comes in. */
  readonly isStop: boolean;
  /** What it answers; null if that is not loaded. */
  readonly answered: ShownMessage | null | undefined;
  readonly choose: (message: ShownMessage) => void;
  readonly jump: Jump;
  readonly walk: (event: KeyboardEvent<HTMLElement>) => void;
}

/** One message. Drawn again only if it changed: a history of thousands stays quick. */
export const Bubble = memo(function Bubble(props: BubbleProps): ReactElement {
  const { message, isFirst, isLast, isStop, choose, walk } = props;
  const isGone = message.deletedAt !== null;
  const isLarge = !isGone && message.type !== "location" && message.replyTo === null && isPictures(message.text ?? "");
  return (
    <li
      className="said"
      data-id={message.id}
      data-mine={message.isMine}
      data-first={isFirst}
      data-last={isLast}
      data-gone={isGone}
      data-large={isLarge}
      data-tick={message.tick}
    >
      <article className="bubble">
        <Quote {...props} />
        {message.media && !isGone ? (
          <ShownMedia
            media={message.media}
            isVoice={message.type === "voice"}
            from={message.isMine ? "you" : plainText(message.senderName)}
          />
        ) : (
          <p className="text" dir="auto">
            {wordsOf(message)}
          </p>
        )}
        <Foot message={message} isLast={isLast} />
        <button
          type="button"
          className="more"
          tabIndex={isStop ? 0 : -1}
          aria-label={`${message.isMine ? "You" : plainText(message.senderName)}: ${wordsOf(message)}. What to do with it`}
          onClick={() => choose(message)}
          onKeyDown={walk}
        >
          <Icon name="more" />
        </button>
      </article>
      <Reactions message={message} />
    </li>
  );
});

function Quote({ message, answered, jump }: BubbleProps): ReactElement | null {
  if (answered === undefined || message.deletedAt !== null) return null;
  if (answered === null) return <p className="quote">An earlier message</p>;
  const who = answered.isMine ? "You" : plainText(answered.senderName);
  return (
    <button type="button" className="quote" tabIndex={-1} onClick={() => jump({ id: answered.id, seq: answered.seq })}>
      <b>{who}</b>
      <span dir="auto">{wordsOf(answered)}</span>
    </button>
  );
}

function Foot({ message, isLast }: { readonly message: ShownMessage; readonly isLast: boolean }): ReactElement | null {
  const isTold = isLast || message.tick === "waiting" || message.editedAt !== null || message.pinned;
  if (!isTold && message.tick === undefined) return null;
  return (
    <p className="foot">
      {message.pinned && <Icon name="pin" />}
      {message.pinned && <span className="unseen">pinned</span>}
      {message.editedAt !== null && message.deletedAt === null && <span>edited</span>}
      <time dateTime={message.sentAt}>{clockTime(message.sentAt)}</time>
      <Ticks tick={message.tick} />
    </p>
  );
}

function Reactions({ message: { reactions } }: { readonly message: ShownMessage }): ReactElement | null {
  if (reactions.length === 0) return null;
  const byEmoji = new Map<string, number>();
  for (const { emoji } of reactions) byEmoji.set(emoji, (byEmoji.get(emoji) ?? 0) + 1);
  return (
    <ul className="reactions" aria-label="Reactions">
      {[...byEmoji].map(([emoji, count]) => (
        <li key={emoji}>
          {emoji}
          {count > 1 && <small>{count}</small>}
        </li>
      ))}
    </ul>
  );
}
