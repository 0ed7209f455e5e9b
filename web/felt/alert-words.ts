import type { AlertKind } from "../../schema/wire/twintuition.ts";

interface Words {
  /** On the phone of who tells it. */
  readonly said: string;
  /** After their name, on the phone of who is told. */
  readonly heard: string;
}

/** Those that need no words of one's own. */
const PLAIN = {
  thinking_of_you: { said: "I think of you", heard: "thinks of you" },
  need_support: { said: "I need you", heard: "needs you" },
  sharing_joy: { said: "I am happy", heard: "is happy, and wants you to know" },
  feeling_sync: { said: "We are in step", heard: "feels in step with you" },
  random_check_in: { said: "How are you?", heard: "asks how you are" },
} satisfies Partial<Record<AlertKind, Words>>;

const OTHERS = {
  feeling: { said: "I feel something", heard: "feels something" },
  thought: { said: "I had a thought", heard: "had a thought" },
  action: { said: "I did something", heard: "did something" },
} satisfies Partial<Record<AlertKind, Words>>;

export const ALERT_WORDS: Readonly<Record<AlertKind, Words>> = { ...PLAIN, ...OTHERS };

export const TOLD_AT_ONCE = [
  "thinking_of_you",
  "sharing_joy",
  "need_support",
  "feeling_sync",
  "random_check_in",
] as const;
