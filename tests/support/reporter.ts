import { writeFileSync } from "node:fs";
import Mocha from "mocha";

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, by its whole name, and how. */
  readonly failures: readonly string[];
}

/** All that a run began has ended within this time after its last test; what has not is named, and the run fails. */
const END_MS = 30_000;

/** What people read, and beside it the numbers, in the file that TEST_SUMMARY names. */
export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const failed: (readonly [Mocha.Test, Error])[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test: Mocha.Test, error: Error) => {
      failed.push([test, error]);
    });
    // Read at the end: what was on the screen is added after a test has failed.
    const inWords = ([test, { message }]: readonly [Mocha.Test, Error]) =>
      `${test.fullTitle()}: ${message.split("\n", 1)[0]}`;
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      const summary: Summary = { passed: passes, failed: failures, skipped: pending, failures: failed.map(inWords) };
      const file = process.env["TEST_SUMMARY"];
      if (file) writeFileSync(file, JSON.stringify(summary));
      setTimeout(() => {
        console.error(
          `\n!!! This run does not end. What still goes on: ${process.getActiveResourcesInfo().join(", ")}`,
        );
        process.exit(1);
      }, END_MS).unref();
    });
  }
}
