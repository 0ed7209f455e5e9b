import type { AccentColor } from "./people.ts";

/** What people choose from, as CSS has it. Dark words stand on every one of them with a contrast of 7 and more. */
export const ACCENTS: Readonly<Record<AccentColor, string>> = {
  "neon-pink": "#ff8ad0",
  "neon-blue": "#7cc4ff",
  "neon-green": "#6ff0a2",
  "neon-yellow": "#ffe566",
  "neon-purple": "#c9a2ff",
  "neon-orange": "#ffb067",
  "neon-cyan": "#67e8f4",
  "neon-red": "#ff9a9a",
};

/** Ours, where nobody's colour is meant. */
export const OWN_ACCENT = ACCENTS["neon-purple"];

/** The words on an accent. */
export const INK = "#17131f";
