import type { Assumptions } from "./assumptions.ts";
import type { CostName } from "./costs.ts";

export type Costs = Readonly<Record<CostName, { readonly value: number }>>;

export type Server = "node" | "PostgreSQL" | "Redis";

export const RESOURCES = [
  "node CPU",
  "node memory",
  "PostgreSQL CPU",
  "PostgreSQL WAL",
  "PostgreSQL disk",
  "PostgreSQL connections",
  "Redis CPU",
  "Redis memory",
] as const;

export type ResourceName = (typeof RESOURCES)[number];

export interface Resource {
  readonly name: ResourceName;
  readonly server: Server;
  readonly unit: string;
  /** What one pair takes of it in the busiest minute. */
  readonly each: number;
  /** What one server has of it to give: headroom is off already. */
  readonly has: number;
  /** So many pairs. */
  readonly carries: number;
}

const DAY_S = 86_400;
const MS_PER_S = 1000;
const US_PER_S = 1_000_000;
const KIB = 1024;

/** What all pairs do in the busiest minute, each second. */
export function demandOf(pairs: number, { use }: Assumptions) {
  const perSecond = (aDay: number) => (pairs * aDay * use.peakToMean) / DAY_S;
  const rooms = pairs * use.activeAtPeak;
  return {
    sendsPerSecond: perSecond(use.messagesADay),
    joinsPerSecond: perSecond(use.joinsADay),
    rooms,
    connections: rooms * use.connectionsAPair,
  };
}

/** Everything that can run out, with what one pair takes of it. All of it grows in step with pairs. */
export function resourcesOf(costs: Costs, assumed: Assumptions): readonly Resource[] {
  const { use, machines } = assumed;
  const { sendsPerSecond: sends, joinsPerSecond: joins, rooms, connections } = demandOf(1, assumed);
  const spare = 1 - machines.headroom;
  const of = (name: ResourceName, server: Server, unit: string, each: number, has: number): Resource => {
    return { name, server, unit, each, has, carries: each > 0 ? has / each : Number.POSITIVE_INFINITY };
  };
  const nodeCpu = of(
    ...(["node CPU", "node", "cores"] as const),
    (sends * (costs.nodeCpuMsASend.value + costs.nodeCpuMsAPassedSend.value) + joins * costs.nodeCpuMsAJoin.value) /
      MS_PER_S +
      (connections * costs.nodeCpuUsAnIdleConnection.value) / US_PER_S,
    machines.nodeCores * spare,
  );
  const nodeMemory = of(
    ...(["node memory", "node", "MiB"] as const),
    (rooms * costs.nodeKiBARoom.value + connections * costs.nodeKiBAConnection.value) / KIB,
    machines.nodeMiB * spare,
  );
  const commands = joins * costs.redisCommandsAJoin.value + sends * costs.redisCommandsASend.value;
  return [
    nodeCpu,
    nodeMemory,
    of(
      ...(["PostgreSQL CPU", "PostgreSQL", "cores"] as const),
      (sends * costs.postgresCpuMsASend.value + joins * costs.postgresCpuMsAJoin.value) / MS_PER_S,
      machines.postgresCores * spare,
    ),
    of(
      "PostgreSQL WAL",
      "PostgreSQL",
      "MB/s",
      (sends * costs.walBytesASend.value) / 1e6,
      machines.walMBPerSecond * spare,
    ),
    of(
      ...(["PostgreSQL disk", "PostgreSQL", "TB"] as const),
      (use.messagesADay * use.keptDays * costs.diskBytesAMessage.value) / 1e12,
      machines.diskTB * spare,
    ),
    of(
      ...(["PostgreSQL connections", "PostgreSQL", ""] as const),
      machines.connectionsANode / Math.min(nodeCpu.carries, nodeMemory.carries),
      // A connection that is there is all that is wanted of it.
      machines.postgresConnections,
    ),
    of(
      "Redis CPU",
      "Redis",
      "cores",
      (commands * costs.redisCpuUsACommand.value) / US_PER_S,
      machines.redisCores * spare,
    ),
    of("Redis memory", "Redis", "GiB", (rooms * costs.redisBytesARoom.value) / KIB ** 3, machines.redisGiB * spare),
  ];
}

/** How many servers that takes, of this resource alone. */
export const serversFor = ({ carries }: Resource, pairs: number): number => Math.max(1, Math.ceil(pairs / carries));

export interface Stage {
  readonly pairs: number;
  /** What runs out first on the way here from the stage before, which had enough of everything; undefined if nothing does. */
  readonly first: Resource | undefined;
  /** All that one server of its kind does not carry, the scarcest first. */
  readonly exceeded: readonly Resource[];
}

/** Stage by stage, each built for its pairs and found too small on the way to the next. */
export function stagesOf(resources: readonly Resource[], stages: readonly number[]): Stage[] {
  return stages.map((pairs, n) => {
    const before = stages[n - 1] ?? 0;
    const lasts = (resource: Resource) => resource.carries * serversFor(resource, before);
    const scarcest = resources.toSorted((a, b) => lasts(a) - lasts(b)).find((resource) => lasts(resource) < pairs);
    const exceeded = resources.filter(({ carries }) => carries < pairs).toSorted((a, b) => a.carries - b.carries);
    return { pairs, first: scarcest, exceeded: exceeded.filter((one) => !isMetBesides(one, exceeded)) };
  });
}

/** Nodes there must be for want of something else have enough of it as well. */
const isMetBesides = ({ server, carries }: Resource, exceeded: readonly Resource[]): boolean =>
  server === "node" && exceeded.some((other) => other.server === "node" && other.carries < carries);

/** What to do about a resource that one server has too little of: engines there are, in the order of docs/scaling.md. */
export function stepPast(resource: Resource, pairs: number, { machines }: Assumptions): string {
  const servers = serversFor(resource, pairs);
  const biggest = machines.mostPostgresCores / machines.postgresCores;
  switch (resource.name) {
    case "node CPU":
    case "node memory":
      return `${servers} nodes`;
    case "PostgreSQL CPU":
      if (servers <= biggest) return `a primary of ${servers * machines.postgresCores} cores, reading on a replica`;
      return `${Math.ceil(servers / biggest)} shards of pairs, each of ${machines.mostPostgresCores} cores`;
    case "PostgreSQL WAL":
      return `${servers} shards of pairs, or disks that take ${servers} times as much`;
    case "PostgreSQL disk":
      return `old months on slow disks, or ${servers} shards of pairs`;
    case "PostgreSQL connections":
      return "PgBouncer between nodes and PostgreSQL";
    case "Redis CPU":
    case "Redis memory":
      return `Redis Cluster of ${servers}`;
  }
}
