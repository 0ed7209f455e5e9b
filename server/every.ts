import { Rounds } from "./adapters/notices/rounds.ts";

/** Does it again and again, never twice at a time; a failure is reported once until it works again. Returns how to stop. */
export function every(ms: number, work: () => Promise<unknown>, report: (error: unknown) => void): () => Promise<void> {
  let isFailing = false;
  const round = async () => {
    try {
      await work();
      isFailing = false;
    } catch (error) {
      if (!isFailing) report(error);
      isFailing = true;
    }
  };
  const rounds = new Rounds({ everyMs: ms, apartMs: 0, round });
  rounds.start();
  return () => rounds.stop();
}
