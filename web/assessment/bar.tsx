import type { ReactElement } from "react";

interface BarProps {
  readonly name: string;
  /** 0 to 100; null if nothing of it was answered. */
  readonly score: number | null;
  readonly note?: string | undefined;
  /** The twin's, beside one's own. */
  readonly other?: number | null | undefined;
}

/** A score in figures, and drawn for the eye. */
export const Bar = ({ name, score, note = "", other }: BarProps): ReactElement => (
  <div className="bar">
    <span>{name}</span>
    <b>
      {wordsOf(score)}
      {other !== undefined && <i>{` / ${wordsOf(other)}`}</i>}
    </b>
    {note !== "" && <small>{note}</small>}
    <span className="length" aria-hidden="true">
      <i style={{ inlineSize: `${score ?? 0}%` }} />
      {other !== undefined && <i className="theirs" style={{ inlineSize: `${other ?? 0}%` }} />}
    </span>
  </div>
);

const wordsOf = (score: number | null): string => (score === null ? "–" : String(score));
