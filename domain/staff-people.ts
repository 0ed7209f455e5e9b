import type { UserId } from "../schema/wire/ids.ts";
import type { ExportAsked } from "../schema/wire/privacy.ts";
import type { StaffRole } from "../schema/wire/staff.ts";
import type { ActOnPerson, FindPeople, PersonCase } from "../schema/wire/staff-people.ts";
import type { Addresses } from "./addresses.ts";
import { type Audited, auditing } from "./audit.ts";
import type { Deletion } from "./deletion.ts";
import type { Exports } from "./exports.ts";
import { findByWord, type PersonCasesDeps, personCase } from "./person-cases.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Sessions } from "./sessions.ts";
import { grantsOf } from "./staff.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";
import { type ByStaff, findAnybody, type Suspensions } from "./suspensions.ts";

export interface StaffPeopleDeps extends PersonCasesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly suspensions: Suspensions;
  readonly sessions: Pick<Sessions, "endAll">;
  readonly addresses: Pick<Addresses, "resend">;
  readonly exports: Pick<Exports, "ask">;
  readonly deletion: Pick<Deletion, "start">;
}

export type StaffPeople = ReturnType<typeof staffPeople>;

/** What those who work here can see of somebody and do for them: each with a reason, which that person may read. */
export function staffPeople(deps: StaffPeopleDeps) {
  const { database, clock, suspensions, sessions, addresses, exports, deletion } = deps;
  const note = auditing(deps);

  const by = ({ userId: actor }: StaffCaller, role: StaffRole, { reason }: ActOnPerson): ByStaff => ({
    ...{ actor, role, reason },
  });

  /** Notes it in the transaction that does it. */
  const serve = <T>(
    caller: StaffCaller,
    id: UserId,
    why: ActOnPerson,
    action: Audited["action"],
    work: () => Promise<T>,
  ) => {
    const role = roleFor(caller, "people.serve");
    return database.transaction(async (em) => {
      await findAnybody(em, id);
      const done = await work();
      note(em, { action, subject: id, ...by(caller, role, why) });
      return done;
    });
  };

  return {
    /** At most one. Who looked for whom is noted, also when nobody was found. */
    async find(caller: StaffCaller, { q, reason }: FindPeople): Promise<readonly PersonCase[]> {
      const role = roleFor(caller, "people.read");
      return database.transaction(async (em) => {
        const user = await findByWord(em, q);
        note(em, { action: "staff.person_read", subject: user?.id ?? null, ...by(caller, role, { reason }) });
        return user ? [await personCase(deps, em, user, clock.now())] : [];
      });
    },

    /** Throws NOT_FOUND, FORBIDDEN for who works here, CONFLICT if they are. */
    async suspend(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<void> {
      const role = roleFor(caller, "people.suspend");
      await suspensions.suspend(id, by(caller, role, why));
    },

    async restore(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<void> {
      const role = roleFor(caller, "people.suspend");
      await suspensions.restore(id, by(caller, role, why));
    },

    async endSessions(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<void> {
      await serve(caller, id, why, "staff.sessions_ended", () => sessions.endAll(id));
    },

    /** Throws CONFLICT if there is nothing to confirm. */
    async resendVerification(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<void> {
      roleFor(caller, "people.serve");
      const { email, emailVerified } = await database.read((em) => findAnybody(em, id));
      if (emailVerified) throw new Refusal("CONFLICT", "Their address is confirmed already");
      await serve(caller, id, why, "staff.verification_resent", () => addresses.resend(email));
    },

    /** The copy goes where theirs always go: to them, and to nobody else. */
    async startExport(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<ExportAsked> {
      return serve(caller, id, why, "staff.export_started", () => exports.ask({ userId: id }, null));
    },

    /** As if they had asked themselves, with the same 14 days to come back. Answers when they will be erased. */
    async startDeletion(caller: StaffCaller, id: UserId, why: ActOnPerson): Promise<string> {
      const role = roleFor(caller, "people.serve");
      await database.read(async (em) => {
        await findAnybody(em, id);
        if ((await grantsOf(em, id)).length > 0)
          throw new Refusal("FORBIDDEN", "They work here: their roles are taken first");
      });
      const until = await deletion.start(id, (em) =>
        note(em, { action: "staff.deletion_started", subject: id, ...by(caller, role, why) }),
      );
      return until.toISOString();
    },
  };
}
