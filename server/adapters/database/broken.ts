/** Within that a server that goes has ended all of its connections. */
const TOGETHER_MS = 250;

export interface BrokenConnections {
  heard(error: unknown): void;
  /** Says what was not said yet. */
  end(): void;
}

/** Connections that break together are one line, with the reason of the first and how many they were. */
export function brokenConnections(log: { warn(fields: object, message: string): void }): BrokenConnections {
  let first: unknown;
  let connections = 0;
  let saying: NodeJS.Timeout | undefined;
  const say = () => {
    clearTimeout(saying);
    if (connections > 0) log.warn({ err: first, connections }, "connections to PostgreSQL broke");
    connections = 0;
  };
  return {
    heard(error) {
      connections += 1;
      if (connections > 1) return;
      first = error;
      saying = setTimeout(say, TOGETHER_MS).unref();
    },
    end: say,
  };
}
