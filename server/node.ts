import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { run } from "./program.ts";

/** A port that was found, not asked for, is only known by now. */
function addressOf({ PUBLIC_URL, PORT }: Config, port: number): string {
  return PORT === 0 ? `http://localhost:${port}` : PUBLIC_URL;
}

await run(async ({ config, lifecycle, log }) => {
  const app = await createApp({ config, lifecycle, log });
  if (lifecycle.isStopping) return;
  const { port } = await app.listen();
  log.info({ port, pid: process.pid }, `ready: ${addressOf(config, port)}`);
});
