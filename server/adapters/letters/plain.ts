/** What turns the reading direction, or shows as nothing: in somebody's name it could make one thing look like another. */
const TRICKS = /[\p{Cf}\p{Cc}\u2028\u2029]/gu;

/** Of those, what words are written with: joiners within a word or an emoji, and the letters of a flag. */
const IN_WRITING =
  /(?<=[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d](?=[\p{L}\p{Extended_Pictographic}])|(?<=\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0020}-\u{e007f}]/gu;

/** Dots and at-signs, also those of other scripts that browsers read as such, with something right behind. */
const DOTS = /[.@\u2024\u3002\ufe52\ufe6b\uff0e\uff20\uff61](?=[^\s.\u2024\u3002\ufe52\uff0e\uff61])/gu;

/** After which a phone may take what comes for a number to call or a page to open. */
const SCHEME = /(?<=\p{L}):(?=\S)/gu;

/** A name is no longer than that on the screen, whatever the database holds. */
const LONGEST = 100;

/**
 * Words of a person, to stand in a sentence of ours: one line, without tricks, and without anything that a mail program
 * would make a link of, for a name is the easiest way to send strangers somewhere in our name.
 */
export function plainWords(words: string, most = LONGEST): string {
  const kept = new Set([...words.matchAll(IN_WRITING)].map(({ index }) => index));
  const untricked = words.replace(TRICKS, (sign, at: number) => (kept.has(at) ? sign : " "));
  const line = untricked.replace(/\s+/gu, " ").trim();
  const unlinked = line
    .replace(/:\/\//g, " ")
    .replace(DOTS, (mark) => `${mark} `)
    .replace(SCHEME, ": ");
  const shown = [...unlinked];
  return shown.length <= most ? unlinked : `${shown.slice(0, most - 1).join("")}…`;
}
