import type { Storage } from "./port.ts";

/** Forgets everything with the process: for tests, bots and browsers' private windows. */
export function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => {
      items.set(name, value);
    },
    removeItem: (name) => {
      items.delete(name);
    },
  };
}
