export type Attributes = Readonly<Record<string, string | number>>;

/** Text as XML may hold it. Characters that XML knows no way to write are left out. */
export function escaped(text: string): string {
  return [...text]
    .filter(isWritable)
    .join("")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function isWritable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20 || code === 0x09 || code === 0x0a;
}

/** Children are elements already; text comes escaped from `text`. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(valueText(value))}"`);
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** A tenth of a pixel is nothing that anybody sees. */
const valueText = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 10) / 10) : value;

export type Anchor = "start" | "middle" | "end";

export function text(words: string, x: number, y: number, anchor: Anchor = "start", style = "soft"): string {
  return element("text", { x, y, "text-anchor": anchor, class: style }, escaped(words));
}

export const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  element("line", { x1, y1, x2, y2, class: style });

const LETTER_WIDTH = 6.4;

/** About as wide as it will be, since whoever draws it chooses the font. */
export const widthOf = (words: string): number => words.length * LETTER_WIDTH;

export function wrapped(words: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
