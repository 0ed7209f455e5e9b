import type { Redis, RedisOptions } from "ioredis";
import type { Logger } from "../../logger.ts";
import { RedisConnection } from "./connection.ts";
import { redisProblem } from "./problems.ts";

export interface RedisAddress {
  /** `redis://` or `rediss://`, with name and password if it wants them. */
  readonly url: string;
  /** The certificates to trust, as PEM. */
  readonly ca?: string | undefined;
  readonly log: Pick<Logger, "info" | "warn">;
}

export interface OpenedRedis {
  /** Rejects at once while Redis is away, and within half a second when it does not answer. */
  readonly commands: Redis;
  /** Another connection with the same care, for subscribing: do so again at each "ready". Closed with the others. */
  connection(): Redis;
  /** Whether it makes sense to ask. */
  isThere(): boolean;
  /** Calls each time that it can be asked again, the first time too; what it returns ends that. */
  onBack(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Redis helps and decides nothing: whether it is there or not, this returns, and keeps trying by itself. */
export function openRedis({ url, ca, log }: RedisAddress): OpenedRedis {
  const options = optionsOf(new URL(url), ca);
  const open = new Set<RedisConnection>();
  const connect = () => new RedisConnection(options, open);
  const commands = connect();
  const backs = new Set<() => void>();
  commands.on("ready", () => {
    for (const back of backs) back();
  });
  sayOutages(commands, log);

  return {
    commands,
    connection: connect,
    isThere: () => commands.status === "ready" && commands.stream.writable,
    onBack(listener) {
      backs.add(listener);
      return () => void backs.delete(listener);
    },
    async close() {
      backs.clear();
      for (const connection of open) connection.close();
    },
  };
}

/** What a URL says, without ioredis' own reading of it, which Node warns of. */
function optionsOf({ protocol, hostname, port, username, password, pathname }: URL, ca?: string): RedisOptions {
  const db = Number(pathname.slice(1));
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port ? Number(port) : 6379,
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(db ? { db } : {}),
    ...(protocol === "rediss:" ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

/** One line when it goes, and one when it is back; not one for each attempt. */
function sayOutages(redis: RedisConnection, log: RedisAddress["log"]): void {
  let isAway = false;
  let wasThere = false;
  let reason: unknown;
  redis.on("error", (error: unknown) => {
    reason = error;
  });
  redis.on("reconnecting", () => {
    const problem = redisProblem(reason, wasThere);
    if (!isAway)
      log.warn({ err: reason, ...(problem ? { problem } : {}) }, "Redis does not answer: going on without it");
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) log.info("Redis answers again");
    isAway = false;
    wasThere = true;
    reason = undefined;
  });
}
