import type { RoomEvent } from "../domain/room/rules.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { Due } from "./durable/journal.ts";
import type { Members } from "./members.ts";

/** A phone in a pocket keeps its socket for a minute and hears nothing: if it has not said by then that it has it, it rings. */
const POCKET_MS = 15_000;

/** Whom a push is due to for that, and when; nobody who has no phone that could ring. */
export function dueOf(event: RoomEvent, members: Members | undefined): Omit<Due, "revision"> | undefined {
  const to = members && toldOf(event, members);
  if (to === undefined || !members?.canRing(to)) return undefined;
  const isOnline = members.presenceOf(to).status === "online";
  // Nobody says that they have a moment; who looks has seen it.
  if (event.type === "twintuition.moment_made") return isOnline ? undefined : { to, at: event.at };
  return { to, at: event.at + (isOnline ? POCKET_MS : 0) };
}

/** Who did not do it themselves. Of what was noticed by a message's words, the message tells. */
function toldOf(event: RoomEvent, { userIds }: Members): UserId | undefined {
  const twinOf = (one: UserId) => userIds.find((userId) => userId !== one);
  switch (event.type) {
    case "chat.message_sent":
      return twinOf(event.sender);
    case "twintuition.alert_sent":
      return twinOf(event.alert.userId);
    case "twintuition.moment_made":
      return event.spent[0]?.userId;
    default:
      return undefined;
  }
}
