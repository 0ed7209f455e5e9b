import { parseArgs } from "node:util";
import { connectingTo, withClient } from "./adapters/database/connection.ts";
import { startEmbedded } from "./adapters/database/embedded.ts";
import { migrate } from "./adapters/database/migrate.ts";
import { refuseUnsafe } from "./adapters/database/safety.ts";
import { commandLine } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { createLogger, type Logger } from "./logger.ts";
import { blaming, startProblem } from "./start-problems.ts";

const USAGE = `npm run db:migrate
  applies what DATABASE_URL (or DATABASE_DIRECT_URL), or the embedded database, lacks; when nothing is lacking it says so`;

/** The release step: applies pending migrations once, however many releases run at the same time, and says each. */
async function release(config: Config, log: Logger): Promise<void> {
  const served = config.DATABASE_DIRECT_URL ?? config.DATABASE_URL;
  const embedded = served ? undefined : await startEmbedded(config.DATA_DIR, { log });
  try {
    const url = served?.reveal() ?? embedded?.url ?? "";
    const variable = config.DATABASE_DIRECT_URL ? "DATABASE_DIRECT_URL" : "DATABASE_URL";
    const connecting = await blaming(variable, connectingTo({ url, ca: config.DATABASE_CA }));
    await blaming(variable, withClient(connecting, refuseUnsafe));
    let applied = 0;
    const applying = (name: string) => {
      applied++;
      log.info({ name }, `applied ${name}`);
    };
    await migrate(connecting, applying, () => log.info("another process migrates the database: waiting for it"));
    log.info(
      { applied },
      applied === 0 ? "the database is up to date" : `${applied} applied; the database is up to date`,
    );
  } finally {
    await embedded?.stop();
  }
}

commandLine(USAGE, () => parseArgs());
const log = createLogger("info");
try {
  await release(readConfig(process.env), log);
} catch (error) {
  const problem = startProblem(error);
  if (problem) console.error(problem);
  else log.fatal({ err: error }, "the database could not be migrated");
  process.exitCode = 1;
}
