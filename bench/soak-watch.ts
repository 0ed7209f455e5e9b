import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProbeSample } from "./soak-probe.ts";
import type { SoakWorld } from "./soak-world.ts";

/** What one node says of itself at /metrics. */
export interface NodeLook {
  readonly node: string;
  readonly rooms: number;
  readonly waitingRooms: number;
  readonly connections: number;
  readonly forwardedSockets: number;
  readonly databaseConnections: number;
}

/** All of it at one moment. */
export interface Look {
  readonly atMs: number;
  readonly nodes: readonly NodeLook[];
  /** Undefined: whoever could say did not answer, as faults have it. */
  readonly redisSubscriptions: number | undefined;
  readonly postgresConnections: number | undefined;
  readonly jobsWaiting: number | undefined;
  readonly temporaryFiles: number;
}

const ANSWER_MS = 3000;

const METRICS = {
  rooms: "twinship_rooms",
  waitingRooms: "twinship_waiting_rooms",
  connections: "twinship_connections",
  forwardedSockets: "twinship_forwarded_sockets",
  databaseConnections: "twinship_database_connections",
} as const;

export async function look(world: SoakWorld): Promise<Look> {
  const { nodes, redis, postgres } = world.cluster;
  const [redisSubscriptions, postgresConnections, jobsWaiting, ...said] = await Promise.all([
    redis?.cli("pubsub", "channels").then((names) => names.split("\n").filter(Boolean).length, nothing),
    count(
      postgres.query<Counted>("select count(*)::int from pg_stat_activity where application_name like 'twinship%'"),
    ),
    count(
      postgres.query<Counted>("select count(*)::int from pgboss.job where state in ('created', 'retry', 'active')"),
    ),
    ...nodes.map(({ name, server }) => lookAt(name, server.port)),
  ]);
  const temporaryFiles = globSync(join(world.temporary, "twinship-*/**")).length;
  const heard = said.filter((one) => one !== undefined);
  return { atMs: Date.now(), nodes: heard, redisSubscriptions, postgresConnections, jobsWaiting, temporaryFiles };
}

type Counted = { readonly count: number };

const nothing = () => undefined;

const count = async (asked: Promise<readonly Counted[]>): Promise<number | undefined> => {
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, ANSWER_MS, undefined).unref());
  return (await Promise.race([asked.catch(nothing), late]))?.[0]?.count;
};

async function lookAt(node: string, port: number): Promise<NodeLook | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: { connection: "close" },
    });
    const text = await answer.text();
    return {
      node,
      rooms: figure(text, METRICS.rooms),
      waitingRooms: figure(text, METRICS.waitingRooms),
      connections: figure(text, METRICS.connections),
      forwardedSockets: figure(text, METRICS.forwardedSockets),
      databaseConnections: figure(text, METRICS.databaseConnections),
    };
  } catch {
    return undefined;
  }
}

/** All series of that name together. */
function figure(text: string, name: string): number {
  const lines = text.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** What a node's probe wrote down so far; a node started again goes on in the same file. */
export function samplesIn(file: string): ProbeSample[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => sampleIn(line) ?? []);
  } catch {
    return [];
  }
}

/** A killed node may leave half a line. */
function sampleIn(line: string): ProbeSample | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
