import { useCallback, useEffect, useState } from "react";
import { usePair, useSession, useTwinship } from "../../client/react.ts";
import { isRecord } from "../../client/wire.ts";
import type { AlertView } from "../../schema/wire/twintuition.ts";

/** Whoever was away is told of the last few. */
const MOST = 10;

export interface Alerts {
  /** Of the twin's, and not looked at yet; the newest first. */
  readonly unseen: readonly AlertView[];
  /** All of them were looked at. */
  readonly see: () => void;
}

/** What the twin told, now or while this phone was away. */
export function useAlerts(): Alerts {
  const { api } = useTwinship();
  const { account } = useSession();
  const { room, status } = usePair();
  const [unseen, setUnseen] = useState<readonly AlertView[]>([]);
  const me = account?.id;
  const isNews = useCallback(({ senderId, seen }: AlertView) => senderId !== me && !seen, [me]);

  useEffect(
    () => room?.onAlert((alert) => isNews(alert) && setUnseen((before) => merged([alert], before))),
    [room, isNews],
  );
  useEffect(() => {
    if (status !== "live") return undefined;
    let isOver = false;
    const show = (answer: Readonly<Record<string, unknown>>) => {
      if (!isOver) setUnseen((before) => merged(before, alertsIn(answer).filter(isNews)));
    };
    // The next connection asks again.
    api.call("GET", "/twintuition/alerts", { query: { limit: MOST } }).then(show, () => undefined);
    return () => {
      isOver = true;
    };
  }, [api, status, isNews]);

  const see = useCallback(() => {
    setUnseen([]);
    // One that nobody could be told of is shown again with the next connection.
    for (const { id } of unseen) void room?.seen(id).catch(() => undefined);
  }, [room, unseen]);
  return { unseen, see };
}

const merged = (newer: readonly AlertView[], older: readonly AlertView[]): readonly AlertView[] => [
  ...newer,
  ...older.filter(({ id }) => newer.every((one) => one.id !== id)),
];

/** What an answer has of them. */
export const alertsIn = ({ alerts }: Readonly<Record<string, unknown>>): readonly AlertView[] =>
  Array.isArray(alerts) ? alerts.filter(isAlert) : [];

const isAlert = (value: unknown): value is AlertView =>
  isRecord(value) && typeof value["id"] === "string" && typeof value["kind"] === "string";
