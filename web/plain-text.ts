/** Marks that turn the direction of what follows, and so could make one text look like another. */
const TURNING: Readonly<Record<string, string>> = {
  "\u202a": "LRE",
  "\u202b": "RLE",
  "\u202c": "PDF",
  "\u202d": "LRO",
  "\u202e": "RLO",
  "\u2066": "LRI",
  "\u2067": "RLI",
  "\u2068": "FSI",
  "\u2069": "PDI",
};

const ANY_TURNING = new RegExp(`[${Object.keys(TURNING).join("")}]`, "g");

/** What somebody wrote, in the order in which it was written: marks that would turn it are named instead of obeyed. */
export const plainText = (text: string): string => text.replace(ANY_TURNING, (mark) => `⟨${TURNING[mark]}⟩`);

export interface Piece {
  readonly text: string;
  readonly isFound: boolean;
}

const MARKS = /<mark>(.*?)<\/mark>/s;

const SIGNS: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

const unescaped = (html: string): string => html.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => SIGNS[name] ?? "");

/** What a search found, as pieces of text: the server marks the found words in HTML, which is never shown as HTML here. */
export function piecesOf(highlight: string): readonly Piece[] {
  return highlight.split(MARKS).flatMap((html, n) => {
    const text = plainText(unescaped(html));
    return text === "" ? [] : [{ text, isFound: n % 2 === 1 }];
  });
}

const PICTURES = /^(?:\p{RGI_Emoji}|\s){1,9}$/v;

/** A few emoji and nothing else are shown large. */
export const isPictures = (text: string): boolean => text.length <= 40 && PICTURES.test(text) && text.trim() !== "";
