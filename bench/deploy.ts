import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type PgBouncer, startPgBouncer } from "../tests/support/pgbouncer.ts";
import { ServedPostgres } from "../tests/support/served-postgres.ts";
import { type PairedUp, TestServer } from "../tests/support/server.ts";
import { cpuSecondsOf } from "./cluster-cpu.ts";
import { type Figures, figuresOf } from "./figures.ts";

const PAIRS = 8;

/** So few that whoever shares them gets another one for every transaction. */
const POOL = 4;

export interface DeployFigures {
  readonly what: string;
  readonly messages: Figures;
  /** Of the server's process. */
  readonly cpuMs: number;
}

/** The same messages over HTTP, by sixteen people, with what a host may put around a server; each way in turn, twice. */
export async function measureDeploy(seconds: number): Promise<readonly DeployFigures[]> {
  const postgres = await ServedPostgres.start();
  const pooler = await startPgBouncer(postgres.url, { connections: POOL });
  const collector = await collecting();
  try {
    const measured: DeployFigures[] = [];
    for (const [what, env] of waysOf(postgres, pooler, collector.url)) measured.push(await measure(what, env, seconds));
    return measured;
  } finally {
    collector.server.close();
    collector.server.closeAllConnections();
    await pooler.stop();
    await postgres.remove();
  }
}

function waysOf(postgres: ServedPostgres, pooler: PgBouncer, collector: string): [string, Record<string, string>][] {
  const DATABASE_URL = postgres.url;
  const traced = { DATABASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT: collector };
  const once: [string, Record<string, string>][] = [
    ["a message over HTTP, nothing around", { DATABASE_URL }],
    ["… with every trace sent", traced],
    ["… with none of the traces sampled", { ...traced, OTEL_TRACES_SAMPLER_ARG: "0" }],
    [`… through PgBouncer with ${POOL} connections`, { DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: postgres.url }],
  ];
  return [...once, ...once];
}

async function measure(what: string, env: Record<string, string>, seconds: number): Promise<DeployFigures> {
  const server = await TestServer.create(env);
  try {
    await server.start();
    const twins = await Promise.all(Array.from({ length: PAIRS }, () => server.pairUp()));
    await during(server, twins, 1);
    const before = cpuSecondsOf(server.pid);
    const messages = await during(server, twins, seconds);
    return { what, messages, cpuMs: ((cpuSecondsOf(server.pid) - before) * 1000) / messages.count };
  } finally {
    await server.remove();
  }
}

async function during(server: TestServer, twins: readonly PairedUp[], seconds: number): Promise<Figures> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const talk = async (token: string) => {
    while (performance.now() < end) {
      const began = performance.now();
      const { status } = await server.call("POST", "/api/v1/messages", token, { text: "hello", type: "text" });
      if (status !== 201) throw new Error(`A message was answered ${status}`);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(twins.flatMap(({ ada, bea }) => [talk(ada.accessToken), talk(bea.accessToken)]));
  return figuresOf(times, seconds);
}

async function collecting(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end("{}"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return { server, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}` };
}
