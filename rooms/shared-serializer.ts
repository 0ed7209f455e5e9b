import { type Client, ClientState, Protocol, SchemaSerializer } from "@colyseus/core";
import type { PairState, WaitingState } from "../schema/state/pair-state.ts";

type RoomState = PairState | WaitingState;

/** A full state is a few hundred bytes; a longer one is written into a buffer that is made for it. */
const STATE_BYTES = 4 * 1024;

/** All rooms write their states here, one after the other, and send copies. */
const desk = new Uint8Array(STATE_BYTES);

/** What each kind of state looks like is the same in all rooms. */
const handshakes = new Map<unknown, Uint8Array>();

/**
 * Colyseus' own keeps two buffers and a description of the state for every room, and sends the buffers themselves: what
 * still waits for a slow socket would be overwritten by the next patch. This one keeps nothing.
 */
export class SharedSerializer extends SchemaSerializer<RoomState> {
  protected override fullEncodeBuffer = desk;

  override reset(state: RoomState): void {
    super.reset(state);
    this.encoder.sharedBuffer = desk;
  }

  override getFullState(): Uint8Array {
    const full = this.encoder.encodeAll({ offset: 1 }, desk);
    return sent(Protocol.ROOM_STATE, full);
  }

  override applyPatches(clients: Client[]): boolean {
    if (!this.encoder.hasChanges) return false;
    if (clients.length > 0) {
      const patch = sent(Protocol.ROOM_STATE_PATCH, this.encoder.encode({ offset: 1 }));
      for (const client of clients) if (client.state === ClientState.JOINED) client.raw(patch);
    }
    this.encoder.discardChanges();
    return clients.length > 0;
  }

  override handshake(): Uint8Array {
    const kind = this.encoder.state.constructor;
    const handshake = handshakes.get(kind) ?? super.handshake();
    handshakes.set(kind, handshake);
    return handshake;
  }
}

function sent(what: number, written: Uint8Array): Uint8Array {
  const copy = Buffer.from(written);
  copy[0] = what;
  return copy;
}
