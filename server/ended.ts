import { createLogger, type Logger } from "./logger.ts";
import { startProblem } from "./start-problems.ts";

/**
 * Does what a command is for, and ends the process: with 0, or with 1 and in one line what whoever runs it can mend; what
 * nobody foresaw is logged as `failed`.
 */
export async function ended(work: (log: Logger) => Promise<void>, failed: string): Promise<never> {
  const log = createLogger("warn");
  try {
    await work(log);
    return process.exit(0);
  } catch (error) {
    const problem = startProblem(error);
    if (problem) console.error(problem);
    else log.fatal({ err: error }, failed);
    return process.exit(1);
  }
}
