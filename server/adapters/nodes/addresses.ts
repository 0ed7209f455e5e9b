import type { Neighbour } from "../pipe/pipe.ts";

/** A process keeps its address for as long as it lives; that it is gone, whoever goes there notices. */
const KEPT_MS = 2000;

/** Looks up where processes are, once for a crowd. */
export function addressBook(
  look: (processId: string) => Promise<Neighbour | undefined>,
  monotonic: () => number,
): (processId: string) => Promise<Neighbour | undefined> {
  const known = new Map<string, { readonly at: number; readonly found: Promise<Neighbour | undefined> }>();
  return (processId) => {
    const now = monotonic();
    for (const [id, { at }] of known) if (now - at > KEPT_MS) known.delete(id);
    const entry = known.get(processId) ?? { at: now, found: look(processId) };
    known.set(processId, entry);
    // An answer that failed is none.
    entry.found.catch(() => known.delete(processId));
    return entry.found;
  };
}
