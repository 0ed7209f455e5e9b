import type { MessageId } from "../../schema/wire/ids.ts";
import type { Chat } from "./chat-history.ts";

/** As the journal and devices call it. */
export const TRIMMED = "history.trimmed";

/**
 * History begins later than it did: everything before `firstSeq` is gone, for both. No device asks for it and no room
 * decides it; it is written beside the room, which reads of it as of any row it did not write itself.
 */
export interface HistoryTrimmed {
  readonly type: typeof TRIMMED;
  /** The newest message that went. */
  readonly id: MessageId;
  readonly at: number;
  readonly salt: null;
  readonly firstSeq: number;
}

/** A twin may see it, so it counts among the versions. */
export const trimmingReach = { [TRIMMED]: "shared" } as const;

/** Of rows of the journal. */
export const isTrimming = ({ type }: { readonly type: string }): boolean => type === TRIMMED;

/** As it is read again: where history begins, the pair's head says. */
export const readBackTrimming = (id: MessageId, at: number, firstSeq: number): HistoryTrimmed => ({
  ...{ type: TRIMMED, id, at, salt: null, firstSeq },
});

export function trimChat(chat: Chat, { firstSeq }: HistoryTrimmed): Chat {
  const isThere = ({ seq }: { readonly seq: number }): boolean => seq >= firstSeq;
  return { ...chat, recent: chat.recent.filter(isThere), lookedUp: chat.lookedUp.filter(isThere) };
}
