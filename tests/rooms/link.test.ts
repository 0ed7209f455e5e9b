import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { Link } from "../../rooms/link.ts";
import { newYear } from "../support/twins.ts";

class Socket extends EventEmitter {
  readonly pings: string[] = [];
  ping(word: string): void {
    this.pings.push(word);
  }
}

describe("a device's link", () => {
  let now = newYear;
  let words = 0;
  const opened = () => {
    const socket = new Socket();
    const link = new Link(socket, { now: () => now, newWord: () => `word ${++words}` });
    return { socket, link };
  };
  const pong = (socket: Socket, afterMs: number, word = socket.pings.at(-1) ?? "") => {
    now += afterMs;
    socket.emit("pong", Buffer.from(word));
  };

  it("[FT4] is measured when it joins, whenever it asks for the time, and by nothing it says by itself", () => {
    const { socket, link } = opened();
    link.measure();
    pong(socket, 80);
    assert.equal(link.arrival().tripMs, 80);
    link.synced(now, now);
    assert.equal(socket.pings.length, 2);
    pong(socket, 1, "a guess");
    assert.equal(link.arrival().tripMs, 80);
    pong(socket, 119);
    assert.equal(link.arrival().tripMs, 120);
  });

  it("[FT4] who never asks for the time is measured with the pings that keep sockets open, eight times", () => {
    const { socket, link } = opened();
    link.measure();
    for (let n = 0; n < 20; n++) {
      pong(socket, 50);
      now += 20_000;
      assert.equal(link.beat(), true);
    }
    assert.equal(socket.pings.filter((word) => word !== "").length, 8);
    assert.equal(socket.pings.length, 21);
    assert.equal(link.arrival().tripMs, 50);
  });

  it("[IM2] whoever left two pings unanswered is not there any more; one answer, and they are", () => {
    const { socket, link } = opened();
    assert.deepEqual([link.beat(), link.beat(), link.beat()], [true, true, false]);
    assert.equal(socket.pings.length, 2);
    pong(socket, 40_000);
    assert.deepEqual([link.answeredAt, link.beat()], [now, true]);
  });

  it("[FT6] a socket that cannot be pinged is not measured, and no trouble", () => {
    const link = new Link(new EventEmitter(), { now: () => now, newWord: () => "word" });
    link.measure();
    assert.equal(link.arrival().tripMs, 2000);
    const unmeasured = new Link(new Socket(), { now: () => now });
    unmeasured.measure();
    assert.equal(unmeasured.arrival().tripMs, 2000);
  });
});
