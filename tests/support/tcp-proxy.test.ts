import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "./embedded.ts";
import { TcpProxy } from "./tcp-proxy.ts";

describe("a wire that a test can hurt", () => {
  let target: Server;
  let proxy: TcpProxy;
  const heard: string[] = [];
  const sockets: Socket[] = [];
  beforeEach(async () => {
    heard.length = 0;
    target = createServer((socket) => {
      sockets.push(socket);
      socket.on("data", (bytes) => {
        heard.push(String(bytes));
        socket.write(`heard ${bytes}`);
      });
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(target, "listening");
    const address = target.address();
    proxy = await TcpProxy.open(() => (typeof address === "object" ? (address?.port ?? 0) : 0));
  });
  afterEach(async () => {
    await proxy.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    target.close();
    await once(target, "close");
  });

  async function client(): Promise<{ socket: Socket; said: () => string }> {
    const socket = connect(proxy.port, "127.0.0.1");
    sockets.push(socket);
    let said = "";
    socket.on("data", (bytes) => {
      said += bytes;
    });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return { socket, said: () => said };
  }

  it("[FA1] carries both ways, and tells each end that the other went", async () => {
    const { socket, said } = await client();
    socket.write("a");
    await eventually(() => said() === "heard a");
    sockets[0]?.destroy();
    socket.end();
    await once(socket, "close");
    await eventually(() => proxy.connections === 0);
  });

  it("[FA1] what is held back one way arrives when that is over, and nobody hears of an end meanwhile", async () => {
    const { socket, said } = await client();
    socket.write("a");
    await eventually(() => said() === "heard a");
    proxy.hold("back");
    socket.write("b");
    await eventually(() => heard.length === 2);
    const [, serverSide] = sockets;
    serverSide?.end("last words");
    await eventually(() => proxy.heldBytes === "heard b".length + "last words".length);
    assert.equal(said(), "heard a");
    assert.equal(socket.readableEnded, false);
    await proxy.heal();
    await eventually(() => said() === "heard aheard blast words");
    await eventually(() => socket.readableEnded);
  });

  it("[FA1] what was held back is lost if the wire is cut meanwhile", async () => {
    const { socket } = await client();
    proxy.hold("there");
    socket.write("lost");
    await eventually(() => proxy.heldBytes === 4);
    const gone = new Promise((closed) => socket.once("close", closed));
    proxy.cut();
    await gone;
    await proxy.heal();
    const again = await client();
    again.socket.write("kept");
    await eventually(() => heard.length === 1);
    assert.deepEqual(heard, ["kept"]);
  });

  it("[FA1] delays every piece, in order", async () => {
    proxy.delay(100);
    const { socket, said } = await client();
    const began = performance.now();
    socket.write("a");
    await eventually(() => said() === "heard a");
    assert.ok(performance.now() - began >= 190, "there and back");
  });

  it("[FA1] refuses whoever connects, and takes them again on the same port", async () => {
    const { socket } = await client();
    const gone = new Promise((closed) => socket.once("close", closed));
    await proxy.refuse();
    await gone;
    const [error] = await once(connect(proxy.port, "127.0.0.1"), "error");
    assert.equal(error.code, "ECONNREFUSED");
    await proxy.heal();
    await client();
  });
});
