import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Storage } from "./port.ts";

/**
 * A folder of small files, for Node: bots, tests, the demo. Each item is written beside its place and moved there, so a
 * crash leaves the old one or the new one. Items of one name are written in the order asked.
 */
export function fileStorage(folder: string): Storage {
  const tails = new Map<string, Promise<void>>();
  const pathOf = (name: string) => join(folder, `${encodeURIComponent(name)}.json`);

  const inTurn = (name: string, work: () => Promise<void>): Promise<void> => {
    const turn = (tails.get(name) ?? Promise.resolve()).then(work);
    tails.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };

  return {
    async getItem(name) {
      await tails.get(name);
      return readFile(pathOf(name), "utf8").catch(nothingThere);
    },
    setItem: (name, value) => inTurn(name, () => replace(folder, pathOf(name), value)),
    removeItem: (name) => inTurn(name, () => rm(pathOf(name), { force: true })),
  };
}

async function replace(folder: string, path: string, value: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = `${path}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function nothingThere(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
