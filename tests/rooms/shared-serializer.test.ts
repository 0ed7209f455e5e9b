import assert from "node:assert/strict";
import { ClientState, Protocol } from "@colyseus/core";
import { Decoder, Reflection } from "@colyseus/schema";
import { SharedSerializer } from "../../rooms/shared-serializer.ts";
import { Member, PairState, WaitingState } from "../../schema/state/pair-state.ts";
import { FakeClient } from "../support/fake-client.ts";

class Phone extends FakeClient {
  readonly frames: Uint8Array[] = [];
  override raw(...[frame]: unknown[]): void {
    if (frame instanceof Uint8Array) this.frames.push(frame);
  }
}

describe("the desk that all rooms write their states at", () => {
  const roomOf = (pairId: string) => {
    const state = new PairState();
    state.pairId = pairId;
    const serializer = new SharedSerializer();
    serializer.reset(state);
    return { state, serializer };
  };
  const shown = (frame: Uint8Array) => {
    assert.equal(frame[0], Protocol.ROOM_STATE);
    const seen = new PairState();
    new Decoder(seen).decode(frame, { offset: 1 });
    return seen;
  };
  const joined = () => new Phone("socket");

  it("[IM3] what one room sent is not changed by what another sends, nor by its own next patch", () => {
    const [one, two] = [roomOf("one"), roomOf("two")];
    const phone = joined();
    const first = one.serializer.getFullState();
    two.serializer.getFullState();
    one.serializer.applyPatches([phone]);
    const before = phone.frames.map((frame) => Buffer.from(frame).toString("hex"));
    one.state.lastSeq = 7;
    one.serializer.applyPatches([phone]);
    two.state.lastSeq = 1000;
    two.serializer.applyPatches([joined()]);
    assert.equal(shown(first).pairId, "one");
    assert.equal(Buffer.from(phone.frames[0] ?? []).toString("hex"), before[0]);
    assert.equal(phone.frames[1]?.[0], Protocol.ROOM_STATE_PATCH);
  });

  it("[IM3] a phone follows from its full state by patches, and one that has not joined yet gets none", () => {
    const { state, serializer } = roomOf("one");
    const [phone, early] = [joined(), joined()];
    early.state = ClientState.JOINING;
    serializer.applyPatches([]);
    const seen = new PairState();
    const decoder = new Decoder(seen);
    decoder.decode(serializer.getFullState(), { offset: 1 });
    const member = new Member();
    Object.assign(member, { userId: "ada", name: "Ada", status: "online" });
    state.members.set("ada", member);
    assert.equal(serializer.applyPatches([phone, early]), true);
    assert.equal(serializer.applyPatches([phone, early]), false);
    member.status = "away";
    serializer.applyPatches([phone, early]);
    assert.deepEqual([phone.frames.length, early.frames.length], [2, 0]);
    for (const frame of phone.frames) decoder.decode(frame, { offset: 1 });
    assert.deepEqual(seen.members.get("ada")?.toJSON(), member.toJSON());
  });

  it("[IM3] a state longer than the desk is shown whole", () => {
    const { state, serializer } = roomOf("one");
    state.pairId = "x".repeat(10_000);
    const phone = joined();
    serializer.applyPatches([phone]);
    assert.equal(shown(serializer.getFullState()).pairId, state.pairId);
    assert.ok((phone.frames[0]?.length ?? 0) > 10_000);
  });

  it("[IM4] how a state is read is written down once for each kind, and reads", () => {
    const [one, two] = [roomOf("one"), roomOf("two")];
    assert.equal(one.serializer.handshake(), two.serializer.handshake());
    const waiting = new SharedSerializer();
    waiting.reset(new WaitingState());
    assert.notEqual(waiting.handshake(), one.serializer.handshake());
    const decoder = Reflection.decode(one.serializer.handshake());
    decoder.decode(two.serializer.getFullState(), { offset: 1 });
    assert.equal(JSON.parse(JSON.stringify(decoder.state)).pairId, "two");
  });
});
