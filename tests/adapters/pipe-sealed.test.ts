import assert from "node:assert/strict";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BrokenChunk, type PipeSecret, type Side, sealer, unsealer } from "../../server/adapters/pipe/sealed-chunks.ts";
import { GONE_TICKS, PipeBroken, SealedPipe, WINDOW_BYTES } from "../../server/adapters/pipe/sealed-pipe.ts";
import { endOf, writeAll } from "../contracts/pipe.contract.ts";
import { Random } from "../support/random.ts";

const secretOf = (random: Random): PipeSecret => ({ id: bytes(random, 16), key: bytes(random, 32) });

const bytes = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)));

/** What may become of a frame on its way: it arrives as these. */
type Carrier = (frame: Buffer, from: Side) => readonly Buffer[];

/** Two ends, and what carries their frames one turn later. */
function joined(carry: Carrier = (frame) => [frame], secret = secretOf(new Random(1))) {
  const end = (side: Side, other: () => SealedPipe): SealedPipe =>
    new SealedPipe({
      secret,
      side,
      send: (frame) =>
        void setImmediate(() => carry(frame, side).forEach((arriving) => void other().receive(arriving))),
      closed: () => undefined,
    });
  const opener: SealedPipe = end("opener", () => acceptor);
  const acceptor: SealedPipe = end("acceptor", () => opener);
  return { opener, acceptor };
}

const FAULTS = ["lost", "repeated", "swapped", "changed", "cut", "invented", "reflected"] as const;

/** Carries all faithfully but the frame of that number. */
function faultyAt(
  number: number,
  fault: (typeof FAULTS)[number],
  random: Random,
): Carrier & { readonly fired: () => boolean } {
  let carried = 0;
  let held: Buffer | undefined;
  let hasFired = false;
  const carry = (frame: Buffer, from: Side): readonly Buffer[] => {
    if (from !== "opener") return [frame];
    const isLate = held;
    held = undefined;
    if (isLate) return [frame, isLate];
    if (carried++ !== number) return [frame];
    hasFired = true;
    const at = random.below(frame.length - 24) + 24;
    if (fault === "repeated") return [frame, frame];
    if (fault === "swapped") held = frame;
    if (fault === "changed") return [frame.with(at, (frame[at] ?? 0) ^ (1 << random.below(8)))].map(Buffer.from);
    if (fault === "cut") return [frame.subarray(0, at)];
    if (fault === "invented") return [Buffer.concat([frame.subarray(0, 24), bytes(random, random.below(100))])];
    if (fault === "reflected") return [frame.with(1, 1)].map(Buffer.from);
    return [];
  };
  return Object.assign(carry, { fired: () => hasFired });
}

describe("a sealed pipe", () => {
  for (const fault of FAULTS) {
    for (let seed = 1; seed <= 5; seed++) {
      it(`[PI8] a chunk that is ${fault} ends it at both ends, and what was read is a true beginning (seed ${seed})`, async () => {
        const random = new Random(seed);
        const carrier = faultyAt(random.below(30), fault, random);
        const { opener, acceptor } = joined(carrier, secretOf(random));
        const pieces = Array.from({ length: 40 }, () => bytes(random, 1 + random.below(3000)));
        const heard: Buffer[] = [];
        acceptor.on("data", (piece) => heard.push(piece));
        const errors: unknown[] = [];
        for (const end of [opener, acceptor]) end.on("error", (error) => errors.push(error));
        for (const piece of pieces) opener.write(piece) && (await nextTurn());
        for (let ticks = 0; ticks < GONE_TICKS && !(opener.closed && acceptor.closed); ticks++) {
          for (const end of [opener, acceptor]) end.tick();
          await nextTurn();
          await nextTurn();
        }
        assert.ok(carrier.fired());
        assert.deepEqual([opener.closed, acceptor.closed], [true, true]);
        assert.ok(errors.length === 2 && errors.every((error) => error instanceof PipeBroken));
        const all = Buffer.concat(pieces);
        const read = Buffer.concat(heard);
        assert.ok(read.length < all.length && read.equals(all.subarray(0, read.length)));
      });
    }
  }

  it("[PI8] a chunk of another pipe or of one's own is none of the other end's", () => {
    const random = new Random(3);
    const [one, another] = [secretOf(random), secretOf(random)];
    const said = Buffer.from("hello");
    assert.deepEqual(unsealer(one, "acceptor")(sealer(one, "opener")(said)), said);
    const others = { ...another, id: one.id };
    assert.throws(() => unsealer(one, "acceptor")(sealer(others, "opener")(said)), BrokenChunk);
    assert.throws(() => unsealer(one, "acceptor")(sealer(another, "opener")(said)), BrokenChunk);
    assert.throws(() => unsealer(one, "acceptor")(sealer(one, "acceptor")(said)), BrokenChunk);
    assert.throws(() => unsealer(one, "acceptor")(Buffer.alloc(0)), BrokenChunk);
  });

  it("[PI2] holds no more for a reader that does not read than a window and a buffer, and goes on when it does", async () => {
    const { opener, acceptor } = joined();
    const all = Buffer.alloc(4 * WINDOW_BYTES, "x");
    const written = writeAll(opener, [all]);
    while (acceptor.readableLength < WINDOW_BYTES) await nextTurn();
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    assert.equal(acceptor.readableLength, WINDOW_BYTES);
    let read = 0;
    for await (const piece of acceptor) read += piece.length;
    await written;
    assert.equal(read, all.length);
  });

  it("[PI2] ends with an other end that sends more than it may", async () => {
    const secret = secretOf(new Random(5));
    const pipe = new SealedPipe({ secret, side: "acceptor", send: () => undefined, closed: () => undefined });
    const seal = sealer(secret, "opener");
    const broke = once(pipe, "error");
    for (let sent = 0; sent <= WINDOW_BYTES; sent += 32 * 1024) pipe.receive(seal(Buffer.alloc(32 * 1024 + 1)));
    assert.match(String((await broke)[0]), /rules/);
  });

  it("[PI9] stays open for ever while both live, and nothing is said", async () => {
    const { opener, acceptor } = joined();
    for (let ticks = 0; ticks < 10 * GONE_TICKS; ticks++) {
      for (const end of [opener, acceptor]) end.tick();
      await nextTurn();
    }
    assert.deepEqual([opener.destroyed, acceptor.destroyed], [false, false]);
    for (const end of [opener, acceptor]) end.destroy();
  });

  it("[PI9] ends when nothing is heard any more", async () => {
    const { opener, acceptor } = joined((frame, from) => (from === "opener" ? [frame] : []));
    const ended = endOf(opener);
    for (let ticks = 0; ticks <= GONE_TICKS; ticks++) {
      assert.equal(opener.destroyed, false);
      opener.tick();
    }
    await ended;
    assert.equal(opener.destroyed, true);
    acceptor.destroy();
  });

  it("[PI3] both go by themselves once both have said all", async () => {
    const { opener, acceptor } = joined();
    const closed = Promise.all([once(opener, "close"), once(acceptor, "close")]);
    opener.resume().end("a");
    acceptor.resume().end("b");
    await closed;
  });

  it("[PI4] says when it was idle for as long as it was asked to, as a socket does", async () => {
    const { opener, acceptor } = joined();
    const heard: string[] = [];
    opener.setTimeout(30, () => heard.push("asked once"));
    await once(opener, "timeout");
    opener.setTimeout(0);
    assert.deepEqual(heard, ["asked once"]);
    opener.setTimeout(60_000);
    assert.equal(opener.timeout, 60_000);
    for (const end of [opener, acceptor]) end.destroy();
  });
});
