import { type RefObject, useCallback } from "react";
import { useMessages, usePair } from "../../client/react.ts";
import { isCalm } from "../theme.ts";

/** A place in history: found by its id once it is loaded. */
export interface Goal {
  readonly id: string;
  readonly seq: number;
}

export type Jump = (goal: Goal) => void;

/** Of a history of any length nobody wants to load more than that to see one message. */
const MOST_PAGES = 50;

const PAGE = 100;

/** Shows a message where it stands, and loads what lies between if need be. */
export function useJump(list: RefObject<HTMLElement | null>): Jump {
  const { room } = usePair();
  const { loadOlder } = useMessages();
  return useCallback(
    ({ id, seq }) => {
      const reach = async () => {
        for (let page = 0; page < MOST_PAGES && room?.hasMore && (room.messages[0]?.seq ?? 0) > seq; page++)
          await loadOlder(PAGE);
        // Drawn by then.
        requestAnimationFrame(() => requestAnimationFrame(() => show(list.current, id)));
      };
      void reach().catch(() => undefined);
    },
    [list, room, loadOlder],
  );
}

const FLASH_MS = 1600;

function show(list: HTMLElement | null, id: string): void {
  const found = list?.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (!(found instanceof HTMLElement)) return;
  found.scrollIntoView({ block: "center", behavior: isCalm() ? "instant" : "smooth" });
  found.dataset["flash"] = "true";
  setTimeout(() => delete found.dataset["flash"], FLASH_MS);
}
