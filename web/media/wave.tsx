import type { ReactElement } from "react";

/** As many as the server draws. */
const PLACES = 64;

interface WaveProps {
  /** 0 to 100. */
  readonly heights: readonly number[];
  /** How much of it was heard already, 0 to 1. */
  readonly heard?: number;
}

/** How loud it is from its beginning to its end. */
export function Wave({ heights, heard = 0 }: WaveProps): ReactElement {
  const drawn = heights.length > PLACES ? squeezed(heights) : heights;
  const turn = Math.round(heard * drawn.length);
  return (
    <svg
      className="wave"
      viewBox={`0 0 ${Math.max(1, 2 * drawn.length)} 24`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path className="heard" d={pathOf(drawn.slice(0, turn), 0)} />
      <path d={pathOf(drawn.slice(turn), turn)} />
    </svg>
  );
}

/** As many as have room beside the time. */
const LATEST = 34;

/** What was loud just now, coming in from the right; for who wants no motion how loud it is, and no more. */
export function LiveWave({ levels }: { readonly levels: readonly number[] }): ReactElement {
  const latest = levels.slice(-LATEST);
  const now = levels.at(-1) ?? 0;
  return (
    <span className="live" data-testid="level" data-level={now}>
      <svg
        className="wave"
        viewBox={`0 0 ${2 * LATEST} 24`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        <path d={pathOf(latest, LATEST - latest.length)} />
      </svg>
      <i>
        <b style={{ inlineSize: `${now}%` }} />
      </i>
    </span>
  );
}

const pathOf = (heights: readonly number[], from: number): string =>
  heights.map((height, at) => `M${2 * (from + at) + 1} ${12 - half(height)}v${2 * half(height)}`).join("");

/** Silence is seen, too. */
const half = (height: number): number => Math.max(1, height * 0.11);

/** What is loudest in each part stands for it. */
const squeezed = (levels: readonly number[]): readonly number[] =>
  Array.from({ length: PLACES }, (_, at) => {
    const part = levels.slice(share(levels, at), Math.max(share(levels, at + 1), share(levels, at) + 1));
    return Math.max(...part);
  });

const share = ({ length }: readonly number[], at: number): number => Math.floor((at * length) / PLACES);
