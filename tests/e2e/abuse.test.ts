import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { unpack } from "msgpackr";
import { WebSocket } from "ws";
import { Phone } from "../support/phone.ts";
import { Random } from "../support/random.ts";
import { type PairedUp, type SignedUp, TestServer } from "../support/server.ts";

describe("the room, under attack", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  let strangers: PairedUp;
  let ada: Phone;
  let bea: Phone;
  const phones: Phone[] = [];
  before(async () => {
    server = await TestServer.create();
    await server.start();
    [twins, strangers] = await Promise.all([server.pairUp(), server.pairUp()]);
  });
  beforeEach(async () => {
    [ada, bea] = await Promise.all([Phone.join(server, twins.ada), Phone.join(server, twins.bea)]);
    phones.push(ada, bea);
  });
  afterEach(() => Promise.all(phones.splice(0).map((phone) => phone.leave())));
  after(async () => {
    const { status } = await server.call("GET", "/health");
    assert.equal(status, 200);
    await server.remove();
  });

  /** The attack left nothing behind, and everybody who behaved is still there. */
  async function unharmed(...still: Phone[]): Promise<void> {
    for (const phone of still) assert.equal(phone.isClosed, false);
    const newest = async () => (await bea.ask("chat.history", { limit: 1 })).messages[0]?.seq ?? 0;
    const before = await newest();
    const { seq } = await bea.say(`still here ${before}`);
    assert.deepEqual([seq, await newest()], [before + 1, before + 1]);
  }

  const UUID = "00000000-0000-4000-8000-000000000001";
  const wrong: [what: string, name: string, payload: unknown, code?: string][] = [
    ["nothing at all", "chat.send", undefined],
    ["null", "chat.send", null],
    ["a list", "chat.send", []],
    ["a number", "chat.send", 7],
    ["no key", "chat.send", { text: "a" }],
    ["a key that is a number", "chat.send", { key: 1, text: "a" }],
    ["a key of 65", "chat.send", { key: "k".repeat(65), text: "a" }],
    ["a NUL in a key", "chat.send", { key: "a\0b", text: "a" }],
    ["half an emoji in a key", "chat.send", { key: "\ud83d", text: "a" }],
    ["text that is a number", "chat.send", { key: "w1", text: 5 }],
    ["2,001 characters", "chat.send", { key: "w2", text: "x".repeat(2001) }],
    ["a NUL in the text", "chat.send", { key: "w3", text: "a\0b" }],
    ["half an emoji in the text", "chat.send", { key: "w4", text: "half \ud83d here" }],
    ["a forged sender", "chat.send", { key: "w5", text: "a", senderId: UUID }],
    ["an unknown field", "chat.send", { key: "w6", text: "a", sentAt: "2020-01-01T00:00:00Z" }],
    ["a prototype", "chat.send", { key: "w7", text: "a", constructor: { prototype: { isAdmin: true } } }],
    ["a pair id that is none", "chat.send", { key: "w8", text: "a", pairId: "no" }],
    ["a foreign pair", "chat.send", { key: "w9", text: "a", pairId: UUID }, "GONE"],
    ["a message that is none", "chat.edit", { key: "w10", messageId: "x", text: "a" }],
    [
      "a message of nobody",
      "chat.react",
      { key: "w11", messageId: "01900000-0000-7000-8000-000000000000", emoji: "🙂", on: true },
      "NOT_FOUND",
    ],
    [
      "letters for an emoji",
      "chat.react",
      { key: "w12", messageId: "01900000-0000-7000-8000-000000000000", emoji: "abc", on: true },
    ],
    ["a mark that is a word", "chat.read", { upTo: "all" }],
    ["a mark without end", "chat.read", { upTo: Number.POSITIVE_INFINITY }],
    ["a search of nothing", "chat.search", { q: "   " }],
    ["a search of 201", "chat.search", { q: "x".repeat(201) }],
    ["a page of minus one", "chat.history", { limit: -1 }],
    ["a sync from a word", "chat.sync", { afterVersion: "one" }],
    ["a time that is a word", "clock.sync", { t0: "now" }],
    ["a token that is a number", "auth.refresh", { accessToken: 5 }],
    ["a cipher of functions", "chat.send", { key: "w13", encrypted: [1, 2, 3] }],
    ["a cipher with a date in it", "chat.send", { key: "w14", encrypted: { at: new Date() } }],
    ["a cipher of bytes", "chat.send", { key: "w15", encrypted: { bytes: new Uint8Array([1, 2]) } }],
    ["a cipher too deep", "chat.send", { key: "w16", encrypted: { a: deep(200) } }],
    ["a text too deep", "chat.send", { key: "w17", text: deep(500) }],
    ["an unknown command", "chat.shout", { key: "w18" }, "NOT_FOUND"],
    ["a command named like an object's own", "constructor", {}, "NOT_FOUND"],
    ["another such", "__proto__", {}, "NOT_FOUND"],
    ["a command of 250 characters", "x".repeat(250), {}, "NOT_FOUND"],
    ["a command of 100 characters", "x".repeat(100), undefined, "NOT_FOUND"],
  ];
  for (const [what, name, payload, code = "VALIDATION_ERROR"] of wrong) {
    it(`[CH2] ${what} is answered ${code}, and the socket stays`, async () => {
      assert.equal(await ada.refusal(name, payload), code);
      await unharmed(ada, bea);
    });
  }

  it("[AB1] plain sends of every unknown name and nonsense are passed over", async () => {
    for (const length of [1, 31, 84, 85, 86, 100, 200, 250]) ada.room.send("y".repeat(length), { n: length });
    for (const payload of [undefined, null, 5, [], { on: "yes" }, { on: true, kind: "smell" }]) {
      ada.room.send("chat.typing", payload);
      ada.room.send("presence.set", payload);
    }
    ada.room.send("chat.send", { key: "plain", text: "sent and not asked" });
    await bea.hears("chat.message", ({ message }) => message.key === "plain");
    await unharmed(ada, bea);
  });

  it("[AB2] another pair's message is not there, whatever is asked of it", async () => {
    const cara = await Phone.join(server, strangers.ada);
    phones.push(cara);
    const { id: messageId } = await cara.say("between us");
    const asked: [string, object][] = [
      ["chat.edit", { key: "i1", messageId, text: "a" }],
      ["chat.delete", { key: "i2", messageId, for: "everyone" }],
      ["chat.delete", { key: "i3", messageId, for: "me" }],
      ["chat.react", { key: "i4", messageId, emoji: "🙂", on: true }],
      ["chat.pin", { key: "i5", messageId, on: true }],
      ["chat.send", { key: "i6", text: "a", replyTo: messageId }],
    ];
    for (const [name, payload] of asked) assert.equal(await ada.refusal(name, payload), "NOT_FOUND");
    await unharmed(ada, bea);
  });

  async function rawSocket(who: SignedUp, origin?: string): Promise<WebSocket> {
    const seat = await server.call("POST", "/matchmake/joinOrCreate/pair", who.accessToken, { deviceId: "raw" });
    assert.equal(seat.status, 200, JSON.stringify(seat.body));
    return open(seat.body, who.accessToken, origin);
  }
  function open(seat: { processId: string; roomId: string; sessionId: string }, token: string, origin?: string) {
    const query = new URLSearchParams({ sessionId: seat.sessionId, ...(token && { _authToken: token }) });
    const url = `ws://127.0.0.1:${server.port}/${seat.processId}/${seat.roomId}?${query}`;
    return new WebSocket(url, origin ? { origin } : {});
  }
  /** Also by a reset, of which a socket tells as an error first. */
  const closed = (socket: WebSocket) =>
    new Promise((resolve) => void socket.on("error", () => undefined).once("close", resolve));

  async function fate(socket: WebSocket): Promise<string> {
    return new Promise((resolve) => {
      socket.on("unexpected-response", (_request, response) => resolve(`refused ${response.statusCode}`));
      socket.on("error", () => undefined);
      socket.on("open", () => resolve("open"));
    });
  }

  it("[AB3] noise closes its own socket at most, and nothing else", async () => {
    const random = new Random(7);
    for (let round = 0; round < 30; round++) {
      const socket = await rawSocket(twins.ada);
      await once(socket, "message");
      socket.send(Buffer.from([10]));
      for (let n = 0; n < 20; n++) {
        const noise = randomBytes(random.below(400));
        // Half of it looks like a message of some kind at least.
        if (noise.length > 0 && random.percent(50))
          noise[0] = random.pick([10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 25, 26]);
        socket.send(noise);
      }
      socket.ping();
      await Promise.race([once(socket, "pong").catch(() => undefined), closed(socket)]);
      socket.terminate();
    }
    await unharmed(bea);
  });

  it("[AB3] names of 4,000 characters, requests 10,000 deep and half requests are answered with a code, as no SDK could send them", async () => {
    const socket = await rawSocket(twins.ada);
    await once(socket, "message");
    socket.send(Buffer.from([10]));
    const answers: unknown[] = [];
    const answered = new Promise<void>((resolve) =>
      socket.on("message", (frame: Buffer) => {
        if (frame[0] !== 22) return;
        answers.push([frame[1], frame[2], unpack(frame.subarray(3)).code]);
        if (answers.length === 4) resolve();
      }),
    );
    const named = (length: number) => [0xda, length & 255, length >> 8, ...Buffer.alloc(length, "x")];
    socket.send(Buffer.from([13, ...named(4000), 0xc0]));
    socket.send(Buffer.from([21, 1, ...named(4000), 0xc0]));
    for (const [id, levels] of [
      [2, 10_000],
      [3, 3000],
    ] as const) {
      socket.send(Buffer.from([21, id, 0xa9, ...Buffer.from("chat.send"), ...Buffer.alloc(levels, 0x91), 0xc0]));
    }
    socket.send(Buffer.from([21, 4, 0xa9, ...Buffer.from("chat.send"), 0x81, 0xa3, 0x6b]));
    await answered;
    assert.deepEqual(answers.toSorted(), [
      [1, 1, "NOT_FOUND"],
      [2, 1, "VALIDATION_ERROR"],
      [3, 1, "VALIDATION_ERROR"],
      [4, 1, "VALIDATION_ERROR"],
    ]);
    socket.terminate();
    await unharmed(bea);
  });

  it("[AB3] a frame of 5 MB, frames of text, and an empty one end at most their own socket", async () => {
    const socket = await rawSocket(twins.ada);
    await once(socket, "message");
    socket.send("text instead of bytes");
    socket.send(Buffer.alloc(0));
    socket.send(Buffer.alloc(5 * 1024 * 1024));
    await closed(socket);
    await unharmed(bea);
  });

  it("[AB4] a seat is taken by its owner only: not without a token, not by another, not from a foreign page", async () => {
    const reserve = async () =>
      (await server.call("POST", "/matchmake/joinOrCreate/pair", twins.ada.accessToken, {})).body;
    assert.equal(await fate(open(await reserve(), "")), "refused 401");
    assert.equal(await fate(open(await reserve(), "nonsense")), "refused 401");
    assert.equal(await fate(open(await reserve(), twins.bea.accessToken)), "refused 403");
    assert.equal(await fate(open(await reserve(), strangers.ada.accessToken)), "refused 403");
    assert.equal(await fate(open(await reserve(), twins.ada.accessToken, "https://evil.example")), "refused 403");
    assert.equal(
      await fate(open({ ...(await reserve()), sessionId: "guessed" }, twins.ada.accessToken)),
      "refused 404",
    );
    const own = open(await reserve(), twins.ada.accessToken, server.url);
    assert.equal(await fate(own), "open");
    own.terminate();
  });

  it("[AB5] every other way into a room is closed, and refusals are ones that edges leave alone", async () => {
    const token = twins.ada.accessToken;
    const paths: [path: string, token: string | undefined, status: number, word: string][] = [
      ["/matchmake/create/pair", token, 404, "NOT_FOUND"],
      ["/matchmake/join/pair", token, 404, "NOT_FOUND"],
      [`/matchmake/joinById/${twins.pairId}_1`, token, 404, "NOT_FOUND"],
      ["/matchmake/joinOrCreate/lobby", token, 404, "NOT_FOUND"],
      ["/matchmake/joinOrCreate/pair", undefined, 401, "AUTH_REQUIRED"],
      ["/matchmake/joinOrCreate/pair", "x.y.z", 401, "AUTH_TOKEN_INVALID"],
    ];
    for (const [path, who, status, word] of paths) {
      const { status: got, body } = await server.call("POST", path, who, {});
      assert.deepEqual([path, got, body.code], [path, status, status]);
      assert.match(body.error, new RegExp(`^${word}: `));
    }
    const alone = await server.signUp("Solo");
    const unpaired = await server.call("POST", "/matchmake/joinOrCreate/pair", alone.accessToken, {});
    assert.deepEqual([unpaired.status, unpaired.body.code], [409, 409]);
    assert.match(unpaired.body.error, /^NOT_PAIRED: /);
    const foreign = await server.call("POST", "/matchmake/joinOrCreate/pair", token, { pairId: strangers.pairId });
    assert.equal(foreign.status, 404);
    const seat = await server.call("POST", "/api/v1/room/seat", alone.accessToken, {});
    assert.deepEqual([seat.status, seat.body.success, seat.body.error.code], [409, false, "NOT_PAIRED"]);
  });

  it("[AB6] a seat given over HTTP is one the SDK can take", async () => {
    const { body } = await server.call("POST", "/api/v1/room/seat", twins.ada.accessToken, { deviceId: "seated" });
    const room = await server.clientOf(twins.ada).consumeSeatReservation(body);
    room.reconnection.enabled = false;
    assert.equal((await room.request("chat.history", {})).hasMore, false);
    await room.leave();
  });

  it("[P8] a phone that stops reading is closed 4408, its twin notices nothing, and it resumes without loss", async () => {
    const { body: seat } = await server.call("POST", "/matchmake/joinOrCreate/pair", twins.bea.accessToken, {
      deviceId: "slow",
    });
    const slow = connect(server.port, "127.0.0.1");
    const path = `/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}&_authToken=${twins.bea.accessToken}`;
    const key = randomBytes(16).toString("base64");
    slow.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    await once(slow, "data");
    // The client's "I have joined", masked with zeros, and from here on it reads nothing.
    slow.write(Buffer.from([0x82, 0x81, 0, 0, 0, 0, 10]));
    slow.pause();
    const gone = once(slow, "close");
    const text = "x".repeat(2000);
    const sent = await Promise.all(
      Array.from({ length: 2500 }, (_, n) => ada.ask("chat.send", { key: `slow-${n}`, text })),
    );
    assert.equal(new Set(sent.map(({ seq }) => seq)).size, 2500);
    await ada.sees((state) => state.members?.get(twins.bea.userId)?.devices === 1);
    slow.resume();
    await gone;
    await unharmed(ada, bea);
  });

  it("[AB7] a flood is closed 4429, and its twin goes on", async () => {
    // As many frames as people have: what load tests are allowed, a busy machine cannot even send.
    const usual = await TestServer.create({ RATE_LIMIT_MESSAGES_PER_MINUTE: "100" });
    try {
      await usual.start();
      const { ada, bea } = await usual.pairUp();
      const [flooder, twin] = [await Phone.join(usual, ada, { deviceId: "flood" }), await Phone.join(usual, bea)];
      for (let n = 0; n < 500_000 && !flooder.isClosed; n++) {
        flooder.room.send("chat.typing", { on: n % 2 === 0 });
        if (n % 100 === 0) await new Promise(setImmediate);
      }
      assert.equal(await flooder.closed, 4429);
      assert.equal(twin.isClosed, false);
      assert.equal((await twin.say("still here")).seq, 1);
      await twin.leave();
    } finally {
      await usual.remove();
    }
  });
});

function deep(levels: number): unknown {
  let value: unknown = "bottom";
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
