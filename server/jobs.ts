import type { Database } from "../domain/ports.ts";
import { alone } from "./adapters/database/alone.ts";
import type { MessageMonths } from "./adapters/database/partitions.ts";
import type { NoticeBoard } from "./adapters/notices/board.ts";
import type { Job } from "./housekeeping.ts";
import type { UseCases } from "./use-cases.ts";

const HOUR_MS = 60 * 60_000;

export interface JobsDeps {
  readonly database: Database;
  readonly months: Pick<MessageMonths, "keep">;
  readonly board: Pick<NoticeBoard, "purge">;
  readonly sessions: Pick<UseCases["sessions"], "sweep">;
  readonly idempotency: Pick<UseCases["idempotency"], "purge">;
}

/** All that is done now and then: by every server, or by a worker for all of them. */
export function jobsOf({ database, months, board, sessions, idempotency }: JobsDeps): readonly Job[] {
  return [
    { name: "message months", everyMs: HOUR_MS, run: () => months.keep() },
    { name: "ended sessions", everyMs: HOUR_MS, run: alone(database, "ended sessions", sessions.sweep) },
    { name: "answered calls", everyMs: HOUR_MS, run: alone(database, "answered calls", idempotency.purge) },
    { name: "old news", everyMs: HOUR_MS, run: alone(database, "old news", () => board.purge()) },
  ];
}
