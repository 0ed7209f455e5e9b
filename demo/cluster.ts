/** Several nodes as in production, on this machine: `npm run cluster -- --nodes 3`. Ctrl-C ends all of it. */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { startEmbedded } from "../server/adapters/database/embedded.ts";
import { freePort } from "../server/adapters/database/postmaster.ts";
import { newPrivateKey } from "../server/adapters/sessions/signing-keys.ts";
import { commandLine, Misuse } from "../server/command-line.ts";
import { Balancer } from "./balancer.ts";
import { ClusterNode } from "./cluster-node.ts";
import { DemoRedis, hasRedis } from "./redis.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

const MOST_NODES = 20;
const PORT = 3000;

const USAGE = `npm run cluster [-- --nodes 3]
  several nodes behind a balancer, on PORT (${PORT}), with PostgreSQL and Redis of their own unless DATABASE_URL and
  REDIS_URL name others; Ctrl-C ends all of it`;

const count = commandLine(USAGE, () => {
  const { nodes } = parseArgs({ options: { nodes: { type: "string", default: "3" } } }).values;
  const most = Number(nodes);
  if (Number.isInteger(most) && most >= 1 && most <= MOST_NODES) return most;
  throw new Misuse(`--nodes must be a whole number from 1 to ${MOST_NODES}`);
});

/** What was started, the newest last; it ends in the reverse order. */
const started: { readonly name: string; stop(): Promise<unknown> }[] = [];
let isEnding = false;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end(0));
try {
  await start();
} catch (error) {
  if (!isEnding) console.error(error instanceof Error ? error.message : error);
  await end(1);
}

async function start(): Promise<void> {
  const folder = keep("the folder", new TemporaryFolder("twinship-cluster-"));
  const database = process.env["DATABASE_URL"] ?? (await ownPostgres(folder.path));
  const redis = process.env["REDIS_URL"] ?? (await ownRedis(folder.path));
  const shared = {
    CLUSTER_KEY: randomBytes(32).toString("hex"),
    APP_SECRET: randomBytes(32).toString("hex"),
    JWT_PRIVATE_KEY: newPrivateKey(),
    LOG_LEVEL: "warn",
    ...process.env,
    DATABASE_URL: database,
    ...(redis ? { REDIS_URL: redis } : {}),
    DATA_DIR: folder.path,
    HOST: "127.0.0.1",
  };
  const port = Number(process.env["PORT"] ?? PORT);
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const balancer = await Balancer.open({ port, backends: ports });
  keep("the balancer", { stop: () => balancer.close() });
  const env = { ...shared, PUBLIC_URL: process.env["PUBLIC_URL"] ?? `http://localhost:${balancer.port}` };
  const nodes = ports.map((own, n) => new ClusterNode(`node ${n + 1}`, { ...env, PORT: String(own) }));
  keep("the nodes", { stop: () => Promise.all(nodes.map((node) => node.stop())) });
  await Promise.all(nodes.map((node) => node.start()));
  if (isEnding) return;
  console.log(
    `\nready: http://localhost:${balancer.port}, any node answers; end one of them and see. Ctrl-C ends all.`,
  );
}

async function ownPostgres(folder: string): Promise<string> {
  const postgres = keep("PostgreSQL", await startEmbedded(folder, { connections: count * 20 }));
  console.log(`PostgreSQL  process ${postgres.pid()}, of its own`);
  return postgres.url;
}

async function ownRedis(folder: string): Promise<string | undefined> {
  if (!hasRedis()) {
    console.log("Redis       is not installed here: it goes without");
    return undefined;
  }
  const redis = keep("Redis", new DemoRedis(folder, await freePort()));
  await redis.start();
  console.log(`Redis       process ${redis.pid}, of its own`);
  return redis.url;
}

function keep<Kept extends { stop(): Promise<unknown> }>(name: string, kept: Kept): Kept {
  started.push({ name, stop: () => kept.stop() });
  return kept;
}

/** Once: who interrupts twice does not make it quicker. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  for (const { name, stop } of started.toReversed()) {
    await stop().catch((error: unknown) => console.error(`${name} did not end in order:`, error));
  }
  process.exit(code);
}
