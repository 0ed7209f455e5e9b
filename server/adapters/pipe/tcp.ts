import { randomBytes } from "node:crypto";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import type { ClusterKey } from "./cluster-key.ts";
import { patience } from "./patience.ts";
import { ANSWER_MS, type Neighbour, NoWay, type NoWayWhy, type Pipes } from "./pipe.ts";

/** Where a node's HTTP server takes pipes, and what they are called in the Upgrade header. */
export const PIPE_PATH = "/cluster/v1/pipe";
export const PIPE_PROTOCOL = "twinship-pipe";

export interface TcpPipesDeps {
  readonly key: ClusterKey;
  readonly answerMs?: number;
}

/** Over TCP, to the port that everybody else uses, too. */
export function tcpPipes({ key, answerMs: usualMs = ANSWER_MS }: TcpPipesDeps): Pipes {
  const opened = new Set<Duplex>();
  const asking = new Set<ClientRequest>();
  return {
    open(to, signal, answerMs = usualMs) {
      if (signal?.aborted) return Promise.reject(new NoWay("silent", to));
      const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
      const fail = (why: NoWayWhy, cause?: unknown) => reject(new NoWay(why, to, { cause }));
      const nonce = randomBytes(16).toString("base64url");
      const asked = request(askFor(to, nonce, key));
      asking.add(asked);
      const answered = patience(answerMs, () => asked.destroy(new NoWay("silent", to)));
      const abort = () => asked.destroy(new NoWay("silent", to));
      signal?.addEventListener("abort", abort, { once: true });
      asked.once("close", () => {
        asking.delete(asked);
        answered();
        signal?.removeEventListener("abort", abort);
        fail("silent");
      });
      asked.once("error", (error) => (error instanceof NoWay ? reject(error) : fail(whyNot(error), error)));
      asked.once("response", (answer) => {
        fail(whoElse(answer, nonce, key) === undefined ? "stranger" : "gone");
        asked.destroy();
      });
      asked.once("upgrade", (answer, socket, head) => {
        asking.delete(asked);
        answered();
        if (whoElse(answer, nonce, key) !== to.processId) {
          socket.destroy();
          return fail("stranger");
        }
        if (head.length > 0) socket.unshift(head);
        opened.add(socket);
        socket.once("close", () => opened.delete(socket));
        resolve(socket);
      });
      asked.end();
      return promise;
    },

    async close() {
      for (const asked of asking) asked.destroy();
      for (const socket of opened) socket.destroy();
    },
  };
}

/** One connection a pipe, that nobody else uses. */
const alone = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

function askFor({ processId, address }: Neighbour, nonce: string, key: ClusterKey) {
  const { hostname, port } = new URL(`tcp://${address}`);
  return {
    agent: alone,
    host: hostname.replace(/^\[|\]$/g, ""),
    port,
    path: PIPE_PATH,
    headers: {
      connection: "Upgrade",
      upgrade: PIPE_PROTOCOL,
      "x-cluster-to": processId,
      "x-cluster-nonce": nonce,
      "x-cluster-proof": key.prove("open", processId, nonce),
    },
  };
}

/** Which process of this cluster proves to be there, if one does. */
function whoElse({ headers }: IncomingMessage, nonce: string, key: ClusterKey): string | undefined {
  const [processId, proof] = [headers["x-cluster-process"], headers["x-cluster-proof"]];
  if (typeof processId !== "string" || typeof proof !== "string") return undefined;
  return key.isProof(proof, "opened", processId, nonce) ? processId : undefined;
}

function whyNot(error: Error): NoWayWhy {
  const code = "code" in error ? error.code : "";
  if (code === "ECONNREFUSED" || code === "ECONNRESET") return "refused";
  return code === "ETIMEDOUT" ? "silent" : "unreachable";
}

export interface AcceptDeps {
  readonly key: ClusterKey;
  readonly processId: string;
  /** Takes the other end of a pipe as a connection of the HTTP server's. */
  readonly accept: (duplex: Duplex) => void;
}

/** Answers whoever asks for a pipe: the right process opens it, and any other says who it is. */
export function acceptTcpPipes({ key, processId, accept }: AcceptDeps) {
  return ({ headers }: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on("error", () => undefined);
    const [to, nonce, proof] = ["to", "nonce", "proof"].map((name) => String(headers[`x-cluster-${name}`] ?? ""));
    if (!to || !nonce || !proof || !key.isProof(proof, "open", to, nonce)) return void socket.end(FORBIDDEN);
    const who = `x-cluster-process: ${processId}\r\nx-cluster-proof: ${key.prove("opened", processId, nonce)}\r\n`;
    if (to !== processId) return void socket.end(`${MISDIRECTED}${who}\r\n`);
    socket.write(`${SWITCHING}${who}\r\n`);
    if (head.length > 0) socket.unshift(head);
    accept(socket);
  };
}

const CLOSING = "Connection: close\r\nContent-Length: 0\r\n";
const FORBIDDEN = `HTTP/1.1 403 Forbidden\r\n${CLOSING}\r\n`;
const MISDIRECTED = `HTTP/1.1 421 Misdirected Request\r\n${CLOSING}`;
const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${PIPE_PROTOCOL}\r\n`;
