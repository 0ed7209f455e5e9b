/** Writes to people of a study, for one of its owners: `npm run studies:news -- <studyId> <owner's address> words.txt`. */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { deliveries } from "../domain/deliveries.ts";
import { linksUnder } from "../domain/links.ts";
import { Refusal } from "../domain/refusal.ts";
import { secrets } from "../domain/secrets.ts";
import { studyNews } from "../domain/study-news.ts";
import { unsubscribes } from "../domain/unsubscribes.ts";
import { StudyId, StudyNewsText } from "../schema/wire/research.ts";
import { databaseStudyRows } from "./adapters/database/study-rows.ts";
import { JobQueue } from "./adapters/jobs/boss.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { chance } from "./chance.ts";
import { commandLine, Misuse } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { ended } from "./ended.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { OperatorProblem } from "./operator-problem.ts";

const USAGE = `npm run studies:news -- <studyId> <email> words.txt
  writes to a study's people what is in the file, for the owner with that address, and once to each
  npm run studies lists the studies, npm run staff -- list their owners`;

interface Asked {
  readonly studyId: StudyId;
  readonly email: string;
  readonly file: string;
}

function asked(): Asked {
  const [id, email, file, ...more] = parseArgs({ allowPositionals: true }).positionals;
  const study = StudyId.safeParse(id);
  if (!study.success || !email || !file || more.length > 0)
    throw new Misuse("Say to which study, for which of its owners, and what");
  return { studyId: study.data, email, file };
}

async function wordsIn(file: string): Promise<string> {
  const said = await readFile(file, "utf8").catch((cause) => {
    throw new OperatorProblem(`${file} cannot be read: name a file with the words`, { cause });
  });
  const words = StudyNewsText.safeParse(said);
  if (!words.success) throw new OperatorProblem(`${file} ${words.error.issues[0]?.message ?? "holds no words"}`);
  return words.data;
}

async function send({ studyId, email, file }: Asked, log: Logger): Promise<void> {
  const text = await wordsIn(file);
  const config = { ...(await besideTheServer(readConfig(process.env))), MIGRATE: "never" as const };
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const { database: opened, appSecrets } = await openAdapters({ config, lifecycle, log });
    const { database, pool } = opened;
    const clock = { now: () => Date.now() };
    const hidden = secrets(
      appSecrets.map((secret) => secret.reveal()),
      chance,
    );
    const report = (error: unknown, about: object) => log.error({ err: error, ...about }, "it could not be put");
    const jobs = await JobQueue.open({ pool, database, report }, { doesWork: false });
    lifecycle.add("jobs", () => jobs.stop());
    const means = { database, clock, chance, secrets: hidden, jobs, links: linksUnder(config.PUBLIC_URL) };
    const outbox = deliveries({ ...means, ...SENT_BY_THE_SERVER });
    const news = studyNews({ ...means, outbox, rows: databaseStudyRows, unsubscribes: unsubscribes(means) });
    const count = await news.sendFor(email, studyId, text);
    console.log(`${count} are written to, who had not got these words yet; the server sends them.`);
  } catch (error) {
    throw error instanceof Refusal ? new OperatorProblem(error.message, { cause: error }) : error;
  } finally {
    await lifecycle.stop();
  }
}

const notHere = async (): Promise<never> => {
  throw new Error("Mail is sent by the server or its worker");
};

/** Here it is only put; whoever sends it looks again whether it is still wanted. */
const SENT_BY_THE_SERVER = { post: notHere, isSuppressed: notHere, followers: [], keepsContents: () => false };

const news = commandLine(USAGE, asked);
await ended((log) => send(news, log), "it could not be done");
