import type { SyncPage } from "../schema/wire/chat.ts";
import { type Platform, pause } from "./platform.ts";
import { isForNow, waitAfter } from "./retry.ts";

/** As many as the server gives. */
const PAGE = 200;

export interface SyncDeps {
  readonly platform: Platform;
  /** Throws Refused or NoAnswer. */
  readonly sync: (afterVersion: number, limit: number) => Promise<SyncPage>;
  /** False once the connection this is asked on is gone. */
  readonly isWanted: () => boolean;
  /** Takes a page in; false if it makes no sense. */
  readonly take: (page: SyncPage) => boolean;
}

/** Reads all that changed after a version, page by page. False if what was told cannot be made sense of. */
export async function readChanges(deps: SyncDeps, afterVersion: number): Promise<boolean> {
  for (let from = afterVersion; ; ) {
    const page = await pageAfter(deps, from);
    if (page === "not wanted") return true;
    if (page === "refused" || !deps.take(page)) return false;
    if (!page.hasMore) return true;
    if (page.version <= from) return false;
    from = page.version;
  }
}

/** A refusal for now is waited for; one for ever cannot be lived with. */
async function pageAfter(deps: SyncDeps, from: number): Promise<SyncPage | "not wanted" | "refused"> {
  const { platform, sync, isWanted } = deps;
  for (let tries = 1; isWanted(); tries++) {
    try {
      const page = await sync(from, PAGE);
      return isWanted() ? page : "not wanted";
    } catch (error) {
      if (!isWanted()) return "not wanted";
      if (!isForNow(error)) return "refused";
      await pause(platform, waitAfter(error, tries, platform.random));
    }
  }
  return "not wanted";
}
