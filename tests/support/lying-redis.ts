import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** Each well-formed, none of them right. */
const WRONG_ANSWERS = ["+OK\r\n", ":1\r\n", ":-7\r\n", "$-1\r\n", "*0\r\n", "-ERR never\r\n", "$3\r\nyes\r\n"] as const;

const INVENTED = ["", "{}", "nobody sent this", "\u0000\u0001", `{"type":"sessionsEnded","ids":["all"]}`] as const;

/** Speaks Redis' language and tells nothing but lies in it, and sends messages of its own to whoever listens. */
export class LyingRedis {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  lies = 0;
  inventions = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on("connection", (socket) => {
      this.#sockets.add(socket.on("close", () => this.#sockets.delete(socket)).on("error", () => undefined));
      socket.on("data", (bytes) => {
        for (const command of commandsIn(bytes)) socket.write(this.#answer(command));
      });
    });
  }

  static async start(): Promise<LyingRedis> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A TCP server has a port");
    return new LyingRedis(server, address.port);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #answer([name = "", ...channels]: readonly string[]): string {
    const kind = name.toLowerCase();
    if (/^p?(?:un)?subscribe$/.test(kind))
      return channels.map((channel, n) => this.#listens(kind, channel, n)).join("");
    return WRONG_ANSWERS[this.lies++ % WRONG_ANSWERS.length] ?? "";
  }

  #listens(kind: string, channel: string, n: number): string {
    const confirmed = `*3\r\n${bulk(kind)}${bulk(channel)}:${n + 1}\r\n`;
    return confirmed + INVENTED.map((words) => this.#invent(channel, words)).join("");
  }

  #invent(channel: string, words: string): string {
    this.inventions += 1;
    return `*3\r\n${bulk("message")}${bulk(channel)}${bulk(words)}`;
  }
}

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** Good enough for what comes in one piece, as short commands do. */
function commandsIn(bytes: Buffer): string[][] {
  const commands = bytes
    .toString("latin1")
    .split(/(?:^|\r\n)\*\d+\r\n/)
    .slice(1);
  return commands.map((command) =>
    command
      .split(/(?:^|\r\n)\$\d+\r\n/)
      .slice(1)
      .map((word) => word.replace(/\r\n$/, "")),
  );
}
