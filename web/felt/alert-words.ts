import type { AlertKind } from "../../schema/wire/twintuition.ts";
import type { IconName } from "../icons.tsx";

interface Words {
  /** On the phone of who tells it. */
  readonly said: string;
  /** After their name, on the phone of who is told. */
  readonly heard: string;
  /** What their own words may be about. */
  readonly asked: string;
  readonly icon: IconName;
}

export const ALERT_WORDS: Readonly<Record<AlertKind, Words>> = {
  thinking_of_you: { said: "I think of you", heard: "thinks of you", asked: "What made you?", icon: "think" },
  feeling: { said: "I feel something", heard: "feels something", asked: "What do you feel?", icon: "heart" },
  thought: { said: "I had a thought", heard: "had a thought", asked: "What was it?", icon: "bulb" },
  action: { said: "I did something", heard: "did something", asked: "What did you do?", icon: "bolt" },
  sharing_joy: { said: "I am happy", heard: "is happy, and wants you to know", asked: "What happened?", icon: "sun" },
  need_support: { said: "I need you", heard: "needs you", asked: "What would help?", icon: "help" },
  feeling_sync: { said: "We are in step", heard: "feels in step with you", asked: "In what?", icon: "felt" },
  random_check_in: { said: "How are you?", heard: "asks how you are", asked: "What do you wonder?", icon: "ask" },
};

const UNKNOWN = { said: "Something", heard: "tells you something", asked: "", icon: "heart" } as const;

/** A kind that is newer than this page is told all the same. */
export const wordsOfKind = (kind: AlertKind): Words => ALERT_WORDS[kind] ?? UNKNOWN;

/** In the order in which they are offered. */
export const KINDS = [
  ...(["thinking_of_you", "feeling", "thought", "action"] as const),
  ...(["sharing_joy", "need_support", "feeling_sync", "random_check_in"] as const),
] satisfies readonly AlertKind[];
