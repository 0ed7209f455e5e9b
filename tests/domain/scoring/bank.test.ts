import assert from "node:assert/strict";
import { bankView, nameOf, requireBank } from "../../../domain/scoring/bank.ts";
import { recommendationTexts } from "../../../schema/assessments/recommendations-1.0.0/index.ts";
import { resultTexts } from "../../../schema/assessments/results-1.0.0/index.ts";
import { BankView, Category, ITEM_IDS, Locale, Reason } from "../../../schema/wire/assessments.ts";

/** Words that say no. Two of them in a sentence are a riddle. */
const NEGATION: Readonly<Record<Locale, RegExp>> = {
  en: /\b(?:no|not|never|nobody|nothing|none|neither|nor|without|hardly|cannot|un(?:able|less|like\w*|willing)|\w+n['’]t)\b/giu,
  de: /(?<!\p{L})(?:nicht|nichts|nie|niemals|niemand\w*|nein|kein\w*|ohne|kaum|weder|noch nie)(?!\p{L})/giu,
  es: /(?<!\p{L})(?:no|nunca|nada|nadie|jamás|ni|sin|tampoco|ning[uú]n\w*|apenas)(?!\p{L})/giu,
};

/** In the first person: every sentence has one of these. */
const FIRST_PERSON: Readonly<Record<Locale, RegExp>> = {
  en: /(?<!\p{L})(?:I|me|my|mine|our)(?!\p{L})/iu,
  de: /(?<!\p{L})(?:ich|mich|mir|mein(?:e[nmrs]?)?)(?!\p{L})/iu,
  es: /(?<!\p{L})(?:yo|me|mí|mi|mis|soy|sé|digo|\p{L}{2,}o)(?!\p{L})/iu,
};

/** Names the other twin, a partner or being a twin. */
const OF_TWO: Readonly<Record<Locale, RegExp>> = {
  en: /\b(?:twin|partner)/iu,
  de: /zwilling|beziehung/iu,
  es: /\bgemel[oa]|\bpareja/iu,
};

/** What would make a sentence about a man or about a woman. */
const GENDERED: Readonly<Record<Locale, RegExp>> = {
  en: /\b(?:he|she|him|her|his|hers|brother|sister|boyfriend|girlfriend|husband|wife|boy|girl|man|woman)\b/iu,
  de: /(?<!\p{L})(?:bruder|schwester|partner(?:in)?|freund(?:in)?|ehemann|ehefrau|mann|frau)(?!\p{L})/iu,
  es: /(?<!\p{L})(?:hermano|hermana|novio|novia|marido|esposa|nosotr[oa]s|junt[oa]s|sol[oa] con|segur[oa]|tranquil[oa]|celos[oa]|enfadad[oa]|cercan[oa] a)(?!\p{L})/iu,
};

const sentences = Locale.options.flatMap((locale) =>
  bankView(locale).items.map(({ id, category, text }) => ({ locale, id, category, text })),
);

const guilty = (isGuilty: (sentence: (typeof sentences)[number]) => boolean) =>
  sentences.filter(isGuilty).map(({ locale, id, text }) => `${locale} ${id} ${text}`);

describe("the bank", () => {
  it("[IB1] has 150 items, ten in each of fifteen categories, the same in every language", () => {
    for (const locale of Locale.options) {
      const bank = bankView(locale);
      assert.deepEqual(BankView.parse(bank), bank);
      assert.equal(bank.version, "1.0.0");
      assert.equal(bank.locale, locale);
      assert.deepEqual(
        bank.items.map(({ id, category }) => ({ id, category })),
        bankView("en").items.map(({ id, category }) => ({ id, category })),
      );
      assert.deepEqual(
        bank.items.map(({ id }) => id),
        ITEM_IDS,
      );
      assert.deepEqual(
        bank.categories.map(({ id, items }) => ({ id, items })),
        Category.options.map((id) => ({ id, items: 10 })),
      );
      assert.deepEqual([bank.scale.min, bank.scale.max], [1, 7]);
      assert.equal(nameOf("autonomy", locale), bank.categories[1]?.name);
    }
  });

  it("[IB2] says nothing of how an item is scored", () => {
    for (const { items } of Locale.options.map(bankView))
      for (const item of items) assert.deepEqual(Object.keys(item), ["id", "category", "text"]);
    assert.doesNotMatch(JSON.stringify(bankView("en")), /reverse|weight|"CI"|composite/);
  });

  it("[IB3] has one sentence an item, of at most 120 characters, trimmed and whole", () => {
    assert.deepEqual(
      guilty(({ text }) => !/^\p{Lu}[^.!?;:\n]*\.$/u.test(text)),
      [],
    );
    assert.deepEqual(
      guilty(({ text }) => [...text].length > 120 || text !== text.trim() || text !== text.normalize("NFC")),
      [],
    );
    assert.deepEqual(
      guilty(({ text }) => /\s\s|[()/{}[\]<>@#*_|]|\d/.test(text)),
      [],
    );
  });

  it("[IB3] says each thing once, and in no two languages alike", () => {
    const plain = ({ text }: { text: string }) => text.toLowerCase().replace(/[^\p{L}]/gu, "");
    assert.equal(new Set(sentences.map(plain)).size, 450);
  });

  it("[IB4] speaks in the first person, without a double no and without taking a twin for a man or a woman", () => {
    assert.deepEqual(
      guilty(({ locale, text }) => !FIRST_PERSON[locale].test(text)),
      [],
    );
    assert.deepEqual(
      guilty(({ locale, text }) => (text.match(NEGATION[locale]) ?? []).length > 1),
      [],
    );
    assert.deepEqual(
      guilty(({ locale, text }) => GENDERED[locale].test(text)),
      [],
    );
  });

  it("[IB5] speaks of the twin or a partner in the first ten categories, and of the person alone in the last five", () => {
    const isOfTwo = new Map(bankView("en").categories.map(({ id, about }) => [id, about === "relation"]));
    assert.deepEqual(
      [...isOfTwo.values()],
      Array.from({ length: 15 }, (_, at) => at < 10),
    );
    assert.deepEqual(
      guilty(({ locale, category, text }) => OF_TWO[locale].test(text) !== isOfTwo.get(category)),
      [],
    );
  });

  it("[IB6] of another version is GONE", () => {
    requireBank("1.0.0");
    assert.throws(() => requireBank("0.1.0"), { code: "GONE" });
  });
});

describe("what is said about results", () => {
  const strings = (value: unknown): string[] => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
  };

  it("[IB7] is said in every language, each thing once, and diagnoses nobody", () => {
    const said = Locale.options.flatMap((locale) => [
      ...strings(resultTexts[locale]),
      ...strings(recommendationTexts[locale]),
    ]);
    assert.equal(new Set(said).size, said.length);
    const odd = said.filter((text) => text === "" || text !== text.trim() || text.length > 240);
    assert.deepEqual(odd, []);
    const CLINICAL =
      /diagno|disorder|patholog|therap|patient|symptom|clinical|klinisch|störung|trastorno|clínic|terapia/iu;
    assert.deepEqual(
      said.filter((text) => CLINICAL.test(text)),
      [],
    );
  });

  it("[IB7] has as many steps and measures to a recommendation in one language as in another", () => {
    const shape = (locale: Locale) =>
      Reason.options.map((reason) => {
        const { experiment } = recommendationTexts[locale][reason];
        return [reason, experiment.instructions.length, experiment.metrics.length];
      });
    for (const locale of Locale.options) assert.deepEqual(shape(locale), shape("en"));
    for (const [, instructions, metrics] of shape("en")) assert.ok(Number(instructions) >= 3 && Number(metrics) >= 2);
    assert.deepEqual(
      Locale.options.map((locale) => resultTexts[locale].days(14)),
      ["14 days", "14 Tage", "14 días"],
    );
  });
});
