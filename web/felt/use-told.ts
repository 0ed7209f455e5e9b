import { useCallback, useEffect, useState } from "react";
import { usePair, useTwinship } from "../../client/react.ts";
import type { AlertView } from "../../schema/wire/twintuition.ts";
import { alertsIn } from "./use-alerts.ts";

/** As many as one sees at a glance, and some more. */
const PAGE = 10;

export interface Told {
  /** Of both, the newest first; undefined until they are there. */
  readonly list: readonly AlertView[] | undefined;
  /** There are earlier ones. */
  readonly hasMore: boolean;
  readonly more: () => void;
  /** Something was told just now. */
  readonly again: () => void;
}

/** What the two have told each other. */
export function useTold(): Told {
  const { api } = useTwinship();
  const { room, status } = usePair();
  const [list, setList] = useState<readonly AlertView[]>();
  const [cursor, setCursor] = useState<string>();
  const ask = useCallback(
    async (from?: string) => {
      const query = { limit: PAGE, ...(from !== undefined && { cursor: from }) };
      const answer = await api.call("GET", "/twintuition/alerts", { query });
      const page = alertsIn(answer);
      setList((before) => (from === undefined ? page : [...(before ?? []), ...page]));
      setCursor(typeof answer["nextCursor"] === "string" ? answer["nextCursor"] : undefined);
    },
    [api],
  );
  // Whoever cannot be asked is asked with the next connection, or the next touch.
  const again = useCallback(() => void ask().catch(() => undefined), [ask]);
  useEffect(() => {
    if (status === "live") again();
  }, [status, again]);
  useEffect(() => room?.onAlert(again), [room, again]);
  const more = () => void ask(cursor).catch(() => undefined);
  return { list, hasMore: cursor !== undefined, more, again };
}
