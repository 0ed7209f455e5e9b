import type { Tick } from "../client/index.ts";
import type { MessageView } from "../schema/wire/chat.ts";

export const TICKS: Readonly<Record<Tick, string>> = { sent: "✓", delivered: "✓✓", read: "✓✓ read" };

const COLUMN = 38;

/** Two phones side by side in a terminal: what happens on the left one stands left, on the right one right. */
export class Screen {
  readonly #left: string;
  readonly #isColored = process.stdout.isTTY === true;
  #lastTyping = "";
  readonly #ticks = new Map<string, string>();

  constructor(left: string) {
    this.#left = left;
  }

  title(text: string): void {
    console.log(`\n${this.#color(1, `── ${text} `)}`);
  }

  said(on: string, text: string): void {
    this.#lastTyping = "";
    this.#line(on, `> ${text}`, 36);
  }

  heard(on: string, { senderName, text, seq }: MessageView): void {
    this.#lastTyping = "";
    this.#line(on, `${senderName}: ${text}  (${seq})`, 33);
  }

  typing(on: string, who: string): void {
    if (this.#lastTyping === on) return;
    this.#lastTyping = on;
    this.#line(on, `${who} is typing …`, 2);
  }

  /** How far one's own messages have come by now. */
  ticked(on: string, seq: number, tick: Tick): void {
    const text = `${TICKS[tick]}  (${seq})`;
    if (this.#ticks.get(on) === text) return;
    this.#ticks.set(on, text);
    this.#line(on, `  ${text}`, 2);
  }

  note(on: string, text: string): void {
    this.#line(on, `${on} ${text}`, 2);
  }

  server(text: string): void {
    console.log(this.#color(35, `${" ".repeat(COLUMN / 2)}⚙ ${text}`));
  }

  #line(on: string, text: string, color: number): void {
    console.log(`${" ".repeat(on === this.#left ? 0 : COLUMN)}${this.#color(color, text)}`);
  }

  #color(color: number, text: string): string {
    return this.#isColored ? `\u001b[${color}m${text}\u001b[0m` : text;
  }
}
