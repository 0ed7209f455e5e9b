import { TcpProxy } from "./tcp-proxy.ts";

/** What one node says to others goes through these; undefined where there is nobody to talk to. */
export interface NodeWires {
  readonly toPostgres: TcpProxy;
  readonly toRedis: TcpProxy | undefined;
  /** What the other nodes call it by. */
  readonly fromOthers: TcpProxy;
}

export async function wiresOf(ports: {
  readonly postgres: () => number;
  readonly redis: (() => number) | undefined;
  readonly self: () => number;
}): Promise<NodeWires> {
  const [toPostgres, toRedis, fromOthers] = await Promise.all([
    TcpProxy.open(ports.postgres),
    ports.redis && TcpProxy.open(ports.redis),
    TcpProxy.open(ports.self),
  ]);
  return { toPostgres, toRedis, fromOthers };
}

export const wiresIn = ({ toPostgres, toRedis, fromOthers }: NodeWires): readonly TcpProxy[] =>
  toRedis ? [toPostgres, fromOthers, toRedis] : [toPostgres, fromOthers];

/** The same address, by way of a wire. */
export function through(wire: TcpProxy, url: string): string {
  const by = new URL(url);
  by.port = String(wire.port);
  return by.href;
}
