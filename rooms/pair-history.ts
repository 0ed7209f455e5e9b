import { findMessage, isPrivate } from "../domain/room/chat-history.ts";
import { type Eyes, viewFor } from "../domain/room/message.ts";
import { alertView, momentView } from "../domain/room/moment-views.ts";
import { isOfChat, type RoomCommand, type RoomEvent, type RoomFact, type RoomState } from "../domain/room/rules.ts";
import { TRIMMED } from "../domain/room/trimming.ts";
import type { TwintuitionEvent } from "../domain/room/twintuition-history.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { HistoryTrimmed } from "../schema/wire/room.ts";
import type { Device } from "./device.ts";
import type { DurableRoom, RoomDeps } from "./durable/durable-room.ts";
import type { Entry } from "./durable/journal.ts";

/** The durable room, as a pair of twins fills it. */
export type PairHistory = DurableRoom<RoomState, RoomCommand, RoomEvent, RoomFact>;
type PairHistoryDeps = RoomDeps<RoomState, RoomCommand, RoomEvent, RoomFact>;

export type OpenPairHistory = (
  of: Pick<PairHistoryDeps, "pairId" | "epoch" | "announce" | "due" | "superseded">,
) => Promise<PairHistory>;

/** A committed row, with the state it made, and the socket that asked for it. */
export interface AnnouncedEntry {
  readonly entry: Entry<RoomEvent>;
  readonly state: RoomState;
  readonly from: string | null;
}

/** Tells each device what its person may know of a row; who asked knows by the answer. */
export function tellEntry(
  { entry: { event, version }, state, from }: AnnouncedEntry,
  devices: Iterable<Device>,
  eyesOf: (userId: UserId) => Eyes,
): void {
  if (event.type === TRIMMED) {
    const { firstSeq } = event;
    for (const device of devices) device.tellNews(TRIMMED, { firstSeq } satisfies HistoryTrimmed);
    return;
  }
  if (!isOfChat(event)) return tellFelt(event, from, devices);
  const message = findMessage(state.chat, event.id);
  if (!message || isPrivate(event.type)) return;

  for (const device of devices) {
    const isTold = event.type !== "chat.message_hidden" || event.by === device.userId;
    if (device.id === from) device.knows(version);
    else if (isTold) device.tellChange(version, viewFor(eyesOf(device.userId), message));
  }
}

/** A press is nobody's news. Of a moment both hear, on every device: also who pressed last. */
function tellFelt(event: TwintuitionEvent, from: string | null, devices: Iterable<Device>): void {
  switch (event.type) {
    case "twintuition.pressed":
      return;
    case "twintuition.alert_sent": {
      const alert = alertView(event.alert, null);
      for (const device of devices) if (device.id !== from) device.tellNews("twintuition.alert", { alert });
      return;
    }
    case "twintuition.moment_made": {
      const moment = momentView(event.moment);
      for (const device of devices) device.tellNews("twintuition.moment", { moment });
    }
  }
}
