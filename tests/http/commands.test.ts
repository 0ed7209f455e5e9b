import assert from "node:assert/strict";
import type { PairDoor } from "../../domain/ports.ts";
import { HttpWorld } from "../support/http.ts";
import { ada, newYear, pair } from "../support/twins.ts";

const ID = "01900000-0000-7000-8000-000000000000";
const V4 = "00000000-0000-4000-8000-000000000001";

describe("commands by HTTP", () => {
  let world: HttpWorld;
  beforeEach(async () => {
    world = await HttpWorld.open();
  });
  afterEach(() => world.close());

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    world.call(method, `/api/v1/messages${path}`, { as: "ada", headers, ...(body === undefined ? {} : { body }) });
  const last = () => world.door.executed.at(-1);

  it("[ME2] the room is told what a device would tell it, field for field", async () => {
    const cipher = { b: 1, a: [{ z: "é" }, null], __proto: 1 };
    const rows: [method: string, path: string, body: object, name: string, payload: object][] = [
      [
        "POST",
        "",
        { text: " hi ", clientMessageId: "k", replyTo: ID },
        "chat.send",
        { text: " hi ", replyTo: ID, key: "k" },
      ],
      ["POST", "", { encrypted: cipher, key: "k" }, "chat.send", { encrypted: cipher, key: "k" }],
      ["PATCH", `/${ID}`, { text: "a", key: "k" }, "chat.edit", { key: "k", messageId: ID, text: "a" }],
      ["DELETE", `/${ID}`, { key: "k" }, "chat.delete", { key: "k", messageId: ID, for: "everyone" }],
      ["DELETE", `/${ID}?for=me`, { key: "k" }, "chat.delete", { key: "k", messageId: ID, for: "me" }],
      [
        "DELETE",
        `/${ID}?for=me`,
        { key: "k", for: "everyone" },
        "chat.delete",
        { key: "k", messageId: ID, for: "everyone" },
      ],
      [
        "POST",
        `/${ID}/reactions`,
        { emoji: "❤️", key: "k" },
        "chat.react",
        { key: "k", messageId: ID, emoji: "❤️", on: true },
      ],
      [
        "DELETE",
        `/${ID}/reactions/%E2%9D%A4%EF%B8%8F`,
        { key: "k" },
        "chat.react",
        { key: "k", messageId: ID, emoji: "❤️", on: false },
      ],
      [
        "DELETE",
        `/${ID}/reactions/%252F`,
        { key: "k" },
        "chat.react",
        { key: "k", messageId: ID, emoji: "%2F", on: false },
      ],
    ];
    for (const [method, path, body, name, payload] of rows) {
      await call(method, path, body);
      assert.deepEqual(last(), { name, payload });
      assert.equal(JSON.stringify(Object(last()?.payload).encrypted), JSON.stringify(Object(payload).encrypted));
    }
  });

  it("[ME2] the body's key wins, then the header's, then one that nobody repeats", async () => {
    const header = { "idempotency-key": "header" };
    const key = () => Object(last()?.payload).key;
    await call("POST", "", { text: "a", clientMessageId: "body" }, header);
    assert.equal(key(), "body");
    await call("DELETE", `/${ID}`, undefined, header);
    assert.equal(key(), "header");
    await call("DELETE", `/${ID}`);
    assert.match(key(), /^[0-9a-f-]{36}$/);
    for (const wrong of ["x".repeat(65), ""]) {
      const { status, body } = await call("POST", "", { text: "a" }, { "idempotency-key": wrong });
      assert.deepEqual([status, body.error.details?.[0].path], [400, "Idempotency-Key"], wrong);
    }
    assert.equal((await call("POST", "", { text: "a", key: "x".repeat(65) })).status, 400);
  });

  it("[ME2] a repeat whose message was trimmed since is answered with its place", async () => {
    const receipt = { id: ID, seq: 3, version: 7, at: newYear, duplicate: true };
    const door: PairDoor = { execute: async () => receipt, mark: async () => 0 };
    const trimmed = await HttpWorld.open({ door });
    const { status, body } = await trimmed.call("POST", "/api/v1/messages", {
      as: "ada",
      body: { text: "a", key: "k" },
    });
    assert.deepEqual([status, body.message], [200, { id: ID, seq: 3, version: 7, hidden: true }]);
    await trimmed.close();
  });

  it("[ME11] what was written for another twin is GONE, and reaches nobody", async () => {
    const other = pair(2);
    const rows: [method: string, path: string, body?: object][] = [
      ["POST", "", { text: "a", pairId: other }],
      ["PATCH", `/${ID}`, { text: "a", pairId: other }],
      ["POST", `/${ID}/reactions`, { emoji: "🙂", pairId: other }],
      ["DELETE", `/${ID}/reactions/%F0%9F%99%82?pairId=${other}`],
      ["POST", `/${ID}/read`, { pairId: other }],
      ["POST", "/bulk-read", { messageIds: [ID], pairId: other }],
    ];
    for (const [method, path, body] of rows) {
      assert.equal((await call(method, path, body)).body.error.code, "GONE", `${method} ${path}`);
    }
    world.pairs.delete(ada);
    for (const [method, path, body] of rows) {
      assert.equal((await call(method, path, body)).body.error.code, "GONE", `${method} ${path}`);
      const bare = body && "pairId" in body ? { ...body, pairId: undefined } : body;
      assert.equal((await call(method, path.replace(/\?.*/, ""), bare)).body.error.code, "NOT_PAIRED");
    }
    assert.deepEqual(world.door.executed, []);
  });

  it("[ME10] one takes back and hides in an earlier pair too, and in nobody else's", async () => {
    world.former.set(ada, pair(9));
    await call("DELETE", `/${ID}?pairId=${pair(9)}`);
    assert.equal(last()?.name, "chat.delete");
    world.door.executed.length = 0;
    assert.equal((await call("DELETE", `/${ID}?pairId=${pair(8)}`)).body.error.code, "NOT_FOUND");
    assert.deepEqual(world.door.executed, []);
  });

  it("[ME8] an id that is no message's is NOT_FOUND, and one that is no id VALIDATION_ERROR", async () => {
    const rows: [method: string, end: string, body?: object][] = [
      ["PATCH", "", { text: "a" }],
      ["DELETE", ""],
      ["POST", "/reactions", { emoji: "🙂" }],
      ["DELETE", "/reactions/%F0%9F%99%82"],
      ["POST", "/read"],
    ];
    for (const [method, end, body] of rows) {
      for (const id of [ID, V4, ID.toUpperCase()]) {
        assert.equal((await call(method, `/${id}${end}`, body)).body.error.code, "NOT_FOUND", `${method} ${id}${end}`);
      }
      for (const id of ["1", "x".repeat(2000), "..%2F..%2Fetc", "__proto__", "%F0%9F%99%82"]) {
        const { status, body: told } = await call(method, `/${id}${end}`, body);
        assert.deepEqual([status, told.error.details[0].path], [400, "id"], `${method} ${id}${end}`);
      }
    }
  });

  it("[ME12] a picture comes by a link of ours or not at all", async () => {
    const send = (body: object) => call("POST", "", { clientMessageId: "k", ...body });
    for (const link of [
      "https://evil.example/x.png",
      `https://evil.example/api/v1/media/${V4}`,
      `https://api.example.org.evil/api/v1/media/${V4}`,
      `https://api.example.org@evil.example/api/v1/media/${V4}`,
      `//evil.example/api/v1/media/${V4}`,
      "/api/v1/media/none",
      `/api/v1/media/${V4}/../../x`,
      "javascript:alert(1)",
      "",
    ]) {
      const { status, body } = await send({ imageUrl: link, type: "image" });
      assert.deepEqual([status, body.error.details[0].path], [400, "imageUrl"], link);
    }
    for (const end of ["", "/content"]) {
      await send({ imageUrl: `https://api.example.org/api/v1/media/${V4}${end}` });
      assert.deepEqual(last()?.payload, { type: "image", mediaId: V4, key: "k" });
    }
    assert.equal((await send({ imageUrl: `/api/v1/media/${V4}`, mediaId: ID })).status, 400);
  });

  it("[ME6] what was read before is not counted again, nor one's own, nor what is not there", async () => {
    for (let n = 0; n < 3; n++) world.said.say(world.twin(ada), `${n}`);
    const own = world.said.say({ ...world.twin(ada), userId: [...world.pairs.keys()][1] ?? ada }, "mine");
    const ids = world.said.of(pair(1)).map(({ id }) => id);
    const read = async (messageIds: readonly string[]) =>
      (await world.call("POST", "/api/v1/messages/bulk-read", { as: "bea", body: { messageIds } })).body;
    assert.deepEqual(await read([ids[0] ?? "", V4, ID]), { success: true, readSeq: 1, updatedCount: 1 });
    assert.deepEqual(await read([...ids, own.id]), { success: true, readSeq: 4, updatedCount: 2 });
    assert.deepEqual(await read(ids), { success: true, readSeq: 4, updatedCount: 0 });
    assert.deepEqual(await read([]), { success: true, readSeq: 4, updatedCount: 0 });
    assert.equal((await read([V4])).error.code, "NOT_FOUND");
    assert.equal((await read(Array(101).fill(ID))).error.code, "VALIDATION_ERROR");
  });
});
