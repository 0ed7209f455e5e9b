/** Scores anew what an older scoring made: `npm run assessments:rescore`. Interrupted, it is simply begun again. */
import { parseArgs } from "node:util";
import { assessments } from "../domain/assessments.ts";
import { SCORING_VERSION } from "../domain/scoring/score.ts";
import { secrets } from "../domain/secrets.ts";
import { BEFORE_ALL_IDS } from "../schema/wire/ids.ts";
import { databaseAnswerSheets } from "./adapters/database/answer-sheets.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { chance } from "./chance.ts";
import { commandLine } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { ended } from "./ended.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

const USAGE = `npm run assessments:rescore
  scores anew what an older scoring made; interrupted, it is simply begun again`;

const AT_ONCE = 100;

async function rescore(config: Config, log: Logger): Promise<void> {
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const { database, appSecrets } = await openAdapters({ config, lifecycle, log });
    const hidden = secrets(
      appSecrets.map((secret) => secret.reveal()),
      chance,
    );
    const { rescore } = assessments({
      ...{
        database: database.database,
        clock: { now: Date.now },
        chance,
        secrets: hidden,
        sheets: databaseAnswerSheets,
      },
      notices: { hear: () => undefined },
      entitlements: { of: async () => new Set() },
    });
    let after: string | undefined = BEFORE_ALL_IDS;
    let [scored, left] = [0, 0];
    while (after !== undefined) {
      const step: Awaited<ReturnType<typeof rescore>> = await rescore(after, AT_ONCE);
      [after, scored, left] = [step.last, scored + step.scored, left + step.left];
      if (step.scored > 0) console.log(`${scored} scored anew`);
    }
    console.log(`All results are of scoring ${SCORING_VERSION}: ${scored} were made anew.`);
    if (left > 0) console.log(`${left} could not be: the bank they answered is not kept.`);
  } finally {
    await lifecycle.stop();
  }
}

commandLine(USAGE, () => parseArgs());
await ended(
  async (log) => rescore(await besideTheServer(readConfig(process.env)), log),
  "what an older scoring made could not be scored anew",
);
