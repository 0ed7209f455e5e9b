import { SetPresence, Typing } from "../schema/wire/room.ts";
import type { Device } from "./device.ts";
import type { Listener } from "./listeners.ts";
import type { Members } from "./members.ts";
import { attempt, type Report } from "./replies.ts";

/** What a room must be, to be signalled to. */
interface Signalled {
  readonly report: Report;
  readonly members: Members;
  deviceOf(client: { readonly sessionId: string }): Device | undefined;
}

/**
 * Plain sends: shown, expiring, never stored and never answered. One that makes no sense is passed over: closing the
 * socket for it would be worse. Asked for as a request, it is answered that it is none.
 */
export const signals: Readonly<Record<string, Listener<Signalled>>> = {
  "chat.typing": (room, client, payload) => {
    const typing = Typing.safeParse(payload);
    const device = room.deviceOf(client);
    if (!typing.success || !device) return;
    const { on, kind = "text" } = typing.data;
    attempt(() => room.members.presenceOf(device.userId).type(device, on, kind), room.report);
  },
  "presence.set": (room, client, payload) => {
    const presence = SetPresence.safeParse(payload);
    const device = room.deviceOf(client);
    if (!presence.success || !device) return;
    attempt(() => room.members.presenceOf(device.userId).say(device, presence.data.status), room.report);
  },
};
