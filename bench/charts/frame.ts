import type { ChartSpec } from "./spec.ts";
import { element, escaped, text, wrapped } from "./svg.ts";

export const WIDTH = 760;
export const MARGIN = 24;

const TITLE_Y = 36;
const LINE_HEIGHT = 17;

/** Told apart by light and dark as well, and by dash and mark, for who sees colours otherwise. */
export const SERIES = 6;

const LIGHT = ["#0757b5", "#b34700", "#1a7f4b", "#8250c4", "#b3246b", "#6b5a00"];
const DARK = ["#6cb2ff", "#ff9d52", "#5fd396", "#c6a2ff", "#ff8cc2", "#e3c84a"];

const coloured = (colours: readonly string[]): string =>
  colours.map((colour, n) => `.s${n}{stroke:${colour}}.f${n}{fill:${colour}}`).join("");

/** A background of its own: the page around it may be lighter or darker than what the picture is told. */
const STYLE = [
  "text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif}",
  ".title{font-size:16px;font-weight:600}.strong{font-weight:600}",
  ".back{fill:#ffffff}.ink,.title,.strong{fill:#1f2328}.soft{fill:#4a525a}.grid{stroke:#dde2e8}.axis{stroke:#6e7781}",
  ".series{fill:none;stroke-width:2.2;stroke-linejoin:round}",
  coloured(LIGHT),
  "@media (prefers-color-scheme:dark){",
  ".back{fill:#0d1117}.ink,.title,.strong{fill:#f0f6fc}.soft{fill:#b4bdc7}.grid{stroke:#2b323b}.axis{stroke:#8b949e}",
  coloured(DARK),
  "}",
].join("");

export interface Frame {
  /** Below title and description: where drawing begins. */
  readonly top: number;
  close(height: number, body: readonly string[], spoken: string): string;
}

/** What all pictures have: a title, what they show in words, and colours for day and night. */
export function frameOf({ name, title, description }: ChartSpec): Frame {
  const lines = wrapped(description, WIDTH - 2 * MARGIN);
  const words = lines.map((said, n) => text(said, MARGIN, TITLE_Y + (n + 1) * LINE_HEIGHT + 4));
  return {
    top: TITLE_Y + lines.length * LINE_HEIGHT + 16,
    close(height, body, spoken) {
      const [titleId, descId] = [`${name}-title`, `${name}-desc`];
      const attributes = {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${WIDTH} ${Math.round(height)}`,
        width: WIDTH,
        height: Math.round(height),
        role: "img",
        "aria-labelledby": `${titleId} ${descId}`,
      };
      const head = [
        element("title", { id: titleId }, escaped(title)),
        element("desc", { id: descId }, escaped(`${description} ${spoken}`)),
        element("style", {}, STYLE),
        element("rect", { class: "back", width: WIDTH, height: Math.round(height), rx: 8 }),
        text(title, MARGIN, TITLE_Y, "start", "title"),
      ];
      return `${element("svg", attributes, "", ["", ...head, ...words, ...body, ""].join("\n"))}\n`;
    },
  };
}
