import type { Client } from "@colyseus/core";
import { Refusal } from "../domain/refusal.ts";
import { commandNames } from "../domain/room/rules.ts";
import type { Device } from "./device.ts";
import { type Listener, type Listeners, listeners } from "./listeners.ts";
import { PairRoom } from "./pair-room.ts";
import type { PairRoomDeps } from "./pair-room-deps.ts";
import { answer } from "./replies.ts";
import { requestNames } from "./requests.ts";
import { signals } from "./signals.ts";

/** Colyseus makes rooms from a class and hands them nothing; so the class brings along what they need. */
export function definePairRoom(deps: PairRoomDeps): new () => PairRoom {
  const heard = pairListeners(deps);
  return class extends PairRoom {
    // Not fields: each of some thousands of rooms would keep its own.
    protected override get deps() {
      return deps;
    }
    protected override get listeners() {
      return heard;
    }
  };
}

const roomOf = ({ userData }: Client): PairRoom | undefined => (userData instanceof PairRoom ? userData : undefined);

/** What is said to a pair's room, and what is asked of it. */
function pairListeners({ requests }: Pick<PairRoomDeps, "requests">): Listeners {
  type Work = (room: PairRoom, device: Device, payload: unknown) => Promise<unknown>;
  const respond =
    (work: Work): Listener<PairRoom> =>
    (room, client, payload, request) =>
      answer(request, async () => work(room, seatedIn(room, client), payload), room.report);
  return listeners(roomOf, {
    ...Object.fromEntries(
      commandNames.map((name) => [name, respond((room, device, payload) => room.obey(device, name, payload))]),
    ),
    ...Object.fromEntries(requestNames.map((name) => [name, respond(requests[name])])),
    ...signals,
  });
}

function seatedIn(room: PairRoom, client: Client): Device {
  const device = room.deviceOf(client);
  if (!device) throw new Refusal("UNAVAILABLE", "This connection is about to close: join again");
  return device;
}
