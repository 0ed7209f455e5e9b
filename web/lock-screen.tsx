import { type ReactElement, useCallback, useState } from "react";
import { usePair, usePresence, useSession, useTwinship } from "../client/react.ts";
import { useFollow } from "./observe.ts";
import type { PhoneDevice } from "./phone-device.ts";
import { plainText } from "./plain-text.ts";
import { clockTime } from "./times.ts";

/** A phone that was put away: it says that something came, and from whom, and none of the words. */
export function LockScreen({
  phone,
  isShown,
}: {
  readonly phone: PhoneDevice;
  readonly isShown: boolean;
}): ReactElement | null {
  const { chat, session } = useTwinship();
  const { twin } = usePresence();
  const told = useToldOf(isShown);
  const [news, setNews] = useState<{ readonly count: number; readonly at: string } | undefined>();
  const follow = useCallback(() => {
    setNews(undefined);
    if (!isShown) return () => undefined;
    return chat.on("message", (message) => {
      if ("hidden" in message || message.senderId === session.account?.id) return;
      setNews((before) => ({ count: (before?.count ?? 0) + 1, at: message.sentAt }));
    });
  }, [chat, session, isShown]);
  useFollow(follow);
  if (!isShown) return null;
  return (
    <div className="lock">
      <p className="hour">{clockTime(news?.at ?? new Date().toISOString())}</p>
      <div role="status">
        {told && (
          <p className="note">
            <b>{plainText(twin?.name ?? "Your twin")}</b>
            wants you to know something
          </p>
        )}
        {news && (
          <p className="note">
            <b>{plainText(twin?.name ?? "Your twin")}</b>
            {news.count === 1 ? "sent you a message" : `sent you ${news.count} messages`}
          </p>
        )}
      </div>
      <button type="button" className="plain" onClick={() => phone.setPocket(false)}>
        Take it out
      </button>
    </div>
  );
}

/** Whether there was an alert since it was put away. */
function useToldOf(isShown: boolean): boolean {
  const { room } = usePair();
  const { account } = useSession();
  const [isTold, setTold] = useState(false);
  const me = account?.id;
  const follow = useCallback(() => {
    setTold(false);
    if (!isShown || !room) return () => undefined;
    return room.onAlert(({ senderId }) => senderId !== me && setTold(true));
  }, [room, me, isShown]);
  useFollow(follow);
  return isTold;
}
