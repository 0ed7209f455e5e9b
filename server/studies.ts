/** Publishes a study, or what is new of it: `npm run studies -- study.json`; without a file it lists those there are. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parse } from "../domain/refusal.ts";
import { secrets } from "../domain/secrets.ts";
import { studies } from "../domain/studies.ts";
import { Study } from "../schema/entities/study.ts";
import { PublishStudy } from "../schema/wire/research.ts";
import type { OpenedDatabase } from "./adapters/database/open.ts";
import { databaseStudyRows } from "./adapters/database/study-rows.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { chance } from "./chance.ts";
import { commandLine, Misuse } from "./command-line.ts";
import { type Config, readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { startProblem } from "./start-problems.ts";

const USAGE = `npm run studies [-- study.json]
  publishes a study, or what is new of it; without a file it lists those there are`;

function asked(): string | undefined {
  const [file, ...more] = parseArgs({ allowPositionals: true }).positionals;
  if (more.length > 0) throw new Misuse("One file at a time");
  return file;
}

async function publish(config: Config, log: Logger, file: string | undefined): Promise<void> {
  const given = file === undefined ? undefined : parse(PublishStudy, JSON.parse(await readFile(file, "utf8")));
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const { database, appSecrets } = await openAdapters({ config, lifecycle, log });
    if (!given) return await list(database);
    const hidden = secrets(
      appSecrets.map((secret) => secret.reveal()),
      chance,
    );
    const clock = { now: Date.now };
    const means = { database: database.database, clock, chance, secrets: hidden, rows: databaseStudyRows };
    console.log(`${given.words.en.title}: ${await studies(means).publish(given)}`);
  } finally {
    await lifecycle.stop();
  }
}

async function list({ database }: OpenedDatabase): Promise<void> {
  const all = await database.read((em) => em.find(Study, {}, { orderBy: { id: "asc" } }));
  for (const { id, status, consentVersion, words } of all)
    console.log(`${id} ${status}, consent ${consentVersion}: ${words.en?.title}`);
}

const file = commandLine(USAGE, asked);
try {
  await publish({ ...(await besideTheServer(readConfig(process.env))), MIGRATE: "never" }, createLogger("warn"), file);
  process.exit(0);
} catch (error) {
  console.error(startProblem(error) ?? (error instanceof Error ? error.message : error));
  process.exit(1);
}
