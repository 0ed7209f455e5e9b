/** Numbers stay numbers; null is an empty cell. */
export type CsvCell = string | number | null;

/** What spreadsheets take for the beginning of something to be worked out, also in full width and behind what is not seen. */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** By RFC 4180. Text that a spreadsheet would run is told to be text by an apostrophe before it. */
export const csvOf = (header: readonly string[], rows: readonly (readonly CsvCell[])[]): string =>
  [header, ...rows].map((row) => `${row.map(written).join(",")}\r\n`).join("");

function written(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n\t]|^\s|\s$|^$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
