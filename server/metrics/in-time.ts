/**
 * Whoever asks wants the rest of the figures, whatever hangs: within the ten seconds that Prometheus waits, and after it
 * is known that a database does not answer.
 */
const PATIENCE_MS = 1500;

/** What is read, or undefined if that fails or takes too long. */
export async function readInTime<T>(read: (() => T | Promise<T>) | undefined): Promise<T | undefined> {
  if (!read) return undefined;
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  try {
    return await Promise.race([read(), tooLate]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
