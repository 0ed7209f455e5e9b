/** A time is waited in so many pieces. */
const PIECES = 5;

/**
 * Calls `over` once somebody had `ms` to answer; what is returned ends the wait. It is counted in pieces, and the loop turns
 * between them: a process that is busy itself, or was frozen, is late as well, and hears first what came meanwhile.
 */
export function patience(ms: number, over: () => void): () => void {
  let left = PIECES;
  const waited = () => {
    left -= 1;
    if (left === 0) over();
    else piece = setTimeout(waited, ms / PIECES);
  };
  let piece = setTimeout(waited, ms / PIECES);
  return () => clearTimeout(piece);
}
