import { bankTexts } from "../../schema/assessments/bank-1.0.0/index.ts";
import type { BankTexts } from "../../schema/assessments/texts.ts";
import { type BankView, type Category, HIGHEST, LOWEST, type Locale } from "../../schema/wire/assessments.ts";
import { Refusal } from "../refusal.ts";
import { BANK_VERSION, ITEMS } from "./keys.ts";

/** Tell of the person alone; the others, of the two. */
const OF_THE_PERSON: ReadonlySet<Category> = new Set([
  "openness",
  "conscientiousness",
  "extraversion",
  "agreeableness",
  "neuroticism",
]);

/** Throws GONE: answers to another bank mean nothing under these keys. */
export function requireBank(version: string): void {
  if (version !== BANK_VERSION) {
    throw new Refusal("GONE", "The items of this assessment are not in use any more: start a new one");
  }
}

function viewOf({ scale, categories, items }: BankTexts, locale: Locale): BankView {
  const ids = [...new Set(ITEMS.map(({ category }) => category))];
  return {
    version: BANK_VERSION,
    locale,
    scale: { min: LOWEST, max: HIGHEST, minLabel: scale.lowest, maxLabel: scale.highest },
    categories: ids.map((id) => ({
      id,
      name: categories[id],
      about: OF_THE_PERSON.has(id) ? "person" : "relation",
      items: ITEMS.filter(({ category }) => category === id).length,
    })),
    items: ITEMS.map(({ id, category }) => ({ id, category, text: items[id] })),
  };
}

/** The same for everybody who reads this language, and for ever: made once. */
const VIEWS: Readonly<Record<Locale, BankView>> = {
  en: viewOf(bankTexts.en, "en"),
  de: viewOf(bankTexts.de, "de"),
  es: viewOf(bankTexts.es, "es"),
};

/** The items to be answered, without a word of how they are scored. */
export const bankView = (locale: Locale): BankView => VIEWS[locale];

export const nameOf = (category: Category, locale: Locale): string => bankTexts[locale].categories[category];
