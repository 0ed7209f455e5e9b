import { curveLinearClosed, lineRadial } from "d3-shape";
import { FAINT, INK, LINE, type Sheet, TWINS, YOURS } from "./sheet.ts";

const FULL = 100;

/** One line of a chart; null where nothing was answered. */
export interface Scored {
  readonly name: string;
  readonly value: number | null;
}

/** Two people's scores of one thing. */
export interface ScoredTwice {
  readonly name: string;
  readonly yours: number | null;
  readonly twins: number | null;
}

/** A bar from 0 to 100 with its name before and its words behind. */
export function bar(sheet: Sheet, { name, value }: Scored, says: string, words: string): void {
  const top = sheet.take(46);
  const { left, width, pdf } = sheet;
  sheet.label(name, left, top + 8, { size: 11, isBold: true });
  sheet.label(words, left + width, top + 8, { size: 11, align: "right", isBold: true, color: YOURS });
  pdf.roundedRect(left, top + 17, width, 8, 4).fill(LINE);
  if (value !== null && value > 0)
    pdf.roundedRect(left, top + 17, Math.max(8, (width * value) / FULL), 8, 4).fill(YOURS);
  sheet.label(says, left, top + 33, { size: 8.5, color: FAINT });
}

/** A web with a spoke a score, 0 in its middle and 100 at its rim; a score there is not leaves its spoke empty. */
export function radar(sheet: Sheet, scores: readonly Scored[]): void {
  const [radius, height] = [120, 330];
  const top = sheet.take(height);
  const { pdf } = sheet;
  const [x, y] = [sheet.left + sheet.width / 2, top + height / 2];
  const angleOf = (at: number) => (2 * Math.PI * at) / scores.length;
  const place = (at: number, value: number): [number, number] => [angleOf(at), (radius * value) / FULL];
  const ring = lineRadial().curve(curveLinearClosed);
  const drawn = (points: [number, number][]) => ring(points) ?? "";
  pdf.save().translate(x, y);
  for (const value of [20, 40, 60, 80, 100])
    pdf
      .path(drawn(scores.map((_, at) => place(at, value))))
      .lineWidth(value === FULL ? 1 : 0.5)
      .stroke(LINE);
  for (const [at] of scores.entries()) {
    const [angle, r] = place(at, FULL);
    pdf
      .moveTo(0, 0)
      .lineTo(r * Math.sin(angle), -r * Math.cos(angle))
      .lineWidth(0.5)
      .stroke(LINE);
  }
  const known = scores.flatMap(({ value }, at) => (value === null ? [] : [place(at, value)]));
  if (known.length > 2) {
    pdf.path(drawn(known)).fillOpacity(0.18).fill(YOURS).fillOpacity(1);
    pdf.path(drawn(known)).lineWidth(1.5).stroke(YOURS);
  }
  for (const [angle, r] of known) pdf.circle(r * Math.sin(angle), -r * Math.cos(angle), 2.2).fill(YOURS);
  pdf.restore();
  for (const [at, { name, value }] of scores.entries()) {
    const [sin, cos] = [Math.sin(angleOf(at)), Math.cos(angleOf(at))];
    const align = Math.abs(sin) < 0.15 ? "center" : sin > 0 ? "left" : "right";
    const [labelX, labelY] = [x + (radius + 10) * sin, y - (radius + 14) * cos];
    sheet.label(`${name} ${value ?? "–"}`, labelX, labelY, { size: 8.5, align });
  }
}

/** What each dot of the comparison is whose. */
export function legend(sheet: Sheet, you: string, twin: string): void {
  const top = sheet.take(18);
  const { pdf, left } = sheet;
  pdf.circle(left + 4, top + 8, 4).fill(YOURS);
  sheet.label(you, left + 13, top + 8, { size: 9 });
  const next = left + 30 + pdf.widthOfString(you);
  pdf.circle(next, top + 8, 4).fill(TWINS);
  sheet.label(twin, next + 9, top + 8, { size: 9 });
}

/** A line a score, from 0 to 100, with a dot for each of the two and what lies between them. */
export function dumbbells(sheet: Sheet, scores: readonly ScoredTwice[]): void {
  const names = 150;
  const axis = sheet.take(14) + 8;
  const xAt = (value: number) => sheet.left + names + ((sheet.width - names - 8) * value) / FULL;
  for (const value of [0, 50, FULL])
    sheet.label(String(value), xAt(value), axis, { size: 7.5, color: FAINT, align: "center" });
  for (const { name, yours, twins } of scores) {
    const top = sheet.take(19);
    const { pdf, left } = sheet;
    const y = top + 9;
    sheet.label(name, left, y + 1, { size: 9, color: INK });
    pdf.moveTo(xAt(0), y).lineTo(xAt(FULL), y).lineWidth(0.5).stroke(LINE);
    if (yours !== null && twins !== null) pdf.moveTo(xAt(yours), y).lineTo(xAt(twins), y).lineWidth(3).stroke(LINE);
    if (twins !== null) pdf.circle(xAt(twins), y, 4).fill(TWINS);
    // Where both are the same, both are seen.
    if (yours !== null) pdf.circle(xAt(yours), y, yours === twins ? 2 : 4).fill(YOURS);
  }
}
