import assert from "node:assert/strict";
import fc from "fast-check";
import { cursors } from "../../domain/cursors.ts";
import { secrets } from "../../domain/secrets.ts";
import { UserId } from "../../schema/wire/ids.ts";
import { chance } from "../../server/chance.ts";
import { code } from "../support/accounts-world.ts";

const OLD = "an old secret of the operator's, long enough";
const NEW = "a new secret of the operator's, long enough";

describe("secrets of ours", () => {
  it("[KY1] what is sealed is opened by us alone, under its own purpose, also after a new secret came before it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const sealed = secrets([OLD], chance).seal("delivery", text);
        assert.equal(secrets([NEW, OLD], chance).open("delivery", sealed), text);
        assert.equal(secrets([OLD], chance).open("export", sealed), undefined);
        assert.equal(secrets([NEW], chance).open("delivery", sealed), undefined);
      }),
    );
  });

  it("[KY1] one bit touched, and it opens for nobody", () => {
    const hidden = secrets([OLD], chance);
    const bytes = Buffer.from(hidden.seal("delivery", "are you awake?"), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const touched = Buffer.from(bytes);
      touched[bit >> 3] = (touched[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(hidden.open("delivery", touched.toString("base64url")), undefined);
    }
    for (const nonsense of ["", "x", "é", "A".repeat(10_000)])
      assert.equal(hidden.open("delivery", nonsense), undefined);
  });

  it("[KY2] the newest secret signs, and all are believed", () => {
    const signature = secrets([OLD], chance).sign("cursor", "here");
    assert.ok(secrets([NEW, OLD], chance).isSigned("cursor", "here", signature));
    assert.notEqual(secrets([NEW, OLD], chance).sign("cursor", "here"), signature);
    for (const [purpose, text, by] of [
      ["cursor", "there", OLD],
      ["phone", "here", OLD],
      ["cursor", "here", NEW],
    ] as const)
      assert.ok(!secrets([by], chance).isSigned(purpose, text, signature));
    assert.ok(!secrets([OLD], chance).isSigned("cursor", "here", ""));
  });
});

describe("lists, page by page", () => {
  const pages = cursors(secrets([OLD], chance));
  const [ada, bea] = [crypto.randomUUID(), crypto.randomUUID()].map((id) => UserId.parse(id));
  assert.ok(ada && bea);
  const items = Array.from({ length: 23 }, (_, n) => String(n).padStart(3, "0"));
  const reading = {
    find: async (limit: number, after: string | undefined) =>
      items.filter((item) => after === undefined || item > after).slice(0, limit),
    placeOf: (item: string) => item,
  };

  it("[LS1] give each item once, and end with null", async () => {
    for (const limit of [1, 7, 22, 23, 24, 100]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await pages.page({ list: "things", userId: ada }, { limit, cursor }, reading);
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      assert.deepEqual(seen, items);
    }
  });

  it("[LS2] a cursor that was touched, or is of another list or person, is refused by name", async () => {
    const { nextCursor } = await pages.page({ list: "things", userId: ada }, { limit: 5, cursor: undefined }, reading);
    assert.ok(nextCursor);
    const tries = [
      [{ list: "things", userId: bea }, nextCursor],
      [{ list: "others", userId: ada }, nextCursor],
      [{ list: "things", userId: ada }, `A${nextCursor}`],
      [{ list: "things", userId: ada }, nextCursor.slice(0, -1)],
      [{ list: "things", userId: ada }, "MDEw"],
      [{ list: "things", userId: ada }, "."],
      [{ list: "things", userId: ada }, ""],
    ] as const;
    for (const [of, cursor] of tries)
      await assert.rejects(pages.page(of, { limit: 5, cursor }, reading), code("VALIDATION_ERROR"));
  });
});
