import { type EntityManager, LockMode } from "@mikro-orm/core";
import { StaffMember } from "../schema/entities/staff-member.ts";
import { StaffRoleGrant } from "../schema/entities/staff-role-grant.ts";
import { StaffSession } from "../schema/entities/staff-session.ts";
import { User } from "../schema/entities/user.ts";
import { emailKey } from "../schema/wire/email.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { StaffGrant, StaffRole } from "../schema/wire/staff.ts";
import { findByKey } from "./accounts.ts";
import { auditing } from "./audit.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { type Authenticators, grantsOf } from "./staff.ts";
import { isOfStudy } from "./staff-permissions.ts";

export interface StaffRosterDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Pick<Secrets, "seal">;
  readonly authenticators: Pick<Authenticators, "newSecret" | "uriOf">;
}

/** One role of one of ours, as it is listed. */
export interface Listing extends StaffGrant {
  readonly email: string;
  readonly isEnrolled: boolean;
}

/** What an authenticator is set up with; it is shown once. */
export interface Enrolment {
  readonly secret: string;
  readonly uri: string;
}

export type StaffRoster = ReturnType<typeof staffRoster>;

/** Who is one of ours. Only whoever runs the server says so: nobody becomes one by a call. */
export function staffRoster({ database, clock, chance, secrets, authenticators }: StaffRosterDeps) {
  const note = auditing({ clock, chance });

  const endSessions = (em: EntityManager, userId: UserId): Promise<number> =>
    em.nativeUpdate(StaffSession, { userId, endedAt: null }, { endedAt: new Date(clock.now()) });

  return {
    /** Granted twice it is granted. Answers whether their address was never confirmed. */
    grant: (email: string, { role, studyId }: StaffGrant): Promise<{ readonly isUnconfirmed: boolean }> =>
      database.transaction(async (em) => {
        refuseOddStudy(role, studyId);
        const user = await personAt(em, email);
        const at = new Date(clock.now());
        const known = await em.findOne(StaffMember, { userId: user.id });
        if (!known)
          em.create(StaffMember, { userId: user.id, sealedSecret: null, lastStep: 0, enrolledAt: null, createdAt: at });
        await em.flush();
        if (!(await em.findOne(StaffRoleGrant, { userId: user.id, role, studyId }))) {
          em.create(StaffRoleGrant, { id: chance.newId(clock.now()), userId: user.id, role, studyId, grantedAt: at });
          note(em, { action: "staff.granted", subject: user.id, actor: null, ...aboutGrant(role, studyId) });
        }
        return { isUnconfirmed: !user.emailVerified };
      }),

    /** From then on: whoever has no role left is signed out. Throws NOT_FOUND if they do not have it. */
    revoke: (email: string, { role, studyId }: StaffGrant): Promise<void> =>
      database.transaction(async (em) => {
        refuseOddStudy(role, studyId);
        const user = await personAt(em, email);
        const gone = await em.nativeDelete(StaffRoleGrant, { userId: user.id, role, studyId });
        if (gone === 0) throw new Refusal("NOT_FOUND", "They do not have this role");
        note(em, { action: "staff.revoked", subject: user.id, actor: null, ...aboutGrant(role, studyId) });
        if ((await grantsOf(em, user.id)).length === 0) await endSessions(em, user.id);
      }),

    /** What they had before opens nothing any more, and they are signed out. Throws NOT_FOUND if they have no role. */
    async enrol(email: string): Promise<Enrolment> {
      const secret = await authenticators.newSecret();
      const address = await database.transaction(async (em) => {
        const user = await personAt(em, email);
        const member = await em.findOne(StaffMember, { userId: user.id });
        if (!member || (await grantsOf(em, user.id)).length === 0)
          throw new Refusal("NOT_FOUND", "They have no role: grant one first");
        const sealedSecret = secrets.seal("totp", secret);
        Object.assign(member, { sealedSecret, lastStep: 0, enrolledAt: new Date(clock.now()) });
        await endSessions(em, user.id);
        note(em, { action: "staff.enrolled", subject: user.id, actor: null });
        return user.email;
      });
      return { secret, uri: await authenticators.uriOf(secret, address) };
    },

    list: (): Promise<readonly Listing[]> =>
      database.read(async (em) => {
        const grants = await em.find(StaffRoleGrant, {}, { orderBy: { grantedAt: "asc", id: "asc" } });
        const ids = grants.map(({ userId }) => userId);
        const users = await em.find(User, { id: { $in: ids } });
        const members = await em.find(StaffMember, { userId: { $in: ids } });
        return grants.map(({ userId, role, studyId }) => ({
          email: users.find(({ id }) => id === userId)?.email ?? userId,
          role,
          studyId,
          isEnrolled: members.some((one) => one.userId === userId && one.sealedSecret !== null),
        }));
      }),
  };
}

function refuseOddStudy(role: StaffRole, studyId: StaffGrant["studyId"]): void {
  if (isOfStudy(role) && studyId === null)
    throw new Refusal("VALIDATION_ERROR", `${role} is a role of a study: say which`);
  if (!isOfStudy(role) && studyId !== null) throw new Refusal("VALIDATION_ERROR", `${role} is no role of a study`);
}

/** Throws NOT_FOUND: whoever is to be one of ours has an account first. */
async function personAt(em: EntityManager, email: string): Promise<User> {
  const key = emailKey(email);
  const user = key === undefined ? null : await findByKey(em, key, LockMode.PESSIMISTIC_WRITE);
  if (!user) throw new Refusal("NOT_FOUND", `Nobody has an account with the address ${email}: sign up with it first`);
  return user;
}

const aboutGrant = (role: StaffRole, studyId: StaffGrant["studyId"]) =>
  studyId === null ? { role } : { role, about: studyId };
