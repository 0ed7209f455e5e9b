import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { one } from "../support/embedded.ts";
import { emptyDatabase } from "../support/postgres.ts";
import { TestServer } from "../support/server.ts";
import { smoke } from "../support/smoked.ts";

interface Passing {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What stands between a client and the server, and does to answers what it should not. */
interface Meddling {
  readonly answer?: (passing: Passing, path: string) => void | Promise<void>;
  /** Sockets do not get through. */
  readonly noSockets?: boolean;
  /** Of what the server says on a socket, only so many bytes get through. */
  readonly bytes?: number;
}

/** An edge of some kind before the server. */
async function meddler(to: number, { answer, noSockets = false, bytes }: Meddling): Promise<Server & { url: string }> {
  const open = new Set<Socket>();
  const server = createServer(async (incoming, outgoing) => {
    const { method, url: path = "", headers } = incoming;
    const asking = request({ port: to, host: "127.0.0.1", method, path, headers });
    asking.end(await buffer(incoming));
    const [got] = await once(asking, "response");
    const passing: Passing = { status: got.statusCode, headers: got.headers, body: await buffer(got) };
    await answer?.(passing, path);
    const { "content-length": _, "transfer-encoding": __, ...rest } = passing.headers;
    outgoing.writeHead(passing.status, rest).end(passing.body);
  });
  server.on("connection", (socket) => open.add(socket));
  server.on("upgrade", ({ url, rawHeaders }, socket, head) => {
    if (noSockets) return void socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    const pairs = rawHeaders.flatMap((word, at) => (at % 2 === 0 ? `${word}: ${rawHeaders[at + 1]}\r\n` : []));
    const upstream = connect(to, "127.0.0.1", () => {
      upstream.write(`GET ${url} HTTP/1.1\r\n${pairs.join("")}\r\n`);
      upstream.write(head);
    });
    let left = bytes ?? Number.POSITIVE_INFINITY;
    upstream.on("data", (said) => {
      if (left > 0) socket.write(said);
      left -= said.length;
    });
    socket.on("data", (said) => upstream.write(said));
    for (const [here, there] of [
      [socket, upstream],
      [upstream, socket],
    ] as const)
      here.on("error", () => there.destroy()).on("close", () => there.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const close = server.close.bind(server);
  return Object.assign(server, {
    url,
    close: (done?: () => void) => {
      for (const socket of open) socket.destroy();
      return close(done);
    },
  });
}

describe("npm run smoke", function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof emptyDatabase>>;
  let server: TestServer;
  const edges: Server[] = [];
  const meddling = async (how: Meddling) => {
    const edge = await meddler(server.port, how);
    edges.push(edge);
    return edge.url;
  };
  before(async () => {
    database = await emptyDatabase();
    server = await TestServer.create({ DATABASE_URL: database.url, CORS_ORIGINS: "https://app.example.org" });
    await server.start();
  });
  afterEach(() => {
    for (const edge of edges.splice(0)) edge.close();
  });
  after(async () => {
    await server?.remove();
    await database?.drop();
  });

  /** Who signed up and is not on the way out. */
  const left = () => one(database.url, "select count(*)::int from users where deletion_due_at is null");

  it("[DY3] goes from the first look to a chat on two phones, each step within a second, and leaves nobody behind", async () => {
    const { code, said, amiss } = await smoke(server.url, ["--origin", "https://app.example.org", "--within", "5000"]);
    assert.deepEqual([code, amiss], [0, []], said);
    const steps = [...said.matchAll(/^well +(\d+) ms {2}/gm)].map(([, ms]) => Number(ms));
    assert.equal(steps.length, 12);
    assert.ok(Math.max(...steps) < 5000, said);
    assert.equal(await left(), 0);
  });

  it("[DY3] asks a second of each step, unless it is told otherwise", async () => {
    const slow = await meddling({ answer: () => wait(1200) });
    const { code, amiss } = await smoke(slow, []);
    assert.equal(code, 1);
    assert.match(amiss[0] ?? "", /timeout|longer than 1000 ms/);
  });

  const cases: [string, Meddling, RegExp[]][] = [
    [
      "refusals become pages of the edge",
      {
        answer: (passing) => {
          if (passing.status < 400) return;
          passing.body = Buffer.from("<html>Oops</html>");
        },
      },
      [/refusals come in our words: GET \/there-is-nothing-here answers 404, and not in our words/],
    ],
    [
      "seats are refused in other words",
      {
        answer: (passing, path) => {
          if (path.startsWith("/matchmake")) passing.status = passing.status === 401 ? 200 : passing.status;
        },
      },
      [/a seat is refused with 200/],
    ],
    [
      "guards are dropped",
      {
        answer: ({ headers }) => {
          delete headers["x-request-id"];
        },
      },
      [/X-Request-Id does not come back/],
    ],
    [
      "answers may be stored",
      {
        answer: ({ headers }) => {
          headers["cache-control"] = "public, max-age=60";
        },
      },
      [/Cache-Control is not no-store/],
    ],
    [
      "every page may call",
      {
        answer: ({ headers }) => {
          headers["access-control-allow-origin"] = "*";
        },
      },
      [/pages of any origin may call/],
    ],
    [
      "a part is away",
      {
        answer: (passing, path) => {
          if (path === "/health") passing.body = Buffer.from(passing.body.toString().replace("healthy", "degraded"));
        },
      },
      [/it lives, and has all it was given: \/health says degraded: .*redis/],
    ],
    [
      "sockets do not get through",
      { noSockets: true },
      [/two phones enter their room/, /what one says/, /who comes back/],
    ],
    ["nothing is heard on sockets", { bytes: 400 }, [/two phones enter their room/]],
  ];
  for (const [what, how, words] of cases) {
    it(`[DY4] says what is amiss where ${what}, and deletes whoever it signed up`, async () => {
      const before = await left();
      const { code, said, amiss } = await smoke(await meddling(how), ["--within", "4000"]);
      assert.equal(code, 1, said);
      for (const one of words)
        assert.ok(
          amiss.some((line) => one.test(line)),
          said,
        );
      assert.equal(await left(), before);
    });
  }

  it("[DY4] says that nobody is there, and how it is used", async () => {
    const { code, amiss } = await smoke(`http://127.0.0.1:${await freePort()}`);
    assert.equal(code, 1);
    assert.match(amiss[0] ?? "", /ECONNREFUSED/);
    for (const [url, ...args] of [["not-a-url"], [server.url, "--within", "soon"], [server.url, "--fast"]] as const) {
      const misused = await smoke(url, args);
      assert.deepEqual([misused.code, /npm run smoke -- URL/.test(misused.said)], [2, true]);
    }
  });
});
