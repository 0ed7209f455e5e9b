import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Delivery } from "../schema/entities/delivery.ts";
import { Study } from "../schema/entities/study.ts";
import { User } from "../schema/entities/user.ts";
import { emailKey } from "../schema/wire/email.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { StudyId } from "../schema/wire/research.ts";
import type { Clock, Database, Outbox } from "./ports.ts";
import { settingsOf } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";
import type { StudyStaff } from "./releases.ts";
import { grantsOf } from "./staff.ts";
import { titleOf } from "./studies.ts";
import { everyoneWhoAgreed } from "./study-everyone.ts";
import type { StudyRows } from "./study-rows.ts";
import { takingPart } from "./study-standings.ts";
import type { Unsubscribes } from "./unsubscribes.ts";

export interface StudyNewsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly rows: Pick<StudyRows, "agreed">;
  readonly unsubscribes: Pick<Unsubscribes, "linkFor">;
}

/** Writes to people of a study: who agreed to that, has it in their settings, and has not left. */
export function studyNews({ database, clock, outbox, rows, unsubscribes }: StudyNewsDeps) {
  async function wants(em: EntityManager, user: User, studyId: StudyId): Promise<boolean> {
    if (!user.emailVerified || !settingsOf(user).privacy.allowResearchContact) return false;
    const parts = await takingPart(em, user, clock.now());
    return parts.some(({ study, consent }) => study.id === studyId && consent.items.contact_followup);
  }

  /** Under the lock of their row: sent again, or by two at once, the same words go to each once. */
  async function write(em: EntityManager, userId: UserId, study: Study, text: string): Promise<number> {
    const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
    if (!user || !(await wants(em, user, study.id))) return 0;
    const about = newsIdOf(study.id, text);
    if ((await em.count(Delivery, { userId, about })) > 0) return 0;
    const { name, email: to } = user;
    const unsubscribeLink = unsubscribes.linkFor(userId, to);
    const letter = { template: "research_update", name, study: titleOf(study, "en"), text, unsubscribeLink } as const;
    await outbox.send(em, { channel: "email", to, letter }, { userId, about });
    return 1;
  }

  /** An owner's part. Returns to how many that had not got it yet. Throws NOT_FOUND for whose study it is not. */
  async function send({ grants }: Pick<StudyStaff, "grants">, studyId: StudyId, text: string): Promise<number> {
    const isTheirs = grants.some((grant) => grant.role === "study_owner" && grant.studyId === studyId);
    const study = isTheirs ? await database.read((em) => em.findOne(Study, { id: studyId })) : null;
    if (!study) throw new Refusal("NOT_FOUND", "There is no such study of theirs");
    let count = 0;
    await everyoneWhoAgreed({ database, rows }, async (userId) => {
      count += await database.transaction((em) => write(em, userId, study, text));
    });
    return count;
  }

  return {
    send,

    /** As `send`, by whoever runs the server, for an owner who is known by their address. */
    async sendFor(email: string, studyId: StudyId, text: string): Promise<number> {
      const key = emailKey(email);
      const grants = await database.read(async (em) => {
        const owner = key === undefined ? null : await em.findOne(User, { emailKey: key, status: "active" });
        return owner ? grantsOf(em, owner.id) : [];
      });
      return send({ grants }, studyId, text);
    },
  };
}

/** The same words to the same study are the same news. */
function newsIdOf(studyId: StudyId, text: string): string {
  const hex = createHash("sha256").update(`${studyId}/${text}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
