/** Who works here: `npm run staff -- grant|revoke <role> <email> [studyId]`, `enrol <email>`, `list`. */
import { Refusal } from "../domain/refusal.ts";
import { secrets } from "../domain/secrets.ts";
import { type StaffRoster, staffRoster } from "../domain/staff-roster.ts";
import { StaffGrant } from "../schema/wire/staff.ts";
import { totpAuthenticators } from "./adapters/sessions/authenticators.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { chance } from "./chance.ts";
import { readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger, type Logger } from "./logger.ts";
import { OperatorProblem } from "./operator-problem.ts";
import { startProblem } from "./start-problems.ts";

const HOW = `Say what:
  npm run staff -- list
  npm run staff -- grant <role> <email> [studyId]     a role is support, moderator, researcher, study_owner or admin
  npm run staff -- revoke <role> <email> [studyId]    researcher and study_owner name their study
  npm run staff -- enrol <email>                      prints what their authenticator is set up with`;

function grantIn(role: string | undefined, studyId: string | undefined): StaffGrant {
  const read = StaffGrant.safeParse({ role, studyId: studyId ?? null });
  if (!read.success) throw new OperatorProblem(HOW);
  return read.data;
}

async function grant(roster: StaffRoster, [role, email, studyId]: readonly string[]): Promise<void> {
  if (!email) throw new OperatorProblem(HOW);
  const { isUnconfirmed } = await roster.grant(email, grantIn(role, studyId));
  console.log(`${email} is ${role} now. Without an authenticator they cannot sign in: npm run staff -- enrol ${email}`);
  if (isUnconfirmed) console.log("Mind that nobody has confirmed this address yet: be sure that it is theirs.");
}

async function revoke(roster: StaffRoster, [role, email, studyId]: readonly string[]): Promise<void> {
  if (!email) throw new OperatorProblem(HOW);
  await roster.revoke(email, grantIn(role, studyId));
  console.log(`${email} is ${role} no more.`);
}

async function enrol(roster: StaffRoster, [email]: readonly string[]): Promise<void> {
  if (!email) throw new OperatorProblem(HOW);
  const { secret, uri } = await roster.enrol(email);
  console.log("Shown once: put it into an authenticator, by the secret or as a QR code of the URI.");
  console.log(`secret: ${secret}`);
  console.log(`uri: ${uri}`);
}

async function list(roster: StaffRoster): Promise<void> {
  const all = await roster.list();
  if (all.length === 0) console.log("Nobody yet: npm run staff -- grant admin <email>");
  else console.table(all.map((one) => ({ ...one })));
}

async function obey(roster: StaffRoster, [what, ...about]: readonly string[]): Promise<void> {
  try {
    if (what === "grant") return await grant(roster, about);
    if (what === "revoke") return await revoke(roster, about);
    if (what === "enrol") return await enrol(roster, about);
    if (what === "list") return await list(roster);
  } catch (error) {
    throw error instanceof Refusal ? new OperatorProblem(error.message, { cause: error }) : error;
  }
  throw new OperatorProblem(HOW);
}

async function run(asked: readonly string[], log: Logger): Promise<void> {
  const config = await besideTheServer(readConfig(process.env));
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const { database, appSecrets } = await openAdapters({ config, lifecycle, log });
    const roster = staffRoster({
      database: database.database,
      clock: { now: () => Date.now() },
      chance,
      secrets: secrets(
        appSecrets.map((secret) => secret.reveal()),
        chance,
      ),
      authenticators: totpAuthenticators(chance.bytes),
    });
    await obey(roster, asked);
  } finally {
    await lifecycle.stop();
  }
}

const log = createLogger("warn");
try {
  await run(process.argv.slice(2), log);
  process.exit(0);
} catch (error) {
  const problem = startProblem(error);
  if (problem) console.error(problem);
  else log.fatal({ err: error }, "it could not be done");
  process.exit(1);
}
