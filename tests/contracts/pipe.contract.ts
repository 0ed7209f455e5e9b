import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, request, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WebSocket, WebSocketServer } from "ws";
import { ANSWER_MS, type Neighbour, NoWay, type NoWayWhy, type Pipes } from "../../server/adapters/pipe/pipe.ts";
import { eventually } from "../support/embedded.ts";
import { Random } from "../support/random.ts";
import { stopwatch } from "../support/stopwatch.ts";

/** Of whoever answers, on a machine that has other things to do: what these tests are about is not how soon. */
export const PATIENT_MS = 5000;

/** Two processes of a cluster, and others that are none. */
export interface TwoProcesses {
  /** Of the one that opens. */
  readonly pipes: Pipes;
  /** The one that accepts. */
  readonly there: Neighbour;
  /** Nobody, and what is said of it. */
  readonly nobody: { readonly at: Neighbour; readonly why: NoWayWhy };
  /** Takes the question, and never answers. */
  readonly silent: Neighbour;
  /** Is asked under another key than its own. */
  readonly otherKey: Neighbour;
  /** Something else that answers there, if that can be. */
  readonly otherService?: Neighbour;
  close(): Promise<void>;
}

/** `accept` takes the other end of each pipe. */
export type OpenTwo = (accept: (duplex: Duplex) => void) => Promise<TwoProcesses>;

const SEEDS = [1, 2, 3];

/** What a stream may hold in this process: its own buffers, both ends. */
const MOST_HELD = 512 * 1024;

/** What every way between two processes promises (docs/spec.md, PI). */
export function pipeContract(name: string, openTwo: OpenTwo): void {
  describe(`a pipe over ${name}`, () => {
    let two: TwoProcesses;
    let takes: (duplex: Duplex) => void = () => undefined;

    before(async () => {
      two = await openTwo((duplex) => takes(duplex));
    });
    after(() => two.close());

    async function openPair(): Promise<[Duplex, Duplex]> {
      const accepted = new Promise<Duplex>((resolve) => {
        takes = resolve;
      });
      const ours = await two.pipes.open(two.there, undefined, PATIENT_MS);
      const theirs = await accepted;
      for (const end of [ours, theirs]) end.on("error", () => end.destroy());
      return [ours, theirs];
    }

    async function serving<T>(server: Server, run: () => Promise<T>): Promise<T> {
      takes = (duplex) => server.emit("connection", duplex);
      try {
        return await run();
      } finally {
        server.closeAllConnections();
      }
    }

    for (const seed of SEEDS) {
      it(`[PI1] carries bytes whole and in order, both ways at once (seed ${seed})`, async () => {
        const random = new Random(seed);
        const [ours, theirs] = await openPair();
        const [asked, answered] = [piecesOf(random), piecesOf(random)];
        const [heardThere, heardHere] = await Promise.all([
          buffer(theirs),
          buffer(ours),
          writeAll(ours, asked),
          writeAll(theirs, answered),
        ]);
        assert.ok(heardThere.equals(Buffer.concat(asked)));
        assert.ok(heardHere.equals(Buffer.concat(answered)));
      });
    }

    it("[PI2] lets a slow reader hold back its writer: 8 MiB pass through bounded memory", async () => {
      const [ours, theirs] = await openPair();
      const pieces = Array.from({ length: 512 }, (_, n) => Buffer.alloc(16 * 1024, n));
      const written = writeAll(ours, pieces);
      let most = 0;
      let read = 0;
      for await (const piece of theirs) {
        most = Math.max(most, ours.writableLength + theirs.readableLength);
        read += piece.length;
        await nextTurn();
      }
      await written;
      theirs.end();
      assert.equal(read, 512 * 16 * 1024);
      assert.ok(most <= MOST_HELD, `${most} bytes were held`);
    });

    it("[PI3] who has said all can still hear", async () => {
      const [ours, theirs] = await openPair();
      ours.end("is anybody there?");
      assert.equal(await text(theirs), "is anybody there?");
      theirs.end("yes, still");
      assert.equal(await text(ours), "yes, still");
    });

    for (const who of ["opens", "accepts"]) {
      it(`[PI3] ends at both ends when the one that ${who} breaks it off`, async () => {
        const pair = await openPair();
        const [first, second] = who === "opens" ? pair : pair.toReversed();
        assert.ok(first && second);
        const ended = endOf(second.resume());
        first.destroy();
        await ended;
      });
    }

    it("[PI4] carries HTTP, many requests over one pipe and many pipes at once", async () => {
      let connections = 0;
      const server = createServer(async (asked, answer) => {
        answer.end(`${asked.url} ${await text(asked)}`);
      }).on("connection", () => connections++);
      const agent = new PipeAgent(two, 1);
      try {
        await serving(server, async () => {
          for (let n = 0; n < 5; n++) assert.equal(await post(agent, `/${n}`, "x".repeat(n)), `/${n} ${"x".repeat(n)}`);
          assert.equal(connections, 1);
          const long = "ü".repeat(300_000);
          assert.equal(await post(agent, "/long", long), `/long ${long}`);
        });
      } finally {
        agent.destroy();
      }
    });

    it("[PI4] carries an answer whole to a slow reader, though the server closes at once", async () => {
      const body = Buffer.alloc(900_000, "z");
      const server = createServer((_asked, answer) => answer.setHeader("connection", "close").end(body));
      const agent = new PipeAgent(two, 1);
      try {
        await serving(server, async () => {
          const asked = request({ agent, path: "/" }).end();
          const [answer] = await once(asked, "response");
          let read = 0;
          for await (const piece of answer) {
            read += piece.length;
            await nextTurn();
          }
          assert.equal(read, body.length);
        });
      } finally {
        agent.destroy();
      }
    });

    it("[PI4] carries a WebSocket: a thousand frames come back as they were", async () => {
      const server = createServer();
      const sockets = new WebSocketServer({ server });
      sockets.on("connection", (socket) =>
        socket.on("message", (frame, isBinary) => socket.send(frame, { binary: isBinary })),
      );
      const random = new Random(7);
      const frames = Array.from({ length: 1000 }, (_, n) => Buffer.alloc(random.below(2000), n));
      await serving(server, async () => {
        const pipe = await two.pipes.open(two.there, undefined, PATIENT_MS);
        const socket = new WebSocket("ws://there/", { createConnection: () => pipe });
        await once(socket, "open");
        const heard: Buffer[] = [];
        const all = Promise.withResolvers<void>();
        socket.on("message", (frame) => {
          if (heard.push(asBuffer(frame)) === frames.length) all.resolve();
        });
        for (const frame of frames) socket.send(frame);
        await all.promise;
        assert.deepEqual(heard, frames);
        socket.close(4000);
        assert.equal((await once(socket, "close"))[0], 4000);
      });
      sockets.close();
    });

    it("[PI5] leads to nobody who does not prove to be of the cluster", async () => {
      takes = () => assert.fail("a stranger was accepted");
      await assert.rejects(two.pipes.open(two.otherKey, undefined, PATIENT_MS), noWay("stranger"));
      if (two.otherService)
        await assert.rejects(two.pipes.open(two.otherService, undefined, PATIENT_MS), noWay("stranger"));
    });

    it("[PI6] says in time that nobody is there, or that somebody is silent", async () => {
      const took = stopwatch();
      await assert.rejects(two.pipes.open(two.nobody.at), noWay(two.nobody.why));
      await assert.rejects(two.pipes.open(two.silent), noWay("silent"));
      assert.ok(took() < 2000);
    });

    it("[PI6] is not waited for any longer than its asker wants", async () => {
      const took = stopwatch();
      await assert.rejects(two.pipes.open(two.silent, AbortSignal.abort()), noWay("silent"));
      const asker = new AbortController();
      const opening = two.pipes.open(two.silent, asker.signal);
      asker.abort();
      await assert.rejects(opening, noWay("silent"));
      assert.ok(took() < ANSWER_MS);
    });

    it("[PI1] does not mix fifty pipes that are open at once", async () => {
      takes = (duplex) => duplex.on("error", () => duplex.destroy()).pipe(duplex);
      const echoed = Array.from({ length: 50 }, async (_, n) => {
        const pipe = await two.pipes.open(two.there, undefined, PATIENT_MS);
        const said = Buffer.alloc(50_000 + n, n);
        pipe.end(said);
        assert.ok((await buffer(pipe)).equals(said));
      });
      await Promise.all(echoed);
    });

    it("[PI7] all pipes end when the ways are closed, and the process can end", async () => {
      const handles = () => process.getActiveResourcesInfo().filter((kind) => kind !== "Immediate").length;
      // One more is the timer of who asks.
      const most = handles() + 1;
      const ends: Duplex[] = [];
      const other = await openTwo((duplex) => void ends.push(duplex.on("error", () => undefined).resume()));
      const pipe = await other.pipes.open(other.there, undefined, PATIENT_MS);
      const closed = endOf(pipe);
      const waiting = other.pipes.open(other.silent, undefined, 60_000);
      const givenUp = assert.rejects(waiting, { name: "NoWay" });
      await eventually(() => ends.length === 1);
      await other.close();
      await closed;
      await givenUp;
      await eventually(() => ends.every((end) => end.destroyed) && handles() <= most);
    });
  });
}

