/** What one thing costs, and in what: all that the capacity plan knows of this system. */
export const COSTS = {
  nodeCpuMsASend: { unit: "ms of CPU", what: "a send, its acknowledgement and its delivery, on the room's own node" },
  nodeCpuMsAPassedSend: { unit: "ms of CPU", what: "what a send costs nodes besides when it arrives at another one" },
  nodeCpuMsAJoin: { unit: "ms of CPU", what: "a seat, a socket and being up to date" },
  nodeCpuUsAnIdleConnection: { unit: "µs of CPU a second", what: "a connection on which nothing is said" },
  nodeKiBAConnection: { unit: "KiB", what: "an idle connection, heap and buffers" },
  nodeKiBARoom: { unit: "KiB", what: "an idle room beside its connections, heap and buffers" },
  postgresCpuMsASend: { unit: "ms of CPU", what: "a message written, while few are written at once" },
  postgresCpuMsAGatheredSend: { unit: "ms of CPU", what: "a message written, among many in one commit" },
  postgresCpuMsAJoin: { unit: "ms of CPU", what: "what a join reads and writes" },
  walBytesASend: { unit: "bytes", what: "WAL of a message, while few are written at once" },
  diskBytesAMessage: { unit: "bytes", what: "a message and its journal, all indexes counted" },
  redisCommandsAJoin: { unit: "commands", what: "what a join asks Redis, those within a script counted" },
  redisCommandsASend: { unit: "commands", what: "what a send asks Redis, those within a script counted" },
  redisCpuUsACommand: { unit: "µs of CPU", what: "one of these" },
  redisBytesARoom: { unit: "bytes", what: "what Redis keeps of a room with a device in it" },
} as const satisfies Record<string, { readonly unit: string; readonly what: string }>;

export type CostName = keyof typeof COSTS;

export const isCost = (name: string): name is CostName => Object.hasOwn(COSTS, name);

export const COST_NAMES: readonly CostName[] = Object.keys(COSTS).filter(isCost);
