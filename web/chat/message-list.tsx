import {
  Fragment,
  type KeyboardEvent,
  type ReactElement,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { type ShownMessage, useMessages, usePair, usePresence } from "../../client/react.ts";
import { Icon } from "../icons.tsx";
import { dayOf, isSameDay } from "../times.ts";
import { Bubble } from "./bubble.tsx";
import type { Jump } from "./use-jump.ts";

interface MessageListProps {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly byId: ReadonlyMap<string, ShownMessage>;
  readonly choose: (message: ShownMessage) => void;
  readonly jump: Jump;
  /** Somebody looks at it. */
  readonly isLooking: boolean;
}

/** As near to the end counts as being there. */
const NEAR_PX = 60;

/** Older ones are asked for before the beginning comes into sight. */
const AHEAD_PX = 600;

/** What one says within that time stands together. */
const TOGETHER_MS = 180_000;

export function MessageList({ scroller, byId, choose, jump, isLooking }: MessageListProps): ReactElement {
  const { messages, hasMore, isLoading, loadOlder } = useMessages();
  const { twin } = usePresence();
  const isAtEnd = useStaying(scroller, messages, twin?.typing ?? false);
  useReading(messages, isLooking && isAtEnd.is && isAtEnd.isInSight);
  const reachBack = useCallback(() => {
    const { current } = scroller;
    if (current && current.scrollTop < AHEAD_PX && hasMore && !isLoading) void loadOlder().catch(() => undefined);
  }, [scroller, hasMore, isLoading, loadOlder]);
  useEffect(reachBack, [reachBack]);

  return (
    <div className="scroller">
      {/* Its content can be reached by keyboard: each message is a stop for the arrows. */}
      <div
        className="messages"
        ref={scroller}
        role="log"
        aria-label="Messages"
        onScroll={() => {
          isAtEnd.look();
          reachBack();
        }}
      >
        <p className="beginning" aria-hidden={hasMore}>
          {hasMore ? "…" : "This is where it begins."}
        </p>
        <ol>
          {messages.map((message, n) => (
            <Fragment key={keyOf(message)}>
              <DayBefore message={message} before={messages[n - 1]} />
              <Bubble
                message={message}
                isFirst={!isTogether(messages[n - 1], message)}
                isLast={!isTogether(message, messages[n + 1])}
                isStop={n === messages.length - 1}
                answered={message.replyTo === null ? undefined : (byId.get(message.replyTo) ?? null)}
                choose={choose}
                jump={jump}
                walk={walk}
              />
            </Fragment>
          ))}
        </ol>
        {twin?.typing && <Typing />}
      </div>
      {!isAtEnd.is && (
        <button type="button" className="to-end" onClick={isAtEnd.go} aria-label="To the newest message">
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

/** The same before and after it was answered, so that it stays where it is. */
const keyOf = ({ senderId, key }: ShownMessage): string => `${senderId} ${key}`;

const isTogether = (one: ShownMessage | undefined, other: ShownMessage | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.senderId === other.senderId &&
  isSameDay(one.sentAt, other.sentAt) &&
  Date.parse(other.sentAt) - Date.parse(one.sentAt) < TOGETHER_MS;

function DayBefore({
  message,
  before,
}: {
  readonly message: ShownMessage;
  readonly before: ShownMessage | undefined;
}): ReactElement | null {
  if (before && isSameDay(before.sentAt, message.sentAt)) return null;
  return <li className="day">{dayOf(message.sentAt, Date.now())}</li>;
}

const Typing = (): ReactElement => (
  <p className="typing" data-testid="typing">
    <span className="unseen">typing</span>
    <i />
    <i />
    <i />
  </p>
);

/** Arrows go from message to message. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step === undefined) return;
  const stops = [...(event.currentTarget.closest("ol")?.querySelectorAll("button.more") ?? [])];
  const next = stops[stops.indexOf(event.currentTarget) + step];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}

/** Whoever is at the end stays there; whoever reads further up stays where they are, whatever is put before or after. */
function useStaying(scroller: RefObject<HTMLDivElement | null>, messages: readonly ShownMessage[], isTyping: boolean) {
  const [is, setIs] = useState(true);
  const [isInSight, setInSight] = useState(false);
  const stays = useRef(true);
  const before = useRef({ first: "", height: 0 });
  const go = useCallback(() => {
    const { current } = scroller;
    if (current) current.scrollTop = current.scrollHeight;
  }, [scroller]);
  const look = useCallback(() => {
    const { current } = scroller;
    if (!current) return;
    stays.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
    setIs(stays.current);
  }, [scroller]);
  const first = messages[0] ? keyOf(messages[0]) : "";
  const last = messages.at(-1);
  // What one says oneself one wants to see.
  if (last && last.messageId === undefined) stays.current = true;
  useLayoutEffect(() => {
    const { current } = scroller;
    if (!current) return;
    const was = before.current;
    if (stays.current) current.scrollTop = current.scrollHeight;
    else if (was.first !== "" && was.first !== first) current.scrollTop += current.scrollHeight - was.height;
    before.current = { first, height: current.scrollHeight };
  }, [scroller, first, messages, isTyping]);
  useEffect(() => {
    const { current } = scroller;
    if (!current) return undefined;
    const resized = new ResizeObserver(() => {
      // On a small screen the other phone takes its place.
      setInSight(current.clientHeight > 0);
      if (stays.current) go();
    });
    resized.observe(current);
    return () => resized.disconnect();
  }, [scroller, go]);
  return { is, isInSight, look, go };
}

/** What is on the screen of who looks at it is read. */
function useReading(messages: readonly ShownMessage[], isRead: boolean): void {
  const { room } = usePair();
  const lastSeq = messages.findLast(({ seq }) => seq > 0)?.seq ?? 0;
  useEffect(() => {
    const read = () => {
      if (isRead && document.visibilityState === "visible" && room && lastSeq > room.readSeq) room.read(lastSeq);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [room, lastSeq, isRead]);
}