/** Pipes for Node's own HTTP client. */
export class PipeAgent extends Agent {
  readonly #two: Pick<TwoProcesses, "pipes" | "there">;

  constructor(two: Pick<TwoProcesses, "pipes" | "there">, maxSockets: number) {
    super({ keepAlive: true, maxSockets, timeout: 10_000 });
    this.#two = two;
  }

  override createConnection(_options: object, done: (error: Error | null, duplex: Duplex) => void): undefined {
    this.#two.pipes.open(this.#two.there, undefined, PATIENT_MS).then(
      (duplex) => done(null, duplex),
      (error: Error) => Reflect.apply(done, undefined, [error]),
    );
  }
}

export async function post(agent: Agent, path: string, body: string): Promise<string> {
  const asked = request({ agent, path, method: "POST" });
  asked.end(body);
  const [answer] = await once(asked, "response");
  return text(answer);
}

export const noWay = (why: NoWayWhy) => (error: unknown) => error instanceof NoWay && error.why === why;

/** Two megabytes in pieces of any size. */
function piecesOf(random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  for (let left = 2_000_000; left > 0; ) {
    const most = random.pick([1, 10, 1000, 70_000, 400_000]);
    const piece = Buffer.alloc(Math.min(left, 1 + random.below(most)), random.below(256));
    pieces.push(piece);
    left -= piece.length;
    if (pieces.length > 2000) break;
  }
  return pieces;
}

/** Whichever way it hears that there will be no more. */
export async function endOf(duplex: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  duplex.on("error", () => resolve());
  for (const event of ["end", "close"]) duplex.once(event, () => resolve());
  await promise;
}

export async function writeAll(to: Duplex, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) if (!to.write(piece)) await once(to, "drain");
  to.end();
}

const asBuffer = (frame: Buffer | ArrayBuffer | Buffer[]): Buffer =>
  Array.isArray(frame) ? Buffer.concat(frame) : Buffer.from(Buffer.isBuffer(frame) ? frame : new Uint8Array(frame));
