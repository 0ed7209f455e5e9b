import { urlOfRunning } from "./adapters/database/embedded-joining.ts";
import type { Config } from "./config.ts";
import { Secret } from "./secret.ts";

/** A server that runs on a database of its own goes on running: we join it. */
export async function besideTheServer(config: Config): Promise<Config> {
  if (config.DATABASE_URL) return config;
  const url = await urlOfRunning(config.DATA_DIR);
  return url === undefined ? config : { ...config, DATABASE_URL: new Secret(url), MIGRATE: "never" };
}
