import assert from "node:assert/strict";
import fc from "fast-check";
import { Letter } from "../../schema/wire/letters.ts";
import { piecesOf } from "../../server/adapters/letters/gsm.ts";
import { plainWords } from "../../server/adapters/letters/plain.ts";
import { asMail, asTextMessage } from "../../server/adapters/letters/render.ts";
import { sampleLetters } from "../../server/adapters/letters/samples.ts";

const AT = "2026-06-15T12:00:00.000Z";
const LINK = "https://twinship.test/somewhere?token=t&x=1";

const letters = (name: string): readonly Letter[] => sampleLetters(name, LINK, AT);

const linksIn = (text: string) => text.match(/\b(?:https?|twinship):\/\/[^\s<>"]+/g) ?? [];
const unescaped = (html: string) => html.replace(/&amp;/g, "&").replace(/&#x3D;/g, "=");

const NASTY = [
  '<script>alert("x")</script>',
  '"><img src=x onerror=alert(1)>',
  `{{7*7}} {{constructor}} ${"$"}{7*7} <%= 7 %>`,
  "Jordan\r\nBcc: x@example.org",
  "Jordan\u2028X",
  "Anna \u202egro.elpmaxe.live\u202c",
  "win at http://evil.example/now",
  "evil.example",
  "https://evil.example",
  "👻.example i❤.example evil。example",
  "tel:+4990012345",
  "x".repeat(4000),
  "\u200b\u2060",
  "Ünï 👨‍👩‍👧‍👦 çødé",
];

describe("letters", () => {
  it("[LE1] there is one for every occasion, in words and as a page, with the same links", () => {
    const all = letters("Ada");
    assert.deepEqual(
      all.map(({ template }) => template).toSorted(),
      Letter.options.map((option) => option.shape.template.value).toSorted(),
    );
    for (const letter of all) {
      const { subject, text, html } = asMail(Letter.parse(letter));
      assert.ok(subject.length > 5 && text.includes("Twinship"), letter.template);
      const [inText, inPage] = [linksIn(text), linksIn(unescaped(html))].map((links) => [...new Set(links)].toSorted());
      assert.deepEqual(inPage, inText, letter.template);
      if ("link" in letter) assert.ok(inText?.includes(LINK), letter.template);
      assert.match(html, /prefers-color-scheme: dark/);
      assert.match(html, /name="viewport"/);
      assert.doesNotMatch(html, /<(?:script|img|link|iframe)\b/);
    }
  });

  for (const name of NASTY)
    it(`[LE2] a name stays a name: ${JSON.stringify(name).slice(0, 50)}`, () => {
      for (const letter of letters(name)) holdsFor(letter);
    });

  it("[LE2] a name stays a name, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => letters(name).forEach(holdsFor)),
      {
        numRuns: 200,
      },
    );
  });

  function holdsFor(letter: Letter): void {
    const { subject, text, html } = asMail(letter);
    assert.doesNotMatch(subject, /[\r\n\u2028\u2029]/);
    assert.doesNotMatch(`${subject}${text}`, /[\u202a-\u202e\u2066-\u2069\u200b]/);
    assert.doesNotMatch(html, /<(?:script|img)\b|onerror=(?!&)/);
    for (const link of [...linksIn(text), ...linksIn(unescaped(html))]) assert.equal(link, LINK);
    assert.doesNotMatch(text.replaceAll(LINK, ""), /[.。]example\b|tel:\S/u);
    assert.ok(html.length < 13_000);
  }

  it("[LE3] what reads as a link or an address in somebody's words is none any more", () => {
    for (const [words, plain] of [
      ["Ada", "Ada"],
      ["J. R. R. Tolkien", "J. R. R. Tolkien"],
      ["http://evil.example", "http evil. example"],
      ["mail@evil.example", "mail@ evil. example"],
      ["i❤.ws", "i❤. ws"],
      ["evil。example", "evil。 example"],
      ["tel:+4990012345", "tel: +4990012345"],
      ["wait... 3:1", "wait... 3:1"],
      ["  a \t b  ", "a b"],
    ] as const)
      assert.equal(plainWords(words), plain);
    assert.equal([...plainWords("👩".repeat(200))].length, 100);
  });

  it("[LE2] names in every script, and of emoji, stay as they are written", () => {
    for (const name of ["علی‌رضا", "क्‍षमा", "Łukasz Żak", "李小龍", "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏴󠁧󠁢󠁷󠁬󠁳󠁿 Wyn", "O’Neil-Ó Sé"])
      assert.equal(plainWords(name), name);
  });

  it("[LE2] who has no name that can be shown is somebody", () => {
    const { subject } = asMail({ ...INVITATION, inviterName: "\u202e\u200b" });
    assert.equal(subject, "Somebody invites you to Twinship");
  });

  it("[LE5] news of a study keeps its paragraphs", () => {
    const news = { template: "research_update", name: "Ada", study: "Sleep", unsubscribeLink: LINK } as const;
    const { text, html } = asMail({ ...news, text: "We are done.\r\n\r\n  Thank <b>you</b> all!\n" });
    assert.match(text, /\n\nWe are done\.\n\nThank <b>you<\/b> all!\n\n/);
    assert.match(html, /<p [^>]+>Thank &lt;b&gt;you&lt;\/b&gt; all!<\/p>/);
  });

  const INVITATION = {
    template: "invitation",
    inviterName: "Ada",
    accentColor: "neon-blue",
    code: "ABCDEFGH",
    expiresAt: AT,
    link: `https://api.example.org/i/${"F".repeat(64)}`,
  } as const;

  it("[LE4] only codes and invitations are text messages", () => {
    for (const letter of letters("Ada"))
      assert.equal(
        asTextMessage(letter) !== undefined,
        letter.template === "phone_code" || letter.template === "invitation",
      );
  });

  for (const [inviterName, pieces] of [
    ["Ada", 1],
    ["A very long name of a person indeed, with more words than anybody needs", 2],
    ["Łukasz", 2],
    ["Владислав Константинович", 2],
    ["นางสาวกมลวรรณ ศรีสุวรรณภูมิเจริญกุล", 2],
    ["👨‍👩‍👧‍👦".repeat(20), 2],
  ] as const)
    it(`[LE4] a text message fits into two, with its code and its link whole: from ${inviterName.slice(0, 30)}`, () => {
      const text = asTextMessage({ ...INVITATION, inviterName }) ?? "";
      assert.equal(piecesOf(text), pieces, text);
      assert.ok(text.includes(INVITATION.code) && text.endsWith(INVITATION.link), text);
    });

  it("[LE4] whoever has a name begins with it, however it is written", () => {
    assert.match(asTextMessage({ ...INVITATION, inviterName: "Łukasz" }) ?? "", /^Łukasz: Twinship ABCDEFGH https/);
    assert.match(asTextMessage({ ...INVITATION, inviterName: "Ærøé" }) ?? "", /^Ærøé invites you/);
    const long = { ...INVITATION, link: `https://${"api.".repeat(10)}example.org/i/${"F".repeat(64)}` };
    assert.match(asTextMessage({ ...long, inviterName: "Łukasz" }) ?? "", /^Your twin, they say, invites/);
  });

  it("[LE4] what a text message takes is counted as it is sent", () => {
    for (const [text, pieces] of [
      ["a".repeat(160), 1],
      ["a".repeat(161), 2],
      ["a".repeat(306), 2],
      ["a".repeat(307), 3],
      ["€".repeat(80), 1],
      ["€".repeat(81), 2],
      ["ł".repeat(70), 1],
      ["ł".repeat(71), 2],
      ["👩".repeat(67), 2],
      ["👩".repeat(68), 3],
    ] as const)
      assert.equal(piecesOf(text), pieces, text.slice(0, 3));
  });
});
