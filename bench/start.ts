import { TestServer } from "../tests/support/server.ts";

/** Milliseconds from nothing to /ready: on an empty folder, and on one that has been used. */
export async function measureStart(): Promise<{ readonly first: number; readonly later: readonly number[] }> {
  const server = await TestServer.create();
  try {
    const first = await timed(() => server.start());
    const later: number[] = [];
    for (let n = 0; n < 5; n++) {
      await server.end("SIGTERM");
      later.push(await timed(() => server.start()));
    }
    return { first, later };
  } finally {
    await server.remove();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
