import { setTimeout as pause } from "node:timers/promises";
import { pairHistory } from "../domain/pair-history.ts";
import type { Clock } from "../domain/ports.ts";
import type { ReportsDeps } from "../domain/reports.ts";
import type { Secrets } from "../domain/secrets.ts";
import type { BlobStore } from "./adapters/blobs/keeper.ts";
import { databaseArchive } from "./adapters/database/archive.ts";
import { messagesById } from "./adapters/database/journal.ts";
import { messageEraser } from "./adapters/database/message-eraser.ts";
import type { OpenedDatabase } from "./adapters/database/open.ts";
import { databasePeople } from "./adapters/database/people.ts";
import { replicaArchive } from "./adapters/database/replica-archive.ts";
import { personArchives } from "./adapters/exports/archive.ts";
import { exportShelf } from "./adapters/exports/shelf.ts";
import { ownFolders } from "./adapters/media/own-folders.ts";

type Opened = Pick<OpenedDatabase, "database" | "pool" | "line" | "lookups">;

/** What exports and erasures need of the database and the store, in whichever process they are done. */
export function privacyParts(
  { database, pool, line, lookups }: Opened,
  clock: Clock,
  secrets: Secrets,
  store: Pick<BlobStore, "fetchInto" | "pieces">,
) {
  const archive = databaseArchive(pool);
  const lookup = replicaArchive(lookups);
  const history = pairHistory({ archive, lookup, people: databasePeople(pool), line: () => line.name() });
  const files = { store, pause, newFolder: ownFolders() };
  const archiveOf = personArchives({ pool, database, history, secrets, now: () => clock.now(), ...files });
  const messagesOf: ReportsDeps["messagesOf"] = async (pairId, ids) => [
    ...(await messagesById(pool, pairId, ids)).values(),
  ];
  return {
    shelf: exportShelf({ pool, archiveOf, pieces: store.pieces, pause }),
    messages: messageEraser(database),
    messagesOf,
  };
}
