import { APOSTROPHES, type Word, wordsOf } from "./words.ts";

/** What somebody looks for: groups of words that must stand together; all groups must occur. */
export interface Quest {
  readonly groups: readonly (readonly Word[])[];
  readonly words: readonly Word[];
}

/** Words of a query; those between a pair of double quotes stand together. There are no other operators. */
export function questOf(query: string): Quest {
  const pieces = query.split(/["“”„«»]/u);
  const groups = pieces.flatMap((piece, n) => {
    const words = wordsOf(piece);
    const isQuoted = n % 2 === 1 && n < pieces.length - 1;
    return isQuoted ? [words] : words.map((word) => [word]);
  });
  const asked = groups.filter((group) => group.length > 0);
  return { groups: asked, words: asked.flat() };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where each group stands in the text, in order; undefined if one is missing. */
export function placesOf(quest: Quest, text: string): readonly Place[] | undefined {
  const words = wordsOf(text);
  const places: Place[] = [];
  for (const group of quest.groups) {
    const found = occurrences(group, words, text);
    if (found.length === 0) return undefined;
    places.push(...found);
  }
  return merged(places);
}

/** The text as HTML, safe to show, with `<mark>` around what was found. */
export function highlighted(text: string, places: readonly Place[]): string {
  let at = 0;
  let html = "";
  for (const { start, end } of places) {
    html += `${escaped(text.slice(at, start))}<mark>${escaped(text.slice(start, end))}</mark>`;
    at = end;
  }
  return html + escaped(text.slice(at));
}

function occurrences(group: readonly Word[], words: readonly Word[], text: string): Place[] {
  return words.flatMap((_, n) => {
    const first = words[n];
    const last = words[n + group.length - 1];
    if (!first || !last || !group.every((word, k) => isMet(word, words[n + k], text))) return [];
    return [{ start: first.start, end: last.end }];
  });
}

function isMet(wanted: Word, word: Word | undefined, text: string): boolean {
  if (!word) return false;
  if (wanted.isRun) return word.isRun && word.form.includes(wanted.form);
  if (word.form === wanted.form) return true;
  // A part around an apostrophe counts as the word it is: "amour" in "l'amour".
  const parts = text.slice(word.start, word.end).split(APOSTROPHES);
  return parts.length > 1 && parts.some((part) => wordsOf(part)[0]?.form === wanted.form);
}

function merged(places: readonly Place[]): Place[] {
  const kept: Place[] = [];
  for (const place of places.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = kept.at(-1);
    if (!last || place.start >= last.end) kept.push(place);
    else kept[kept.length - 1] = { start: last.start, end: Math.max(last.end, place.end) };
  }
  return kept;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
