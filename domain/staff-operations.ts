import type { EntityManager } from "@mikro-orm/core";
import type { PairId } from "../schema/wire/ids.ts";
import type { JobCount, JobId, JobState, JobView, ListJobs, RoomCase } from "../schema/wire/staff-operations.ts";
import { auditing } from "./audit.ts";
import { cursors, type Page } from "./cursors.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";

/** The queue, as whoever looks after it sees it. */
export interface JobDesk {
  /** The newest first, from behind that one on. */
  list(state: JobState, limit: number, after: string | undefined): Promise<readonly JobView[]>;
  counts(): Promise<readonly JobCount[]>;
  /** Puts a dead one back among those that wait, within `em`'s transaction. False if there is none. */
  retry(em: EntityManager, id: JobId): Promise<boolean>;
}

export interface StaffOperationsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  readonly desk: JobDesk;
  /** Undefined if there is no such pair. */
  readonly roomOf: (pairId: PairId) => Promise<RoomCase | undefined>;
}

export type StaffOperations = ReturnType<typeof staffOperations>;

/** What runs, what waits and what died. */
export function staffOperations(deps: StaffOperationsDeps) {
  const { database, secrets, desk, roomOf } = deps;
  const pages = cursors(secrets);
  const note = auditing(deps);

  return {
    /** The newest first. Throws FORBIDDEN. */
    async jobs(caller: StaffCaller, { state, ...query }: ListJobs) {
      roleFor(caller, "jobs");
      const list = { list: `jobs ${state}`, userId: caller.userId };
      const page: Page<JobView> = await pages.page(list, query, {
        find: (limit, after) => desk.list(state, limit, after),
        placeOf: ({ createdAt, id }) => `${createdAt} ${id}`,
      });
      return { ...page, counts: await desk.counts() };
    },

    /** Only what died: everything else is tried again by itself. Throws NOT_FOUND. */
    async retry(caller: StaffCaller, id: JobId): Promise<void> {
      const role = roleFor(caller, "jobs");
      await database.transaction(async (em) => {
        if (!(await desk.retry(em, id))) throw new Refusal("NOT_FOUND", "There is no such job among the dead");
        note(em, { action: "staff.job_retried", subject: null, actor: caller.userId, role, about: id });
      });
    },

    /** Throws FORBIDDEN or NOT_FOUND. */
    async room(caller: StaffCaller, pairId: PairId): Promise<RoomCase> {
      const role = roleFor(caller, "rooms");
      const room = await roomOf(pairId);
      if (!room) throw new Refusal("NOT_FOUND", "There is no such pair");
      await database.transaction(async (em) =>
        note(em, { action: "staff.room_read", subject: null, actor: caller.userId, role, about: pairId }),
      );
      return room;
    },
  };
}
