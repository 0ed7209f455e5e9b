import assert from "node:assert/strict";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import { HttpWorld } from "../support/http.ts";
import { ada, bea, pair } from "../support/twins.ts";

const FORMER = pair(9);

describe("pages of history", () => {
  let world: HttpWorld;
  const times: string[] = [];
  before(async () => {
    world = await HttpWorld.open();
    for (let n = 1; n <= 10; n++) times.push(new Date(world.said.say(world.twin(ada), `${n}`).sentAt).toISOString());
    world.said.hide({ userId: bea, pairId: pair(1) }, 7);
    world.former.set(ada, FORMER);
    world.said.say({ userId: ada, pairId: FORMER }, "long ago");
  });
  after(() => world.close());

  const get = async (query: string, as = "ada") => (await world.call("GET", `/api/v1/messages${query}`, { as })).body;
  const seqsOf = ({ messages }: { messages: AnyMessageView[] }) => messages.map(({ seq }) => seq);

  const rows: [
    query: string,
    seqs: number[],
    pagination: [page: number, next: boolean, prev: boolean],
    cursor: string | null,
  ][] = [
    ["", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, false, false], null],
    ["?limit=4", [7, 8, 9, 10], [1, true, false], "older-7"],
    ["?limit=4&page=1", [7, 8, 9, 10], [1, true, false], "older-7"],
    ["?limit=4&page=2", [3, 4, 5, 6], [2, true, true], "older-3"],
    ["?limit=4&page=3", [1, 2], [3, false, true], null],
    ["?limit=4&page=4", [], [4, false, true], null],
    ["?limit=4&page=1000000", [], [1_000_000, false, true], null],
    ["?limit=4&before=7", [3, 4, 5, 6], [2, true, true], "older-3"],
    ["?limit=4&cursor=older-7", [3, 4, 5, 6], [2, true, true], "older-3"],
    ["?limit=4&before=1", [], [3, false, true], null],
    ["?limit=4&before=0", [], [3, false, true], null],
    ["?limit=4&before=999999999999999", [7, 8, 9, 10], [1, true, false], "older-7"],
    ["?limit=4&after=0", [1, 2, 3, 4], [2, true, false], "newer-4"],
    ["?limit=4&after=4", [5, 6, 7, 8], [1, true, true], "newer-8"],
    ["?limit=4&cursor=newer-8", [9, 10], [1, false, true], null],
    ["?limit=4&after=10", [], [1, false, true], null],
    ["?limit=4&after=999999999999999", [], [1, false, true], null],
  ];
  for (const [query, seqs, [page, hasNext, hasPrev], cursor] of rows) {
    it(`[ME1] ${query || "without a word"} is ${seqs.length === 0 ? "nothing" : seqs.join(" ")}`, async () => {
      const body = await get(query);
      assert.deepEqual([seqsOf(body), body.nextCursor], [seqs, cursor]);
      const { limit, total, totalPages, ...rest } = body.pagination;
      assert.deepEqual(rest, { page, hasNext, hasPrev });
      assert.deepEqual([total, totalPages], [10, Math.ceil(10 / limit)]);
    });
  }

  it("[ME1] times are taken as they were shown, finer, or in another zone", async () => {
    const at = times[4] ?? "";
    const finer = at.replace("Z", "4Z");
    const inRome = `${new Date(Date.parse(at) + 3_600_000).toISOString().slice(0, -1)}+01:00`;
    assert.deepEqual(seqsOf(await get(`?after=${at}`)), [6, 7, 8, 9, 10]);
    assert.deepEqual(seqsOf(await get(`?before=${at}`)), [1, 2, 3, 4]);
    assert.deepEqual(seqsOf(await get(`?after=${finer}`)), [6, 7, 8, 9, 10]);
    assert.deepEqual(seqsOf(await get(`?before=${finer}`)), [1, 2, 3, 4, 5]);
    assert.deepEqual(seqsOf(await get(`?after=${inRome}`)), [6, 7, 8, 9, 10]);
    assert.deepEqual(seqsOf(await get(`?after=${encodeURIComponent(inRome)}`)), [6, 7, 8, 9, 10]);
    assert.deepEqual(seqsOf(await get("?after=1970-01-01T00:00:00Z&limit=2")), [1, 2]);
    assert.deepEqual(seqsOf(await get("?before=9999-12-31T23:59:59Z&limit=2")), [9, 10]);
  });

  const nonsense = [
    "limit=0",
    "limit=101",
    "limit=-1",
    "limit=1.5",
    "limit=ten",
    "limit=",
    "before=-1",
    "before=1e3",
  ].concat(
    [
      "before=yesterday",
      "after=2026-01-01",
      "after=2026-13-01T00:00:00Z",
      "before=9999999999999999",
      "page=0",
      "page=x",
    ],
    ["cursor=7", "cursor=sideways-7", "cursor=older-", "cursor=older--7", "before=1&after=1", "page=1&before=5"],
    ["cursor=older-3&page=2", "pairId=none", "pairId="],
  );
  for (const query of nonsense) {
    it(`[ME1] ${query} is no page`, async () => {
      assert.equal(await world.refusal("GET", `/api/v1/messages?${query}`, { as: "ada" }), "400 VALIDATION_ERROR");
    });
  }

  it("[ME1] a page asked for by its number is whole, also where messages are long", async () => {
    const long = await HttpWorld.open();
    for (let n = 0; n < 60; n++) long.said.say(long.twin(ada), "x".repeat(8000));
    const asked = async (query: string) => (await long.call("GET", `/api/v1/messages${query}`, { as: "ada" })).body;
    assert.ok((await asked("?limit=60")).messages.length < 20);
    const whole = await asked("?limit=40&page=1");
    assert.deepEqual(
      seqsOf(whole),
      Array.from({ length: 40 }, (_, n) => n + 21),
    );
    assert.equal(whole.nextCursor, "older-21");
    const walked: number[] = [];
    for (let query = "?limit=60"; ; ) {
      const { messages, nextCursor } = await asked(query);
      walked.unshift(...messages.map(({ seq }: AnyMessageView) => seq));
      if (nextCursor === null) break;
      query = `?limit=60&cursor=${nextCursor}`;
    }
    assert.deepEqual(
      walked,
      Array.from({ length: 60 }, (_, n) => n + 1),
    );
    await long.close();
  });

  it("[ME1] nothing said is one empty page", async () => {
    const silent = await HttpWorld.open();
    const { body } = await silent.call("GET", "/api/v1/messages", { as: "ada" });
    const pagination = { page: 1, limit: 50, total: 0, totalPages: 0, hasNext: false, hasPrev: false };
    assert.deepEqual(body, { success: true, messages: [], pagination, nextCursor: null });
    await silent.close();
  });

  it("[ME10] an earlier pair is read by its id, by who was in it, and by nobody else", async () => {
    assert.deepEqual(seqsOf(await get(`?pairId=${FORMER}`)), [1]);
    assert.deepEqual(seqsOf(await get(`?pairId=${FORMER.toUpperCase()}`)), [1]);
    assert.equal((await get(`/export?pairId=${FORMER}`)).messages[0].text, "long ago");
    for (const path of ["", "/search", "/export"]) {
      const address = `/api/v1/messages${path}?q=a&pairId=${FORMER}`;
      assert.equal(await world.refusal("GET", address, { as: "bea" }), "404 NOT_FOUND");
    }
  });

  it("[ME7] an export holds what is shown to its reader, in order, and nothing of what they hid", async () => {
    const { body, headers } = await world.call("GET", "/api/v1/messages/export", { as: "bea" });
    assert.deepEqual(seqsOf(body), [1, 2, 3, 4, 5, 6, 8, 9, 10]);
    assert.equal(headers.get("content-disposition"), `attachment; filename="twinship-${pair(1)}.json"`);
    assert.deepEqual([body.pairId, new Date(body.exportedAt).toISOString()], [pair(1), body.exportedAt]);
    assert.equal((await get("?limit=4", "bea")).messages[0].hidden, true);
  });
});
