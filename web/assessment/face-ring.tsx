import type { ReactElement } from "react";
import type { Progress } from "../../client/index.ts";

interface FaceRingProps {
  readonly whose: string;
  readonly progress: Progress | undefined;
}

/** How far somebody is with the questions, around their face; nothing as long as they have not begun. */
export function FaceRing({ whose, progress }: FaceRingProps): ReactElement | null {
  if (!progress || progress.status === "none" || progress.total === 0) return null;
  const { answered, total } = progress;
  const label = `${whose}: ${answered} of ${total} questions answered`;
  return (
    <svg className="ring" viewBox="0 0 48 48" role="img" aria-label={label} data-testid="both-rings">
      <title>{label}</title>
      <circle cx="24" cy="24" r="22" pathLength={1} strokeDasharray={`${answered / total} 1`} />
    </svg>
  );
}
