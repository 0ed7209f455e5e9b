import type { Letter } from "../../../schema/wire/letters.ts";
import { piecesOf } from "./gsm.ts";
import { html, text } from "./layout.ts";
import { plainWords } from "./plain.ts";
import { sheetOf } from "./sheets.ts";

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly unsubscribeLink: string | null;
}

/** A letter as a mail: the same words as a page and in plain text. */
export function asMail(letter: Letter): Rendered {
  const sheet = sheetOf(letter);
  const { subject, unsubscribeLink } = sheet;
  return { subject, text: text(sheet), html: html(sheet), unsubscribeLink };
}

/** A letter as a text message, short enough for two of them; undefined for one that is never sent so. */
export function asTextMessage(letter: Letter): string | undefined {
  if (letter.template === "phone_code") return `${letter.code} is your Twinship code. Do not tell it to anybody.`;
  if (letter.template !== "invitation") return undefined;
  const wordings = invitationsBy(letter);
  return wordings.find((wording) => piecesOf(wording) <= MOST_PIECES) ?? wordings.at(-1);
}

/** Dearer, and on some phones torn apart. */
const MOST_PIECES = 2;

/** From the most to the fewest words: names in most of the world's scripts leave room for half as many signs. */
function invitationsBy({ inviterName, code, link }: Extract<Letter, { template: "invitation" }>): readonly string[] {
  const names = [40, 24, 12].map((most) => plainWords(inviterName, most)).filter((name) => name !== "");
  return [
    ...names.map((name) => `${name} invites you to Twinship. Code ${code} or ${link}`),
    ...names.map((name) => `${name}: Twinship ${code} ${link}`),
    `Your twin, they say, invites you to Twinship. Code ${code} or ${link}`,
  ];
}
