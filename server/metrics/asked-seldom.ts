/** What changes rarely, while Prometheus asks every few seconds. */
const MINUTE_MS = 60_000;

/** Asks once in that time at most, and again at once if there was no answer: undefined, which is never kept. */
export function askedSeldom<T>(ask: () => Promise<T | undefined>, keptMs = MINUTE_MS): () => Promise<T | undefined> {
  let kept: { readonly at: number; readonly answer: Promise<T | undefined> } | undefined;
  const answerOf = async () => {
    const answer = await ask().catch(() => undefined);
    if (answer === undefined) kept = undefined;
    return answer;
  };
  return () => {
    if (!kept || performance.now() - kept.at > keptMs) kept = { at: performance.now(), answer: answerOf() };
    return kept.answer;
  };
}
