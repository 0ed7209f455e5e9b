import PDFDocument from "pdfkit";

export const INK = "#1c1b2e";
export const FAINT = "#6b6a80";
export const LINE = "#dcdbe8";
export const YOURS = "#d6246e";
export const TWINS = "#1f6fd6";

const MARGIN = 54;
const FOOT = 40;

type Pdf = InstanceType<typeof PDFDocument>;

/** A4 pages that are written from top to bottom; what does not fit begins the next one. Lengths are points. */
export class Sheet {
  readonly pdf: Pdf;
  readonly left = MARGIN;
  readonly width: number;
  readonly #bottom: number;

  constructor(title: string, language: string) {
    this.pdf = new PDFDocument({
      ...{ size: "A4", margin: MARGIN, bufferPages: true, autoFirstPage: true, lang: language, tagged: true },
      ...{ displayTitle: true, info: { Title: title, Author: "Twinship", Creator: "Twinship" } },
    });
    this.width = this.pdf.page.width - 2 * MARGIN;
    this.#bottom = this.pdf.page.height - MARGIN - FOOT;
  }

  get y(): number {
    return this.pdf.y;
  }

  title(words: string): void {
    this.pdf.font("Helvetica-Bold").fontSize(24).fillColor(INK).text(words, this.left, this.y, { width: this.width });
  }

  heading(words: string, keepWith = 80): void {
    this.room(keepWith);
    this.pdf.moveDown(0.9).font("Helvetica-Bold").fontSize(14).fillColor(INK);
    this.pdf.text(words, this.left, this.y, { width: this.width }).moveDown(0.35);
  }

  text(words: string, { size = 10, color = INK, isBold = false, indent = 0 } = {}): void {
    const width = this.width - indent;
    this.pdf.font(isBold ? "Helvetica-Bold" : "Helvetica").fontSize(size);
    this.room(this.pdf.heightOfString(words, { width }));
    this.pdf.fillColor(color).text(words, this.left + indent, this.y, { width, lineGap: 1.5 });
  }

  gap(points: number): void {
    this.pdf.y += points;
  }

  /** Takes so much of the page for a drawing, and gives its top. */
  take(height: number): number {
    this.room(height);
    const top = this.y;
    this.pdf.y = top + height;
    return top;
  }

  /** Words at a place of their own, on one line, without moving on. */
  label(words: string, x: number, y: number, options: Label = {}): void {
    const { size = 9, color = INK, isBold = false, align = "left" } = options;
    const { y: before } = this.pdf;
    this.pdf
      .font(isBold ? "Helvetica-Bold" : "Helvetica")
      .fontSize(size)
      .fillColor(color);
    const width = this.pdf.widthOfString(words);
    const shift = { left: 0, center: width / 2, right: width }[align];
    this.pdf.text(words, x - shift, y - size / 2, { lineBreak: false });
    this.pdf.y = before;
  }

  /** Begins another page if that much is not left of this one. */
  room(height: number): void {
    if (this.y + height > this.#bottom) this.pdf.addPage();
  }

  /** What stands at the foot of every page; nothing may be written after it. */
  async finish(foot: (page: number, of: number) => string, note: string): Promise<Uint8Array> {
    const { start, count } = this.pdf.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      this.pdf.switchToPage(page);
      // Below the margin text begins another page, unless there is none.
      this.pdf.page.margins.bottom = 0;
      const y = this.pdf.page.height - MARGIN + 4;
      this.pdf.font("Helvetica").fontSize(7.5).fillColor(FAINT);
      this.pdf.text(note, this.left, y, { width: this.width - 60, lineBreak: true });
      this.pdf.text(foot(page + 1, count), this.left, y, { width: this.width, align: "right" });
    }
    const pieces: Uint8Array[] = [];
    this.pdf.end();
    for await (const piece of this.pdf) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}

interface Label {
  readonly size?: number;
  readonly color?: string;
  readonly isBold?: boolean;
  readonly align?: "left" | "center" | "right";
}
