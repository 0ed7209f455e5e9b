import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { matchMaker } from "@colyseus/core";
import type { Pool } from "pg";
import type { Clock } from "../domain/ports.ts";
import type { Neighbours, RoomsOfOne } from "../rooms/neighbours.ts";
import { PairRoom } from "../rooms/pair-room.ts";
import { WaitingRoom } from "../rooms/waiting-room.ts";
import { listedProcess, listedProcesses, registerProcess } from "./adapters/database/processes.ts";
import { addressBook } from "./adapters/nodes/addresses.ts";
import { answerNodes } from "./adapters/nodes/answering.ts";
import { clusterCalls } from "./adapters/nodes/calls.ts";
import { Forwarding } from "./adapters/nodes/forwarding.ts";
import { Greeting, LIVING_MS } from "./adapters/nodes/greeting.ts";
import { ClusterNeighbours } from "./adapters/nodes/neighbours.ts";
import { ownAddress } from "./adapters/nodes/own-address.ts";
import type { Departing } from "./adapters/nodes/wire.ts";
import type { ClusterKey } from "./adapters/pipe/cluster-key.ts";
import { acceptTcpPipes, PIPE_PATH, tcpPipes } from "./adapters/pipe/tcp.ts";
import { ways } from "./adapters/pipe/ways.ts";
import type { Config } from "./config.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import type { RedisParts } from "./redis.ts";

export interface ClusterDeps {
  readonly config: Pick<Config, "DATABASE_URL" | "HOST" | "NODE_ADDRESS">;
  readonly key: ClusterKey;
  readonly shared: Pick<RedisParts, "pipes">;
  /** A socket passes through here; what is returned is called once it is over. */
  readonly forwarded: () => () => void;
  readonly pool: Pool;
  /** Quick statements only: a beat that waits behind a crowd looks like a death. */
  readonly beats: Pool;
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly report: (error: unknown) => void;
}

export interface Cluster {
  readonly neighbours: Neighbours;
  /** Whether this node works with the others: on the list, reached by all and reaching all. */
  readonly isGreeted: () => boolean;
  /** Whether somebody who lives cannot be reached. */
  readonly isCutOff: () => boolean;
  /** How many others live, and how many of them could not be reached. */
  readonly living: () => Promise<number>;
  readonly outOfReach: () => number;
  /** Whether a socket is for another process, or for the nodes' own talk. */
  isOurs(request: IncomingMessage): boolean;
  /** Answers other nodes' calls; false if the request is none. */
  answer(rooms: RoomsOfOne): (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Takes part: on the list of processes, and known to the others. Resolves once it is on the list. */
  join(http: HttpServer, port: number): Promise<void>;
  drain(reconnectAfterMs: () => number): Promise<void>;
}

/** This process among the others: how it finds them, how they find it, and what passes between. */
export function createCluster(deps: ClusterDeps): Cluster {
  const { key, pool, beats, clock, log, report, lifecycle, config } = deps;
  const { processId } = matchMaker;
  const accept = (duplex: Duplex) => void server?.emit("connection", duplex);
  const overRedis = deps.shared.pipes({ processId, key, accept });
  const pipes = ways(tcpPipes({ key }), ...(overRedis ? [overRedis] : []));
  const calls = clusterCalls({ pipes, key, now: () => clock.now() });
  let server: HttpServer | undefined;
  const silenceOf = async (id: string) => (await listedProcess(beats, id))?.silentMs;
  const monotonic = () => performance.now();
  const neighbours = new ClusterNeighbours({
    calls,
    silenceOf,
    died: (id) => forwarding.cut(id),
    wait,
    monotonic,
  });
  const neighbour = addressBook((id) => listedProcess(beats, id), monotonic);
  const forwarding = new Forwarding({
    ...{ pipes, calls, processId, neighbour, forwarded: deps.forwarded, report },
    isBeating: async (id) => ((await silenceOf(id)) ?? Number.POSITIVE_INFINITY) < LIVING_MS,
  });
  const listed = () => listedProcesses(pool);
  const greeting = new Greeting({ calls, listed, met: (neighbour) => neighbours.met(neighbour), wait, log });
  // Nobody else is on an embedded database: its folder is locked.
  const isAlone = config.DATABASE_URL === undefined;
  let isListed = false;

  return {
    neighbours: isAlone ? nobodyElse : neighbours,
    isGreeted: () => isListed && (isAlone || greeting.problem === undefined),
    isCutOff: () => neighbours.outOfReach > 0,
    living: async () =>
      (await listed()).filter((one) => one.processId !== processId && one.silentMs < LIVING_MS).length,
    outOfReach: () => neighbours.outOfReach,
    isOurs: (request) => !forwarding.isElsewhere(request) && !isPipe(request),
    answer: (rooms) =>
      answerNodes({
        key,
        processId,
        now: () => clock.now(),
        rooms,
        depart,
        reach: (neighbour) => neighbours.reach(neighbour),
        report,
      }),

    async join(http, port) {
      server = http;
      const acceptTcp = acceptTcpPipes({ key, processId, accept });
      await overRedis?.start();
      http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (isPipe(request)) acceptTcp(request, socket, head);
        else if (forwarding.isElsewhere(request)) void forwarding.forward(request, socket, head);
      });
      const interfaces = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
      const host = isAlone ? "127.0.0.1" : config.HOST;
      const address = ownAddress({ given: config.NODE_ADDRESS, host, port, interfaces });
      const registered = await registerProcess(beats, { processId, address, log });
      isListed = true;
      lifecycle.add("the process list", () => registered.stop());
      lifecycle.add("ways to other nodes", async () => {
        greeting.stop();
        calls.close();
        await pipes.close();
      });
      if (!isAlone) void greeting.greet({ processId, address }).catch(report);
    },

    drain: (reconnectAfterMs) => forwarding.drain(reconnectAfterMs),
  };
}

/** On a database that only this process can be at, whoever owned a pair before is no more. */
const nobodyElse: Neighbours = {
  judge: async () => "dead",
  of: ({ processId }) => {
    throw new Error(`${processId} cannot live beside us`);
  },
};

const isPipe = ({ url }: IncomingMessage): boolean => url === PIPE_PATH;

/** Tells sockets that came by a node that goes. */
function depart(seats: readonly Departing[]): void {
  for (const { roomId, socketId, reconnectAfterMs } of seats) {
    const room = matchMaker.getLocalRoomById(roomId);
    if (room instanceof PairRoom || room instanceof WaitingRoom) room.depart(socketId, reconnectAfterMs);
  }
}
