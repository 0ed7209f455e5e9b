import { parseArgs } from "node:util";
import { createApp } from "./app.ts";
import { commandLine, Misuse } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger } from "./logger.ts";
import { OperatorProblem } from "./operator-problem.ts";
import { SampleTwins, STEPS } from "./sample-twins.ts";
import { startProblem } from "./start-problems.ts";

const USAGE = `npm run db:seed [-- http://localhost:3000]
  makes a pair of sample twins with a history, in the server that is named or on the database of the environment`;

function asked(): string | undefined {
  const [running, ...more] = parseArgs({ allowPositionals: true }).positionals;
  const isServer = running === undefined || /^https?:$/.test(URL.parse(running)?.protocol ?? "");
  if (!isServer || more.length > 0) throw new Misuse("Name a server by its URL, or none");
  return running;
}

/** Before one's eyes, step by step. */
function sampleTwinsAt(base: string): Promise<void> {
  let done = 0;
  const step = (what: string) => {
    process.stdout.write(`[${String(++done).padStart(2)}/${STEPS}] ${what}\n`);
  };
  return new SampleTwins(base, step).make();
}

/** Into the server that is named, or one that runs for this only. */
async function seed(running: string | undefined): Promise<void> {
  const config = { ...readConfig(process.env), PORT: 0, HOST: "127.0.0.1" };
  if (config.NODE_ENV === "production")
    throw new OperatorProblem("Everybody knows the sample twins' password: not in production");
  if (running) return sampleTwinsAt(running);
  const log = createLogger("warn");
  const lifecycle = new Lifecycle((error, name) => log.error({ err: error, name }, "could not be released"));
  try {
    const app = await createApp({ config, lifecycle, log });
    const { port } = await app.listen();
    await sampleTwinsAt(`http://127.0.0.1:${port}`);
  } finally {
    await lifecycle.stop();
  }
}

const running = commandLine(USAGE, asked);
try {
  await seed(running);
  process.exit(0);
} catch (error) {
  const problem = startProblem(error);
  if (problem)
    console.error(
      /already serves/.test(problem) ? `${problem}; or name it: npm run db:seed -- http://localhost:3000` : problem,
    );
  else createLogger("info").fatal({ err: error }, "the sample twins could not be made");
  process.exit(1);
}
