/** Where a device keeps what must outlive the app. React Native's AsyncStorage and a browser's localStorage fit as they are. */
export interface Storage {
  getItem(name: string): Promise<string | null> | string | null;
  setItem(name: string, value: string): Promise<void> | void;
  removeItem(name: string): Promise<void> | void;
}

/** What was stored under this name; undefined if there is nothing, or nothing that can be read. */
export async function readItem(storage: Storage, name: string): Promise<unknown> {
  const stored = await storage.getItem(name);
  if (stored === null) return undefined;
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}

export async function writeItem(storage: Storage, name: string, value: unknown): Promise<void> {
  await storage.setItem(name, JSON.stringify(value));
}
