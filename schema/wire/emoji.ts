/** A sequence as Unicode recommends it for interchange … */
const RECOMMENDED = /^\p{RGI_Emoji}$/v;

/** … or one built like it: newer than our tables, or without the selector that asks for the coloured form. */
const BUILT =
  /^(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?(?:[\u{e0020}-\u{e007e}]{1,8}\u{e007f})?(?:\u200d\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)?){0,8})$/u;

/** One emoji, nothing before or after it. */
export const isEmoji = (text: string): boolean => text.length <= 64 && (RECOMMENDED.test(text) || BUILT.test(text));

/** The same sign with and without the presentation selector is the same reaction. */
export const isSameEmoji = (one: string, other: string): boolean => plain(one) === plain(other);

const plain = (emoji: string): string => emoji.replaceAll("\ufe0f", "");
