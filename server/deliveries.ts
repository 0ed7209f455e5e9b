/** What became of mails, text messages and pushes: `npm run deliveries`, of the last seven days, or of more: `-- 30`. */
import { parseArgs } from "node:util";
import { deliveryFigures } from "../domain/delivery-figures.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { commandLine, Misuse } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { ended } from "./ended.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

const DAY_MS = 86_400_000;
const DAYS = "7";

/** Nothing is kept longer. */
const MOST_DAYS = 90;

const USAGE = `npm run deliveries [-- DAYS]
  what became of mails, text messages and pushes within 7 days, or as many as are said, up to ${MOST_DAYS}`;

function asked(): string {
  const [days = DAYS, ...more] = parseArgs({ allowPositionals: true }).positionals;
  const isRight = /^[1-9]\d?$/.test(days) && Number(days) <= MOST_DAYS && more.length === 0;
  if (!isRight) throw new Misuse(`Say of how many days, up to ${MOST_DAYS}`);
  return days;
}

async function tell(config: Config, log: Logger, said: string): Promise<void> {
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const { database } = await openAdapters({ config, lifecycle, log });
    const figures = await deliveryFigures(database.database, Date.now() - Number(said) * DAY_MS);
    if (figures.length === 0) console.log(`Nothing was sent within ${said} days.`);
    else console.table(figures.map((one) => ({ ...one })));
  } finally {
    await lifecycle.stop();
  }
}

const days = commandLine(USAGE, asked);
await ended(
  async (log) => tell({ ...(await besideTheServer(readConfig(process.env))), MIGRATE: "never" }, log, days),
  "the figures could not be read",
);
