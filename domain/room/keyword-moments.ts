import type { MomentType } from "../../schema/wire/twintuition.ts";
import { type Word, wordsOf } from "./words.ts";

interface Group {
  readonly type: MomentType;
  /** In hundredths, so that scores that look the same are the same. */
  readonly base: number;
  readonly each: number;
  readonly phrases: readonly string[];
}

/** In the order in which they are looked at. Only what people say, and nothing that the product itself writes. */
const GROUPS: readonly Group[] = [
  {
    type: "sync",
    base: 80,
    each: 10,
    phrases: ["same time", "exactly when", "just as i was", "at the exact moment", "simultaneously", "in sync"],
  },
  {
    type: "intuition",
    base: 70,
    each: 15,
    phrases: [
      "thinking the same",
      "was just about to say",
      "exactly what i was thinking",
      "read my mind",
      "telepathy",
      "sixth sense",
      "felt like you were",
    ],
  },
  {
    type: "connection",
    base: 60,
    each: 10,
    phrases: ["feeling the same", "twin bond", "soul connection", "spiritual connection", "same energy", "same vibes"],
  },
];

/** Each phrase with its words apart. */
const LOOKED_FOR = GROUPS.map((group) => ({
  ...group,
  phrases: group.phrases.map((phrase) => ({ phrase, forms: phrase.split(" ") })),
}));

export interface WordsMoment {
  readonly type: MomentType;
  /** 0 to 1. */
  readonly confidence: number;
  readonly phrases: readonly string[];
}

/** What a text tells of: the group that scores highest, of equals the earlier one; scores are capped after that. */
export function momentInWords(text: string): WordsMoment | undefined {
  const words = wordsOf(text);
  let best: (WordsMoment & { readonly score: number }) | undefined;
  for (const { type, base, each, phrases } of LOOKED_FOR) {
    const found = phrases.filter(({ forms }) => stands(forms, words, text)).map(({ phrase }) => phrase);
    const score = base + each * found.length;
    if (found.length === 0 || (best && best.score >= score)) continue;
    best = { type, score, confidence: Math.min(100, score) / 100, phrases: found };
  }
  return best && { type: best.type, confidence: best.confidence, phrases: best.phrases };
}

/** As whole words, with nothing but space between them. */
function stands(forms: readonly string[], words: readonly Word[], text: string): boolean {
  const [first] = forms;
  return words.some(
    (start, n) =>
      start.form === first &&
      forms.every((form, k) => {
        const [word, before] = [words[n + k], words[n + k - 1]];
        if (word?.form !== form) return false;
        return k === 0 || text.slice(before?.end, word.start).trim() === "";
      }),
  );
}
