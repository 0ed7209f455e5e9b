import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../client/storage/file.ts";
import { StoredList } from "../../client/storage/list.ts";
import { memoryStorage } from "../../client/storage/memory.ts";
import { readItem, type Storage } from "../../client/storage/port.ts";

const isText = (value: unknown): value is string => typeof value === "string";

function slowStorage(): Storage {
  const inner = memoryStorage();
  const later = () => new Promise((resume) => setImmediate(resume));
  return {
    getItem: async (name) => later().then(() => inner.getItem(name)),
    setItem: async (name, value) => later().then(() => inner.setItem(name, value)),
    removeItem: async (name) => later().then(() => inner.removeItem(name)),
  };
}

const folder = mkdtempSync(join(tmpdir(), "twinship-storage-"));
after(() => rmSync(folder, { recursive: true }));

for (const [kind, open] of [
  ["memory", memoryStorage],
  ["file", () => fileStorage(join(folder, "items"))],
  ["an asynchronous one, as phones have", slowStorage],
] as const) {
  describe(`storage: ${kind}`, () => {
    it("[OB6] gives back what was stored, and nothing that was removed", async () => {
      const storage = open();
      assert.equal(await storage.getItem("a/b"), null);
      await storage.setItem("a/b", "one");
      await storage.setItem("a/b", "two");
      assert.equal(await storage.getItem("a/b"), "two");
      await storage.removeItem("a/b");
      await storage.removeItem("a/b");
      assert.equal(await storage.getItem("a/b"), null);
    });

    it("[OB6] keeps a list in the order in which it was added to, through removals and restarts", async () => {
      const storage = open();
      const list = await StoredList.open(storage, "list", isText);
      const [one] = await Promise.all(["a", "b", "c", "d"].map((text) => list.add(text)));
      assert.ok(one);
      await Promise.all([list.remove(one), list.add("e")]);
      const texts = (of: StoredList<string>) => of.items.map(({ item }) => item);
      assert.deepEqual(texts(list), ["b", "c", "d", "e"]);

      const reopened = await StoredList.open(storage, "list", isText);
      assert.deepEqual(texts(reopened), ["b", "c", "d", "e"]);
      for (const item of reopened.items) await reopened.remove(item);
      await reopened.add("f");
      assert.deepEqual(texts(await StoredList.open(storage, "list", isText)), ["f"]);
    });
  });
}

describe("a stored list", () => {
  it("[OB6] adds nothing that the device could not store, and goes on", async () => {
    const inner = memoryStorage();
    let isFull = false;
    const full: Storage = {
      ...inner,
      setItem: (name, value) => (isFull ? Promise.reject(new Error("full")) : inner.setItem(name, value)),
    };
    const list = await StoredList.open(full, "list", isText);
    await list.add("a");
    isFull = true;
    await assert.rejects(list.add("b"), /full/);
    isFull = false;
    await list.add("c");
    const again = await StoredList.open(inner, "list", isText);
    assert.deepEqual(
      again.items.map(({ item }) => item),
      ["a", "c"],
    );
  });

  it("[OB6] what was only half added is not there after a restart", async () => {
    const inner = memoryStorage();
    const torn: Storage = {
      ...inner,
      setItem: (name, value) => (name === "list" ? Promise.reject(new Error("full")) : inner.setItem(name, value)),
    };
    const list = await StoredList.open(torn, "list", isText);
    await assert.rejects(list.add("a"), /full/);
    assert.equal(await inner.getItem("list.0"), null);
  });

  it("[OB6] reads past what was damaged", async () => {
    const storage = memoryStorage();
    const list = await StoredList.open(storage, "list", isText);
    for (const text of ["a", "b", "c"]) await list.add(text);
    await storage.setItem("list.1", "{half");
    const again = await StoredList.open(storage, "list", isText);
    assert.deepEqual(
      again.items.map(({ item }) => item),
      ["a", "c"],
    );
    for (const extent of ['{"first":0,"next":1e15}', '{"first":5,"next":1}', "[]", "nonsense"]) {
      await storage.setItem("list", extent);
      assert.deepEqual((await StoredList.open(storage, "list", isText)).items, []);
    }
  });

  it("[OB6] a file half written in a crash is not believed, nor in the way", async () => {
    const place = join(folder, "crash");
    const storage = fileStorage(place);
    await storage.setItem("x", '"whole"');
    const [file] = readdirSync(place);
    writeFileSync(join(place, `${file}.draft`), '"ha');
    assert.equal(await readItem(fileStorage(place), "x"), "whole");
    await storage.setItem("x", '"next"');
    assert.equal(await readItem(fileStorage(place), "x"), "next");
  });
});
