/** A word of a text, and where it stands in it (UTF-16 units, end excluded). */
export interface Word {
  readonly start: number;
  readonly end: number;
  /** As it is compared: one form of its letters, its case folded, its apostrophes gone. */
  readonly form: string;
  /** Written without spaces between words (Chinese, Japanese, Thai …): any part of it may be looked for. */
  readonly isRun: boolean;
}

/** Longer ones are addresses and keyboards slept on; their first letters are enough to find them by. */
const WORD_LENGTH = 64;

const UNSPACED =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";

/** A run of letters of a script without spaces; or letters, marks and digits with apostrophes inside; or an emoji. */
const WORDS = new RegExp(
  `(?<run>[${UNSPACED}][${UNSPACED}\\p{M}ー]*)|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+(?:['’ʼ＇‘](?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+)*|\\p{Extended_Pictographic}`,
  "gu",
);

/** However it is written, it stands inside a word. */
export const APOSTROPHES = /['’ʼ＇‘]/u;

/** ASCII, as most of what is written in a good part of the world: the same words (a property test says so), sooner. */
const PLAIN = /^[\0-\x7f]*$/;
const PLAIN_WORDS = /[a-z0-9]+(?:'[a-z0-9]+)*/gi;

export function wordsOf(text: string): Word[] {
  return PLAIN.test(text) ? plainWordsOf(text) : anyWordsOf(text);
}

function plainWordsOf(text: string): Word[] {
  return Array.from(text.matchAll(PLAIN_WORDS), ({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    form: plainlyFolded(found).slice(0, WORD_LENGTH),
    isRun: false,
  }));
}

/** Words of any script. */
function anyWordsOf(text: string): Word[] {
  return [...text.matchAll(WORDS)].map(({ 0: found, index, groups }) => ({
    start: index,
    end: index + found.length,
    form: [...anyFolded(found)].slice(0, WORD_LENGTH).join(""),
    isRun: groups?.["run"] !== undefined,
  }));
}

/** What a message is found by: its words, their parts around an apostrophe, and each sign and pair of signs of a run. */
export function termsOf(text: string): ReadonlySet<string> {
  const terms = new Set<string>();
  for (const word of wordsOf(text)) {
    for (const term of word.isRun ? signsAndPairs(word.form) : spoken(text, word)) terms.add(term);
  }
  return terms;
}

/** The terms a text must have to hold all the words of a query. */
export function termsNeeded(query: readonly Word[]): ReadonlySet<string> {
  return new Set(query.flatMap(({ form, isRun }) => (isRun ? needOfRun(form) : [form])));
}

function spoken(text: string, { start, end, form }: Word): string[] {
  const parts = text.slice(start, end).split(APOSTROPHES);
  return parts.length === 1 ? [form] : [form, ...parts.map(folded)];
}

function signsAndPairs(run: string): string[] {
  const signs = [...run];
  return [...signs, ...signs.slice(1).map((sign, n) => `${signs[n]}${sign}`)];
}

function needOfRun(run: string): string[] {
  const signs = [...run];
  return signs.length === 1 ? signs : signs.slice(1).map((sign, n) => `${signs[n]}${sign}`);
}

const folded = (word: string): string => (PLAIN.test(word) ? plainlyFolded(word) : anyFolded(word));

const plainlyFolded = (word: string): string => word.replaceAll("'", "").toLowerCase();

/**
 * Composed and decomposed letters, wide and narrow ones, capitals and small ones become the same; accents on Latin
 * letters go, marks of other scripts are letters of their own. Needs no locale of any database.
 */
function anyFolded(word: string): string {
  const plain = word.normalize("NFKD").replace(/(\p{Script=Latin})[\u0300-\u036f]+/gu, "$1");
  return plain.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKD").replace(DROPPED, "").normalize("NFC");
}

/** Apostrophes, the dot that a Turkish capital leaves behind, and selectors that only choose a picture. */
const DROPPED = /['’ʼ＇‘]|\ufe0f|\ufe0e|(?<=i)\u0307/gu;
