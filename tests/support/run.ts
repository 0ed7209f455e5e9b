import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { commandLine, Misuse } from "../../server/command-line.ts";
import { chromiumPath } from "./chromium.ts";
import { startDebian } from "./debian.ts";
import { hasPgBouncer, startPgBouncer } from "./pgbouncer.ts";
import type { Summary } from "./reporter.ts";
import { importsOf } from "./source.ts";

const ROOT = join(import.meta.dirname, "../..");
const MOCHA = join(ROOT, "node_modules/mocha/bin/mocha.js");
const REPORTER = join(import.meta.dirname, "reporter.ts");
const TEMPORARY_DATABASE = join(import.meta.dirname, "postgres.ts");

/** Where servers keep what they compiled: what one of the runs has compiled, the next one need not. */
const COMPILED = join(ROOT, "node_modules/.cache/compiled");

const USAGE = `npm test [-- tests/rooms/chat.test.ts …]
  all tests, or those in the files that are named, on each database they are for; "N passed, N failed" comes last`;

/** A run that takes longer hangs. */
const RUN_MS = 25 * 60_000;

const NONE: Summary = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** How a run that left no numbers counts, or one that did not end. */
const crashed = (why: string): Summary => ({ passed: 0, failed: 1, skipped: 0, failures: [why] });

let isInterrupted = false;
const children = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => end(signal));

/** Tests that start whole servers wait for them most of the time: one with what people see, three with every fault. */
const WHOLE_SERVERS = /^tests\/(?:browser|cluster|e2e)\//;
const ONE_SERVER = /^tests\/e2e\//;

/**
 * What lies around the domain waits for databases, sockets and processes of its own. Two of them go with everything else,
 * so that one takes as long as the other.
 */
const AROUND = /^tests\/(?:adapters|server)\/(?!seed|smoke)/;

/** What needs a real browser. */
const IN_A_BROWSER = /^tests\/browser\//;

/**
 * What lies around the domain; clusters and browsers, and then what needs a database again, on Debian's, and a few behind
 * a pooler; and everything else. Side by side, since all of them wait more than they work; each one's words follow those of the one before.
 */
async function runAll(asked: readonly string[]): Promise<Summary[]> {
  const isBrowserless = chromiumPath() === undefined;
  const files = asked.filter((file) => !(isBrowserless && IN_A_BROWSER.test(file)));
  const left = asked.length - files.length;
  const browserless = left > 0 ? [notRun(left, "in a browser", "apt-get install chromium, or set CHROMIUM")] : [];
  const [servers, rest] = [true, false].map((is) => files.filter((file) => WHOLE_SERVERS.test(file) === is));
  const [around, inner] = [true, false].map((is) => (rest ?? []).filter((file) => AROUND.test(file) === is));
  const others = quietly(async (say) => [
    await mocha("the embedded PostgreSQL: what lies around the domain", around ?? [], {}, say),
  ]);
  const beside = quietly(async (say) => [
    await mocha("whole servers, three of them, and browsers", apart(servers ?? [], false), {}, say),
    await onDebian(
      (rest ?? []).filter((file) => IN_OUR_SQL.test(file) && reaches(file, TEMPORARY_DATABASE)),
      say,
    ),
    await throughPooler(rest?.length ? (servers ?? []) : [], say),
  ]);
  const first = await mocha("the embedded PostgreSQL: the domain and its doors", inner ?? [], {});
  const second = await mocha("a whole server", apart(servers ?? [], true), {});
  return [first, second, ...(await others()), ...(await beside()), ...browserless];
}

const apart = (files: readonly string[], isOfOne: boolean): readonly string[] =>
  files.filter((file) => ONE_SERVER.test(file) === isOfOne);

/**
 * What asks in statements of our own, or compares words: another version in another locale may answer otherwise. What is
 * about Redis asks nothing that the same part without it does not.
 */
const IN_OUR_SQL =
  /^tests\/(?:adapters\/(?!.*redis)|domain\/(?:accounts|addresses|assessments|deliveries|erasure|exports|message-retention|pairing|profiles|pushes|stories|studies|subscriptions\/))/;

type Say = (words: string | Buffer) => void;

const aloud: Say = (words) => void process.stdout.write(words);

/** Begins at once, and is heard when it is asked for. */
function quietly<T>(work: (say: Say) => Promise<T>): () => Promise<T> {
  const said: (string | Buffer)[] = [];
  let say: Say = (words) => void said.push(words);
  const done = work((words) => say(words));
  return () => {
    for (const words of said) aloud(words);
    say = aloud;
    return done;
  };
}

