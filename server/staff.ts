/** Who works here: `npm run staff -- grant|revoke <role> <email> [studyId]`, `enrol <email>`, `list`. */
import { parseArgs } from "node:util";
import { Refusal } from "../domain/refusal.ts";
import { secrets } from "../domain/secrets.ts";
import { type StaffRoster, staffRoster } from "../domain/staff-roster.ts";
import { StaffGrant } from "../schema/wire/staff.ts";
import { totpAuthenticators } from "./adapters/sessions/authenticators.ts";
import { openAdapters } from "./adapters.ts";
import { besideTheServer } from "./beside-the-server.ts";
import { chance } from "./chance.ts";
import { commandLine, Misuse } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { ended } from "./ended.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { OperatorProblem } from "./operator-problem.ts";

const USAGE = `npm run staff -- list
npm run staff -- grant <role> <email> [studyId]     a role is support, moderator, researcher, study_owner or admin
npm run staff -- revoke <role> <email> [studyId]    researcher and study_owner name their study
npm run staff -- enrol <email>                      prints what their authenticator is set up with`;

type Deed = (roster: StaffRoster) => Promise<void>;

function asked(): Deed {
  const [what, ...about] = parseArgs({ allowPositionals: true }).positionals;
  if (what === "list" && about.length === 0) return list;
  if (what === "enrol") return enrolment(about);
  if (what === "grant") return change(about, grant);
  if (what === "revoke") return change(about, revoke);
  throw new Misuse(what === undefined ? "Say what" : `There is no "${[what, ...about].join(" ")}"`);
}

function enrolment([email, ...more]: readonly string[]): Deed {
  if (!email || more.length > 0) throw new Misuse("Say whose authenticator, by their address");
  return (roster) => enrol(roster, email);
}

function change(
  [role, email, studyId, ...more]: readonly string[],
  done: (roster: StaffRoster, email: string, role: StaffGrant) => Promise<void>,
): Deed {
  const read = StaffGrant.safeParse({ role, studyId: studyId ?? null });
  if (!read.success || !email || more.length > 0)
    throw new Misuse("Say a role, whose, by their address, and of which study if the role has one");
  return (roster) => done(roster, email, read.data);
}

async function grant(roster: StaffRoster, email: string, given: StaffGrant): Promise<void> {
  const { isUnconfirmed } = await roster.grant(email, given);
  console.log(
    `${email} is ${given.role} now. Without an authenticator they cannot sign in: npm run staff -- enrol ${email}`,
  );
  if (isUnconfirmed) console.log("Mind that nobody has confirmed this address yet: be sure that it is theirs.");
}

async function revoke(roster: StaffRoster, email: string, taken: StaffGrant): Promise<void> {
  await roster.revoke(email, taken);
  console.log(`${email} is ${taken.role} no more.`);
}

async function enrol(roster: StaffRoster, email: string): Promise<void> {
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

async function run(deed: Deed, log: Logger): Promise<void> {
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
    await deed(roster);
  } catch (error) {
    throw error instanceof Refusal ? new OperatorProblem(error.message, { cause: error }) : error;
  } finally {
    await lifecycle.stop();
  }
}

const deed = commandLine(USAGE, asked);
await ended((log) => run(deed, log), "it could not be done");
