import assert from "node:assert/strict";
import { type PairedUp, TestServer } from "../support/server.ts";

interface Told {
  readonly id: string;
  readonly seq: number;
  readonly sentAt: string;
}

describe("messages over HTTP", function () {
  this.timeout(60_000);
  let server: TestServer;
  let twins: PairedUp;
  let strangers: PairedUp;
  before(async () => {
    server = await TestServer.create();
    await server.start();
    strangers = await server.pairUp();
  });
  beforeEach(async () => {
    twins = await server.pairUp();
  });
  after(() => server.remove());

  const as = (who: "ada" | "bea", method: string, path: string, body?: unknown, headers = {}) =>
    server.call(method, `/api/v1/messages${path}`, twins[who].accessToken, body, headers);
  async function say(...texts: string[]): Promise<Told[]> {
    const sent: Told[] = [];
    for (const text of texts) sent.push((await as("ada", "POST", "", { text })).body.message);
    return sent;
  }
  const seqs = (answer: { body: { messages: Told[] } }) => answer.body.messages.map(({ seq }) => seq);

  it("[ME1] pages by seq, by time as it was shown, by cursor to its end, and by number for older clients", async () => {
    const [one, two] = await say("one", "two", "three", "four", "five");
    assert.ok(one && two);
    assert.deepEqual(seqs(await as("bea", "GET", "?limit=2")), [4, 5]);
    assert.deepEqual(seqs(await as("bea", "GET", "?limit=2&before=4")), [2, 3]);
    assert.deepEqual(seqs(await as("bea", "GET", "?limit=2&after=1")), [2, 3]);
    assert.deepEqual(seqs(await as("bea", "GET", `?after=${one.sentAt}`)), [2, 3, 4, 5]);
    assert.deepEqual(seqs(await as("bea", "GET", `?before=${one.sentAt}`)), []);
    assert.deepEqual(seqs(await as("bea", "GET", `?before=${two.sentAt}`)), [1]);
    const second = await as("bea", "GET", "?limit=2&page=2");
    const { page, total, totalPages, hasNext, hasPrev } = second.body.pagination;
    assert.deepEqual([seqs(second), page, total, totalPages, hasNext, hasPrev], [[2, 3], 2, 5, 3, true, true]);
    for (const start of ["", "&after=0"]) {
      const walked: number[] = [];
      for (let query = `?limit=1${start}`; ; ) {
        const answer = await as("bea", "GET", query);
        walked.push(...seqs(answer));
        if (answer.body.nextCursor === null) break;
        query = `?limit=1&cursor=${answer.body.nextCursor}`;
      }
      assert.deepEqual(walked, start ? [1, 2, 3, 4, 5] : [5, 4, 3, 2, 1]);
    }
    for (const query of ["?limit=0", "?limit=101", "?before=x", "?before=1&after=1", "?cursor=x", "?pairId=x"]) {
      assert.equal((await as("bea", "GET", query)).status, 400, query);
    }
  });

  it("[ME2] 201 for a message, 200 for its repeat; the body's key wins, then the header's, then one of ours", async () => {
    const key = { "idempotency-key": "header" };
    const first = await as("ada", "POST", "", { clientMessageId: "body", text: "a" }, key);
    const again = await as("ada", "POST", "", { clientMessageId: "body", text: "a" });
    const header = await as("ada", "POST", "", { text: "b" }, key);
    const repeat = await as("ada", "POST", "", { text: "b" }, key);
    const own = await as("ada", "POST", "", { text: "b" });
    assert.deepEqual(
      [first, again, header, repeat, own].map(({ status, body }) => [status, body.message.seq]),
      [
        [201, 1],
        [200, 1],
        [201, 2],
        [200, 2],
        [201, 3],
      ],
    );
    assert.equal(
      (await as("ada", "POST", "", { clientMessageId: "body", text: "other" })).body.error.code,
      "ID_REUSED",
    );
  });

  it("[ME3] half a surrogate pair, a NUL, an unknown field and a foreign picture are refused, and nothing is stored", async () => {
    const raw = (body: string) =>
      server.call("POST", "/api/v1/messages", twins.ada.accessToken, body, { "content-type": "application/json" });
    for (const body of [
      '{"text":"half \\ud83d here"}',
      '{"text":"a\\u0000b"}',
      '{"text":"a","senderId":"x"}',
      '{"text":"a","clientMessageId":"\\ud83d"}',
    ]) {
      assert.deepEqual([body, (await raw(body)).body.error.code], [body, "VALIDATION_ERROR"]);
    }
    assert.ok((await raw('{"type":"image","imageUrl":"https://evil.example/x.png"}')).status >= 400);
    assert.deepEqual(seqs(await as("ada", "GET", "")), []);
  });

  it("[ME4] edits, takes back and hides", async () => {
    const [one, two] = await say("frist", "two");
    const edited = await as("ada", "PATCH", `/${one?.id}`, { text: "first" });
    assert.deepEqual([edited.status, edited.body.message.text], [200, "first"]);
    assert.equal((await as("bea", "PATCH", `/${one?.id}`, { text: "x" })).body.error.code, "FORBIDDEN");
    assert.equal((await as("bea", "DELETE", `/${one?.id}?for=me`)).status, 200);
    assert.equal((await as("ada", "DELETE", `/${two?.id}`)).status, 200);
    const [mine, gone] = (await as("bea", "GET", "")).body.messages;
    assert.deepEqual([mine.hidden, "text" in mine, gone.text], [true, false, null]);
  });

  it("[ME5] reacts, and takes the keycap off by its address, with or without its selector", async () => {
    const [one] = await say("one");
    for (const address of ["%23%EF%B8%8F%E2%83%A3", "%23%E2%83%A3"]) {
      const put = await as("bea", "POST", `/${one?.id}/reactions`, { emoji: "#️⃣" });
      assert.deepEqual([put.status, put.body.reaction.emoji], [201, "#️⃣"]);
      assert.equal((await as("bea", "DELETE", `/${one?.id}/reactions/${address}`)).status, 200);
      assert.deepEqual((await as("bea", "GET", "")).body.messages[0].reactions, []);
    }
    assert.equal((await as("bea", "POST", `/${one?.id}/reactions`, { emoji: "abc" })).status, 400);
  });

  it("[ME5] takes what people really use, and gives it back byte for byte; one of each", async () => {
    const [one] = await say("one");
    const wales = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}";
    const signs = ["❤️", "👍🏽", "👨‍👩‍👧‍👦", "1️⃣", "#️⃣", "🇸🇰", wales];
    for (const emoji of signs) {
      const { status, body } = await as("bea", "POST", `/${one?.id}/reactions`, { emoji });
      assert.deepEqual([status, body.reaction.emoji, body.reaction.userId], [201, emoji, twins.bea.userId]);
    }
    await as("bea", "POST", `/${one?.id}/reactions`, { emoji: "❤️" });
    const { reactions } = (await as("ada", "GET", "")).body.messages[0];
    assert.deepEqual(
      reactions.map(({ emoji }: { emoji: string }) => emoji),
      signs,
    );
    for (const emoji of ["abc", "", `❤️ ${"x".repeat(2000)}`, "❤️❤️", 7, null]) {
      const { status, body } = await as("bea", "POST", `/${one?.id}/reactions`, { emoji });
      assert.deepEqual([status, body.error.code], [400, "VALIDATION_ERROR"], String(emoji));
    }
  });

  it("[ME13] the same words under another key are another message", async () => {
    const answers = await Promise.all(
      ["a", "b"].map((clientMessageId) => as("ada", "POST", "", { clientMessageId, text: "ok" })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201],
    );
    assert.deepEqual(seqs(await as("bea", "GET", "")), [1, 2]);
  });

  it("[ME6] reading a tombstone is answered, and nothing is left that could count as unread", async () => {
    const [one, two] = await say("m1", "m2");
    await as("ada", "DELETE", `/${two?.id}`);
    const read = await as("bea", "POST", `/${two?.id}/read`);
    assert.deepEqual([read.status, read.body.readSeq], [200, 2]);
    const bulk = await as("bea", "POST", "/bulk-read", { messageIds: [one?.id, two?.id] });
    assert.deepEqual([bulk.status, bulk.body.updatedCount, bulk.body.readSeq], [200, 0, 2]);
  });

  it("[ME7] finds words, and exports all of history as one document", async () => {
    await say("who are you", "nobody");
    const found = await as("bea", "GET", "/search?q=you");
    assert.deepEqual([found.body.hits.length, found.body.nextCursor], [1, null]);
    const whole = await as("bea", "GET", "/export");
    assert.deepEqual([whole.body.success, whole.body.pairId, seqs(whole)], [true, twins.pairId, [1, 2]]);
  });

  it("[ME8] what belongs to another pair is not there, on any route", async () => {
    const { message } = (await server.call("POST", "/api/v1/messages", strangers.ada.accessToken, { text: "ours" }))
      .body;
    const asked: [method: string, path: string, body?: object][] = [
      ["PATCH", `/${message.id}`, { text: "x" }],
      ["DELETE", `/${message.id}`],
      ["DELETE", `/${message.id}?for=me`],
      ["POST", `/${message.id}/reactions`, { emoji: "🙂" }],
      ["DELETE", `/${message.id}/reactions/%F0%9F%99%82`],
      ["POST", `/${message.id}/read`],
      ["POST", "/bulk-read", { messageIds: [message.id] }],
      ["GET", `?pairId=${strangers.pairId}`],
      ["GET", `/search?q=a&pairId=${strangers.pairId}`],
      ["GET", `/export?pairId=${strangers.pairId}`],
      ["DELETE", `/${message.id}?pairId=${strangers.pairId}`],
    ];
    for (const [method, path, body] of asked) {
      const { status } = await as("ada", method, path, body);
      assert.deepEqual([method, path, status], [method, path, 404]);
    }
  });

  it("[ME9] without a twin there is nothing to say or to read", async () => {
    const alone = await server.signUp("Solo");
    for (const [method, body] of [
      ["GET", undefined],
      ["POST", { text: "a" }],
    ] as const) {
      const { status, body: told } = await server.call(method, "/api/v1/messages", alone.accessToken, body);
      assert.deepEqual([status, told.error.code], [409, "NOT_PAIRED"]);
    }
  });
});
