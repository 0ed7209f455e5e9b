import assert from "node:assert/strict";
import { type Client, Room } from "@colyseus/core";
import { listeners, listenWith, noListeners } from "../../rooms/listeners.ts";
import type { Answerable, Rejection } from "../../rooms/replies.ts";
import { FakeClient } from "../support/fake-client.ts";

describe("what is heard in a room", () => {
  const said: [room: string, client: Client, payload: unknown][] = [];
  const table = listeners(({ userData }: Client) => (typeof userData === "string" ? userData : undefined), {
    "chat.send": (room: string, client, payload) => void said.push([room, client, payload]),
  });
  const roomWith = (heard: object) => {
    const room = new Room();
    listenWith(room, heard);
    return room["onMessageEvents"].events;
  };
  const asked = (): Answerable & { reasons: Rejection[] } => {
    const reasons: Rejection[] = [];
    return { reasons, reject: (reason) => void reasons.push(reason) };
  };
  const clientIn = (userData: string | undefined): Client => Object.assign(new FakeClient("socket"), { userData });

  it("[IM4] is the same table for all rooms of a kind, and each client's words go to its own room", () => {
    const [one, two] = [roomWith(table), roomWith(table)];
    assert.equal(one["chat.send"], two["chat.send"]);
    assert.deepEqual(Object.keys(one), []);
    const [ada, bea] = [clientIn("one"), clientIn("two")];
    one["chat.send"]?.[0]?.(ada, "hello", asked());
    one["chat.send"]?.[0]?.(bea, "there", asked());
    one["chat.send"]?.[0]?.(clientIn(undefined), "nobody", asked());
    assert.deepEqual(said, [
      ["one", ada, "hello"],
      ["two", bea, "there"],
    ]);
  });

  for (const name of ["chat.sing", "__proto__", "constructor", "toString", "*", "_$bchat.send", "x".repeat(5000)]) {
    it(`[IM4] ${name.slice(0, 20)} is nothing anybody listens for: refused where somebody waits for an answer, passed over where not`, () => {
      for (const events of [roomWith(table), roomWith(noListeners)]) {
        const request = asked();
        events[name]?.[0]?.(clientIn("one"), {}, request);
        assert.deepEqual(
          request.reasons.map(({ code }) => code),
          ["NOT_FOUND"],
        );
        assert.equal(events[name]?.[0]?.(clientIn("one"), {}, undefined), undefined);
      }
    });
  }
});
