/**
 * What pairs say in a measured history: words that are common, rare, old or never there, among others that are drawn as
 * words of a language are (the n-th one as often as 1/n).
 */

/** How often words stand in the measured pairs. */
export const WORDS = {
  /** In every second message. */
  common: "the",
  /** In every message of one of the two: half of all. */
  twins: "darling",
  /** In every second message of all other pairs, and in one of 5,000 here. */
  elsewhere: "coffee",
  /** In one of 100. */
  seldom: "sometimes",
  /** In one of 20,000. */
  rare: "kingfisher",
  /** In every message of a tenth of history, long ago, and never since. */
  bygone: "examination",
  /** One in a quarter of all messages, the other in another quarter, never together. */
  apart: ["sunrise", "sunset"],
  never: "zeppelin",
} as const;

const VOCABULARY = 4000;
const DRAWN_WORDS = 5;
const SYLLABLES = "ba be bo da de do fa fe ga go ka ko la le lo ma me mo na no".split(" ");

const syllable = (n: number) => SYLLABLES[n % SYLLABLES.length] ?? "";
const drawn = Array.from({ length: VOCABULARY }, (_, n) => {
  const size = SYLLABLES.length;
  return `${syllable(n)}${syllable(Math.floor(n / size))}${syllable(Math.floor(n / size / size))}`;
});

/** The n-th word stands in it as often as 1/n says. */
const LOT = lot();

function lot(): Uint16Array {
  const weights = drawn.map((_, n) => 1 / (n + 1));
  const sum = weights.reduce((all, one) => all + one, 0);
  const tickets = new Uint16Array(1 << 16);
  let at = 0;
  let word = 0;
  for (const [n, weight] of weights.entries()) {
    at += (weight / sum) * tickets.length;
    for (; word < Math.round(at); word++) tickets[word] = n;
  }
  return tickets;
}

/** Numbers that look like chance and are the same each time. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** The words of message `seq` of a measured pair that is to say `messages` in all. */
export const wordsSaid = (seq: number, messages: number, next: () => number): string[] => [
  ...planned(seq, messages),
  ...some(next),
];

/** The words of message `seq` of any other pair. */
export const wordsOfOthers = (seq: number, next: () => number): string[] => [
  ...(seq % 2 === 0 ? [WORDS.elsewhere] : []),
  ...some(next),
];

const some = (next: () => number): string[] =>
  Array.from({ length: DRAWN_WORDS }, () => drawn[LOT[next() >>> 16] ?? 0] ?? "");

function planned(seq: number, messages: number): string[] {
  const isBygone = seq >= messages * 0.3 && seq < messages * 0.4;
  return [
    ...(seq % 2 === 0 ? [WORDS.common] : []),
    ...(seq % 4 === 1 ? [WORDS.apart[0]] : []),
    ...(seq % 4 === 3 ? [WORDS.apart[1]] : []),
    ...(seq % 5000 === 2500 ? [WORDS.elsewhere] : []),
    ...(seq % 100 === 50 ? [WORDS.seldom] : []),
    ...(seq % 20_000 === 5000 ? [WORDS.rare] : []),
    ...(isBygone ? [WORDS.bygone] : []),
    ...(senderOf(seq) === 1 ? ["my", WORDS.twins] : []),
  ];
}

/** They take turns of two messages each. */
export const senderOf = (seq: number): 0 | 1 => (seq % 4 < 2 ? 0 : 1);
