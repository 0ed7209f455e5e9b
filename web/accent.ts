import type { CSSProperties } from "react";
import { ACCENTS, OWN_ACCENT } from "../schema/wire/accents.ts";

const COLOURS = new Map<string, string>(Object.entries(ACCENTS));

const colourOf = (accent: string | undefined): string => COLOURS.get(accent ?? "") ?? OWN_ACCENT;

interface Accented {
  readonly style: CSSProperties & { readonly "--mine": string; readonly "--theirs": string };
}

/** The colours that two people chose, for whatever is drawn inside. */
export const accentOf = (mine: string | undefined, theirs: string | undefined): Accented => ({
  style: { "--mine": colourOf(mine), "--theirs": colourOf(theirs) },
});
