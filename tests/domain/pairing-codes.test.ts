import assert from "node:assert/strict";
import { newCode, normalCode } from "../../domain/pairing-codes.ts";
import { CODE_ALPHABET } from "../../schema/wire/twins.ts";
import { chance } from "../../server/chance.ts";

describe("codes", () => {
  it("[PA1] are of eight signs, none of which looks like another", () => {
    assert.equal(CODE_ALPHABET, "ABCDEFGHJKMNPQRSTUVWXYZ23456789");
    for (let n = 0; n < 1000; n++) assert.match(newCode(chance), new RegExp(`^[${CODE_ALPHABET}]{8}$`));
  });

  it("[PA1] have every sign as often as any other", () => {
    // Every byte there is, over and over.
    let next = 0;
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
    const counts = new Map<string, number>();
    for (let n = 0; n < 31 * 32; n++)
      for (const sign of newCode({ bytes })) counts.set(sign, (counts.get(sign) ?? 0) + 1);
    assert.equal(counts.size, 31);
    assert.ok(Math.max(...counts.values()) - Math.min(...counts.values()) <= 8);
  });

  const typed = [
    "abcd2345",
    "ABCD-2345",
    "abcd 2345",
    " ABCD\u20132345\n",
    "AB CD\u00a023 45",
    "ＡＢＣＤ２３４５",
    "abcd_2345",
    "\u200eABCD\u200b2345\ufeff",
    "A-B-C-D-2-3-4-5",
  ];
  for (const text of typed) {
    it(`[PA2] ${JSON.stringify(text)} is ABCD2345`, () => assert.equal(normalCode(text), "ABCD2345"));
  }
});
