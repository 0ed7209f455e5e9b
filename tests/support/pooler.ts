import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Length, "E", then fields: severity, SQLSTATE, message. */
function refusal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

export interface Pooler {
  readonly url: string;
  /** Names of the settings that were declined. */
  readonly declined: string[];
  /** From now on nothing comes through, and nobody is told. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** What connection poolers are like at the start: whoever brings a setting that they do not know is turned away. */
export async function pickyPooler(url: string): Promise<Pooler> {
  const target = new URL(url);
  const declined: string[] = [];
  const open = new Set<Socket>();
  const serverSides = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((client) => {
    open.add(client.on("close", () => open.delete(client)).on("error", () => undefined));
    client.once("data", (startup) => {
      if (isFrozen) return;
      if (startup.includes("statement_timeout\0")) {
        declined.push("statement_timeout");
        client.end(refusal("unsupported startup parameter: statement_timeout"));
        return;
      }
      const postgres = connect(Number(target.port), target.hostname).on("error", () => client.destroy());
      serverSides.add(postgres.on("close", () => serverSides.delete(postgres)));
      postgres.on("close", () => client.destroy());
      client.on("close", () => postgres.destroy());
      postgres.write(startup);
      client.pipe(postgres).pipe(client);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const ours = new URL(url);
  ours.port = String(typeof address === "object" ? address?.port : "");
  const freeze = () => {
    isFrozen = true;
    for (const socket of serverSides) socket.unpipe().pause();
  };
  const thaw = () => {
    isFrozen = false;
  };
  const close = async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { url: ours.href, declined, freeze, thaw, close };
}
