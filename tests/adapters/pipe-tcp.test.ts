import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { clusterKey } from "../../server/adapters/pipe/cluster-key.ts";
import { acceptTcpPipes, tcpPipes } from "../../server/adapters/pipe/tcp.ts";
import { pipeContract, type TwoProcesses } from "../contracts/pipe.contract.ts";

const KEY = "a key that these two processes share";
const OTHER_KEY = "a key that another cluster has got";

async function openTwo(accept: (duplex: Duplex) => void): Promise<TwoProcesses> {
  const sockets = new Set<Duplex>();
  const there = await nodeAt("there", KEY, accept, sockets);
  const otherKey = await nodeAt("other", OTHER_KEY, accept, sockets);
  const otherService = await listening(
    createHttpServer((_asked, answer) => answer.end("hello")),
    sockets,
  );
  const silent = await listening(
    createServer((socket) => socket.on("error", () => undefined)),
    sockets,
  );
  const pipes = tcpPipes({ key: clusterKey([KEY]) });
  const neighbour = (processId: string, { address }: { readonly address: string }) => ({ processId, address });
  return {
    pipes,
    there: neighbour("there", there),
    nobody: { at: { processId: "nobody", address: `127.0.0.1:${await freePort()}` }, why: "refused" },
    silent: neighbour("silent", silent),
    otherKey: neighbour("other", otherKey),
    otherService: neighbour("there", otherService),
    async close() {
      await pipes.close();
      for (const socket of sockets) socket.destroy();
      for (const { server } of [there, otherKey, otherService, silent]) {
        server.close();
        await once(server, "close");
      }
    },
  };
}

function nodeAt(processId: string, key: string, accept: (duplex: Duplex) => void, sockets: Set<Duplex>) {
  const server: HttpServer = createHttpServer();
  server.on("upgrade", acceptTcpPipes({ key: clusterKey([key]), processId, accept }));
  return listening(server, sockets);
}

async function listening(server: Server, sockets: Set<Duplex>) {
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, address: `127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}

pipeContract("TCP", openTwo);
