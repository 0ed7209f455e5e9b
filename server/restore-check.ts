/** Whether a database that was restored is whole: `npm run restore:check`; and the same as when it was counted. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { secrets } from "../domain/secrets.ts";
import { connectingTo, withClient } from "./adapters/database/connection.ts";
import { migrationState } from "./adapters/database/migrate.ts";
import { chance } from "./chance.ts";
import { commandLine } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { createLogger } from "./logger.ts";
import { storeOf } from "./media.ts";
import { OperatorProblem } from "./operator-problem.ts";
import { Census, census, differences } from "./restore/census.ts";
import { filesAmiss } from "./restore/files.ts";
import { untruths } from "./restore/wholeness.ts";
import { startProblem } from "./start-problems.ts";

const USAGE = `npm run restore:check [-- --media] [--write FILE | --against FILE]
  looks whether the database of DATABASE_URL is whole
  --media    and whether every picture and recording that it shows lies in the store
  --write    and counts what is in it, for later
  --against  and compares it with what was counted: a restore to that moment must be the same`;

/** It makes no links, so it needs no secret. */
const NOBODYS = "no link is signed with this, and nobody has to know it";

interface Asked {
  readonly media: boolean;
  readonly write: string | undefined;
  readonly against: string | undefined;
}

function asked(): Asked {
  const text = { type: "string" } as const;
  const options = { write: text, against: text, media: { type: "boolean", default: false } } as const;
  const { write, against, media } = parseArgs({ options }).values;
  return { write, against, media };
}

function readCensus(file: string): Census {
  try {
    return Census.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new OperatorProblem(`${file} is no count that --write has made`);
  }
}

/** Says what is wrong, line by line; true if nothing is. */
async function check(config: Config, { write, against, media }: Asked): Promise<boolean> {
  const url = (config.DATABASE_DIRECT_URL ?? config.DATABASE_URL)?.reveal();
  if (!url) throw new OperatorProblem("Say which database: set DATABASE_URL");
  const before = against === undefined ? undefined : readCensus(against);
  // It reads everything, which takes its time.
  const patient = { ...(await connectingTo({ url, ca: config.DATABASE_CA })), statement_timeout: 0, query_timeout: 0 };
  return withClient(patient, async (client) => {
    const problems = (await untruths(client)).map(({ truth, wrong }) => `it is not so that ${truth}: ${wrong} times`);
    const { pending } = await migrationState(client);
    if (pending.length > 0) problems.push(`it lacks ${pending.join(", ")}: run npm run db:migrate`);
    if (media)
      problems.push(...(await filesAmiss(client, await storeOf(config, secrets([NOBODYS], chance), Date.now))));
    const now = write || before ? await census(client) : undefined;
    if (before && now) problems.push(...differences(before, now));
    for (const problem of problems) console.log(`WRONG  ${problem}`);
    if (now && write) writeFileSync(write, `${JSON.stringify(now, null, 2)}\n`);
    if (problems.length === 0) console.log(before ? `whole, and as it was at ${before.at}` : "whole");
    return problems.length === 0;
  });
}

const what = commandLine(USAGE, asked);
const log = createLogger("warn");
try {
  process.exitCode = (await check(readConfig({ ...process.env, ALLOW_EMBEDDED: "1" }), what)) ? 0 : 1;
} catch (error) {
  const problem = startProblem(error);
  if (problem) console.error(problem);
  else log.fatal({ err: error }, "the database could not be looked at");
  process.exitCode = 2;
}
