import assert from "node:assert/strict";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { carefulSocket } from "../../server/adapters/realtime/careful-socket.ts";

describe("a socket of a phone", () => {
  const Careful = carefulSocket({ report: (error) => assert.fail(String(error)), framesPerSecond: 100 });
  let server: WebSocketServer;
  let phone: WebSocket;
  let socket: InstanceType<typeof Careful>;
  let line: Duplex;
  let heard: string[];

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1", WebSocket: Careful });
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    phone = new WebSocket(`ws://127.0.0.1:${address.port}`);
    const [[accepted, request]] = await Promise.all([once(server, "connection"), once(phone, "open")]);
    socket = accepted;
    line = request.socket;
    socket.writesTo(line);
    heard = [];
    phone.on("message", (said) => heard.push(String(said)));
  });
  afterEach(() => {
    phone.terminate();
    server.close();
  });

  it("[SO1] what is said to it in one turn of the loop leaves together, in order, and once", async () => {
    for (const word of ["an answer", "a message", "a step"]) socket.send(word);
    assert.ok(line.writableLength > 0, "it was not sent word by word");
    assert.ok(socket.bufferedAmount >= line.writableLength, "and it counts as waiting");
    await turn();
    assert.equal(line.writableCorked, 0);
    socket.send("and more");
    while (heard.length < 4) await once(phone, "message");
    assert.deepEqual(heard, ["an answer", "a message", "a step", "and more"]);
  });

  it("[SO1] a good-bye in the same turn comes after it", async () => {
    socket.send("the last word");
    socket.close(4403);
    const [code] = await once(phone, "close");
    assert.deepEqual([heard, code], [["the last word"], 4403]);
  });

  it("[SO1] a line that is gone before the turn ends takes nothing else with it", async () => {
    socket.send("into the void");
    socket.terminate();
    await once(phone, "close");
    assert.deepEqual(heard, []);
  });
});
