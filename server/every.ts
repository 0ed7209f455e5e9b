/** Does it again and again, never twice at a time; a failure is reported once until it works again. Returns how to stop. */
export function every(ms: number, work: () => Promise<unknown>, report: (error: unknown) => void): () => Promise<void> {
  let isFailing = false;
  let running: Promise<void> | undefined;
  const once = async () => {
    try {
      await work();
      isFailing = false;
    } catch (error) {
      if (!isFailing) report(error);
      isFailing = true;
    }
    running = undefined;
  };
  const timer = setInterval(() => {
    running ??= once();
  }, ms).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
