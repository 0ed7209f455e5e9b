import assert from "node:assert/strict";
import fc from "fast-check";
import { highlighted, placesOf, questOf } from "../../domain/room/finding.ts";
import { termsNeeded, termsOf, wordsOf } from "../../domain/room/words.ts";

/** Whether a search finds the text: by the terms it is stored under, and by its words. */
function finds(query: string, text: string): boolean {
  const quest = questOf(query);
  const terms = termsOf(text);
  const isProposed = [...termsNeeded(quest.words)].every((term) => terms.has(term));
  const isFound = quest.words.length > 0 && placesOf(quest, text) !== undefined;
  if (isFound) assert.ok(isProposed, `"${query}" is in "${text}" and would not be looked at`);
  return isFound;
}

describe("search", () => {
  const hits: [query: string, text: string][] = [
    ["you", "who are you, not me"],
    ["not", "who are you, not me"],
    ["don't", "don’t go"],
    ["don’t", "don't go"],
    ["go don't", "don’t go"],
    ["amour", "pour l'amour de toi"],
    ["caf\u00e9", "cafe\u0301 at nine"],
    ["CAFÉ", "cafe\u0301 at nine"],
    ["cafe", "café at nine"],
    ["щенок", "мой ЩЕНОК спит"],
    ["äpfel", "rote ÄPFEL"],
    ["STRASSE", "die Straße"],
    ["ΟΔΟΣ", "η οδός μας".normalize("NFC").replace("ό", "ο")],
    ["istanbul", "İSTANBUL'da"],
    ["猫", "黒い猫が好き"],
    ["黒い猫", "私は黒い猫が好き"],
    ["สวัสดี", "สวัสดีครับ"],
    ["मैंने", "मैंने कहा"],
    ["سلام", "سلام عليكم"],
    ["2026", "in 2026!"],
    ["❤", "with ❤️"],
    ['"twin bond"', "our twin bond holds"],
    ["-bond", "our bond"],
    ["bond OR", "bond or nothing"],
    ['"unclosed bond', "an unclosed, loose bond"],
  ];
  for (const [query, text] of hits) {
    it(`[SR1] ${query} finds ${text}`, () => assert.equal(finds(query, text), true));
  }

  const misses: [query: string, text: string][] = [
    ["you they", "who are you"],
    ["yo", "who are you"],
    ['"bond twin"', "our twin bond holds"],
    ["犬", "黒い猫が好き"],
    ["猫黒", "黒い猫が好き"],
    ["и", "й"],
    ["!!!", "anything at all!!!"],
    ["मैं", "मैंने कहा"],
  ];
  for (const [query, text] of misses) {
    it(`[SR2] ${query} does not find ${text}`, () => assert.equal(finds(query, text), false));
  }

  it("[SR3] what was found is marked, and what was written is shown as text and never run", () => {
    const text = `<b>You</b> & "you"`;
    const places = placesOf(questOf("you"), text);
    assert.ok(places);
    assert.equal(highlighted(text, places), "&lt;b&gt;<mark>You</mark>&lt;/b&gt; &amp; &quot;<mark>you</mark>&quot;");
  });

  it("[SR1] [SR2] a text has the same words alone, and before letters that are not ASCII", () => {
    const ascii = fc.string({
      unit: fc.oneof(
        fc.constantFrom("'", " ", "I", "k", "K", "s"),
        fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
      ),
      maxLength: 120,
    });
    const same = (text: string) => assert.deepEqual(wordsOf(text), wordsOf(`${text} é`).slice(0, -1));
    fc.assert(fc.property(ascii, same), { numRuns: 2000 });
  });

  it("[SR4] two thousand signs without a space cost no more terms than twice their number", () => {
    const text = Array.from({ length: 2000 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join("");
    assert.ok(termsOf(text).size <= 4000);
    assert.ok([...termsOf("x".repeat(2000))].every((term) => term.length <= 64));
  });
});