async function onDebian(files: readonly string[], say: Say): Promise<Summary> {
  if (files.length === 0) return NONE;
  const debian = await startDebian();
  if (!debian)
    return notRun(files.length, "on PostgreSQL 15", "apt-get install postgresql, or set TEST_POSTGRES15_URL");
  try {
    return await mocha("PostgreSQL 15, locale C", files, { TEST_DATABASE_URL: debian.url }, say);
  } finally {
    await debian.stop();
  }
}

/** End to end on any database; what is about the embedded one, or ends it, stays where it was. */
const BEHIND_POOLERS = /^tests\/e2e\/(?:outgoing|push|room)\.test\.ts$/;

/** So few that whoever shares them gets another one for every transaction. */
const POOL = 4;

async function throughPooler(all: readonly string[], say: Say): Promise<Summary> {
  const files = all.filter((file) => BEHIND_POOLERS.test(file));
  const debian = files.length > 0 && hasPgBouncer ? await startDebian() : undefined;
  const help = "apt-get install postgresql pgbouncer";
  if (!debian) return files.length > 0 ? notRun(files.length, "behind a pooler", help) : NONE;
  const pooler = await startPgBouncer(debian.url, { connections: POOL });
  try {
    const env = { TEST_POOLER_URL: pooler.url, TEST_POOLED_URL: debian.url };
    return await mocha(`whole servers behind a pooler of ${POOL} connections`, files, env, say);
  } finally {
    await pooler.stop();
    await debian.stop();
  }
}

/** Loud on a desk, a failure where it counts. */
function notRun(files: number, where: string, help: string): Summary {
  const isGate = process.env["CI"] === "true";
  console.error(`\n!!! ${files} files did NOT run ${where}: ${help}\n`);
  return isGate ? crashed(`${files} files did not run ${where}`) : NONE;
}

async function mocha(
  on: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  say: Say = aloud,
): Promise<Summary> {
  if (isInterrupted) return crashed(`interrupted before the files on ${on}`);
  if (files.length === 0) return NONE;
  say(`\n=== ${files.length} files on ${on}\n\n`);
  const folder = mkdtempSync(join(tmpdir(), "twinship-summary-"));
  const file = join(folder, "summary.json");
  const child = spawn(process.execPath, [MOCHA, "--reporter", REPORTER, ...files], {
    cwd: ROOT,
    env: { ...process.env, ...env, TEST_SUMMARY: file, NODE_COMPILE_CACHE: COMPILED },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_MS,
    killSignal: "SIGKILL",
  });
  children.add(child);
  child.stdout.on("data", say);
  child.stderr.on("data", say);
  const [code, signal] = await once(child, "exit");
  children.delete(child);
  const ended = `the run on ${on} ended with ${code ?? signal}`;
  const summary: Summary = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : crashed(ended);
  rmSync(folder, { recursive: true });
  // Also one that passed everything and could not end is no success.
  return code !== 0 && summary.failed === 0 ? { ...summary, failed: 1, failures: [ended] } : summary;
}

/** Whether a file needs another, by whatever it imports of ours. */
function reaches(file: string, target: string, seen = new Set<string>()): boolean {
  const path = resolve(ROOT, file);
  if (path === target) return true;
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  const ours = importsOf(readFileSync(path, "utf8")).filter(({ specifier }) => specifier.startsWith("."));
  return ours.some(({ specifier }) => reaches(join(dirname(path), specifier), target, seen));
}

function end(signal: NodeJS.Signals): void {
  isInterrupted = true;
  for (const child of children) child.kill(signal);
}

const asked = commandLine(USAGE, () => {
  const files = parseArgs({ allowPositionals: true }).positionals;
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Misuse(`There is no ${missing}`);
  return files;
});
const all = globSync("tests/**/*.test.ts", { cwd: ROOT }).sort();
const before: Summary = { passed: 0, failed: Number(process.env["ALREADY_FAILED"] ?? 0), skipped: 0, failures: [] };
const summaries = await runAll(asked.length > 0 ? asked.map((file) => relative(ROOT, resolve(file))) : all);
const sum = (of: "passed" | "failed" | "skipped") =>
  [before, ...summaries].reduce((total, summary) => total + summary[of], 0);
for (const failure of summaries.flatMap(({ failures }) => failures)) console.log(`failed: ${failure}`);
if (before.failed > 0) console.log("failed: npm run check");
if (sum("skipped") > 0) console.log(`${sum("skipped")} skipped`);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("failed") === 0 ? 0 : 1;
