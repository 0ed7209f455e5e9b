import type { Client } from "@colyseus/core";
import { SetPresence, Typing } from "../schema/wire/room.ts";
import type { Device } from "./device.ts";
import type { Members } from "./members.ts";
import { type Answerable, attempt, type Report } from "./replies.ts";

/** What a room must be, to be signalled to. */
interface Signalled {
  readonly members: Members;
  onMessage(name: string, handler: (client: Client, payload: unknown, request: Answerable) => unknown): unknown;
}

type DeviceOf = (client: Client) => Device | undefined;

/**
 * Plain sends: shown, expiring, never stored and never answered. One that makes no sense is passed over: closing the
 * socket for it would be worse. Asked for as a request, it is answered that it is none.
 */
export function hearSignals(room: Signalled, deviceOf: DeviceOf, report: Report): void {
  room.onMessage("chat.typing", (client, payload) => {
    const typing = Typing.safeParse(payload);
    const device = deviceOf(client);
    if (!typing.success || !device) return;
    const { on, kind = "text" } = typing.data;
    attempt(() => room.members.presenceOf(device.userId).type(device, on, kind), report);
  });
  room.onMessage("presence.set", (client, payload) => {
    const presence = SetPresence.safeParse(payload);
    const device = deviceOf(client);
    if (!presence.success || !device) return;
    attempt(() => room.members.presenceOf(device.userId).say(device, presence.data.status), report);
  });
}
