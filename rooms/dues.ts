import type { RoomEvent } from "../domain/room/rules.ts";
import type { Due } from "./durable/journal.ts";
import type { Members } from "./members.ts";

/** A phone in a pocket keeps its socket for a minute and hears nothing: if it has not said by then that it has it, it rings. */
const POCKET_MS = 15_000;

/** Whom a push is due to for that, and when; nobody who has no phone that could ring. */
export function dueOf(event: RoomEvent, members: Members | undefined): Omit<Due, "revision"> | undefined {
  if (event.type !== "chat.message_sent" || !members) return undefined;
  const to = members.userIds.find((userId) => userId !== event.sender);
  if (to === undefined || !members.canRing(to)) return undefined;
  return { to, at: event.at + (members.presenceOf(to).status === "online" ? POCKET_MS : 0) };
}
