import { pairHistory } from "../domain/pair-history.ts";
import type { Clock } from "../domain/ports.ts";
import type { ReportsDeps } from "../domain/reports.ts";
import type { Secrets } from "../domain/secrets.ts";
import { databaseArchive } from "./adapters/database/archive.ts";
import { messagesById } from "./adapters/database/journal.ts";
import { messageEraser } from "./adapters/database/message-eraser.ts";
import type { OpenedDatabase } from "./adapters/database/open.ts";
import { databasePeople } from "./adapters/database/people.ts";
import { replicaArchive } from "./adapters/database/replica-archive.ts";
import { personArchives } from "./adapters/exports/archive.ts";
import { exportShelf } from "./adapters/exports/shelf.ts";

type Opened = Pick<OpenedDatabase, "database" | "pool" | "line" | "lookups">;

/** What exports and erasures need of the database, in whichever process they are done. */
export function privacyParts({ database, pool, line, lookups }: Opened, clock: Clock, secrets: Secrets) {
  const archive = databaseArchive(pool);
  const lookup = replicaArchive(lookups);
  const history = pairHistory({ archive, lookup, people: databasePeople(pool), line: () => line.name() });
  const archiveOf = personArchives({ pool, database, history, secrets, now: () => clock.now() });
  const messagesOf: ReportsDeps["messagesOf"] = async (pairId, ids) => [
    ...(await messagesById(pool, pairId, ids)).values(),
  ];
  return { shelf: exportShelf({ pool, archiveOf }), messages: messageEraser(database), messagesOf };
}
