import { type EntityManager, LockMode } from "@mikro-orm/core";
import { AssessmentSession } from "../schema/entities/assessment-session.ts";
import { Block } from "../schema/entities/block.ts";
import { Consent } from "../schema/entities/consent.ts";
import { Delivery } from "../schema/entities/delivery.ts";
import { Departure } from "../schema/entities/departure.ts";
import { IdempotencyKey } from "../schema/entities/idempotency-key.ts";
import { Invitation } from "../schema/entities/invitation.ts";
import { OneTimeLink } from "../schema/entities/one-time-link.ts";
import { Pair } from "../schema/entities/pair.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { PhoneCode } from "../schema/entities/phone-code.ts";
import { PushToken } from "../schema/entities/push-token.ts";
import { Report } from "../schema/entities/report.ts";
import { Session } from "../schema/entities/session.ts";
import { SignIn } from "../schema/entities/sign-in.ts";
import { StaffMember } from "../schema/entities/staff-member.ts";
import { StoreReading } from "../schema/entities/store-reading.ts";
import { Subscription } from "../schema/entities/subscription.ts";
import { User } from "../schema/entities/user.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { auditing } from "./audit.ts";
import type { Exports } from "./exports.ts";
import { eraseMedia } from "./media-uses.ts";
import { noticing } from "./notices.ts";
import type { Chance, Clock, Database, Jobs, Notices, Twin } from "./ports.ts";
import type { StudyWithdrawals } from "./study-withdrawals.ts";
import { disownEvents } from "./subscriptions/ledger.ts";

/** What is left of somebody's name for who knew them. */
export const DELETED_NAME = "Deleted twin";

/** A worker that has not come to an end by then is taken to have died; beginning again changes nothing. */
const QUEUED_AGAIN_MS = 60 * 60_000;

/** So many are handed to workers at once; the next ones when it is looked again. */
const QUEUED_AT_ONCE = 100;

/** Takes a person's words out of a pair's history, a slice at a time, so that whoever syncs finds tombstones. */
export interface MessageEraser {
  /**
   * The oldest ones after that message. Answers with the newest of them, after which the next slice begins; undefined
   * if nothing of theirs is left there. `at`: milliseconds since 1970.
   */
  erase(twin: Twin, after: string | undefined, at: number): Promise<string | undefined>;
  standing(pairId: PairId): Promise<{ readonly epoch: number; readonly lastSeq: number }>;
}

export interface ErasureDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
  readonly jobs: Jobs;
  readonly messages: MessageEraser;
  readonly exports: Pick<Exports, "forget">;
  readonly research: Pick<StudyWithdrawals, "forget">;
}

/** Takes what there is of a person out of one place. Doing it again changes nothing. */
type Step = (em: EntityManager, userId: UserId, at: Date) => Promise<unknown>;

const NO_DELIVERY = { userId: null, about: null, addressKey: "", sealed: null, providerId: null, reason: null };

const NO_CONTACT = { sealed: null, sendings: {} };

/** Every place that knows something of a person, one line each. Tokens of sessions go with them. */
const STEPS: readonly Step[] = [
  (em, userId) => em.nativeDelete(PushToken, { userId }),
  (em, user) => em.nativeDelete(Session, { user }),
  (em, userId) => em.nativeDelete(SignIn, { userId }),
  (em, userId) => em.nativeDelete(OneTimeLink, { userId }),
  (em, userId) => em.nativeDelete(PhoneCode, { userId }),
  // With every answer.
  (em, userId) => em.nativeDelete(AssessmentSession, { userId }),
  (em, userId) => em.nativeDelete(Consent, { userId }),
  // With their roles and sign-ins.
  (em, userId) => em.nativeDelete(StaffMember, { userId }),
  (em, userId) => em.nativeDelete(IdempotencyKey, { userId }),
  eraseMedia,
  (em, inviterId) => em.nativeDelete(Invitation, { inviterId, status: { $ne: "accepted" } }),
  // Of those that made a pair it stays how it came to be, and not where they were sent.
  (em, id) => em.nativeUpdate(Invitation, { $or: [{ inviterId: id }, { acceptedBy: id }] }, NO_CONTACT),
  (em, id) => em.nativeDelete(Block, { $or: [{ blockerId: id }, { blockedId: id }] }),
  // What they pressed is theirs alone; what came of it is their twin's as well.
  (em, userId) => execute(em, "delete from presses where user_id = ?", [userId]),
  // What is still to be answered is still needed for it.
  (em, reporterId) => em.nativeUpdate(Report, { reporterId, status: "decided" }, { details: null }),
  // Figures stay: how many were sent, and arrived.
  (em, userId) => em.nativeUpdate(Delivery, { userId }, NO_DELIVERY),
  (em, userId) => em.nativeDelete(Subscription, { userId }),
  (em, userId) => em.nativeDelete(StoreReading, { userId }),
  // What was paid was paid, and others may have got it from them: by whom is forgotten.
  disownEvents,
];

const execute = (em: EntityManager, sql: string, values: readonly string[]): Promise<unknown> =>
  em.getConnection().execute(sql, [...values], "run", em.getTransactionContext());

export type Erasure = ReturnType<typeof erasure>;

/** What becomes of those whose time to come back is over. */
export function erasure({ database, clock, chance, notices, jobs, messages, exports, research }: ErasureDeps) {
  const note = auditing({ clock, chance });
  const tell = noticing({ clock, chance, notices });

  /** From here on there is no way back. Undefined if they came back, or if it is done already. */
  const begin = (userId: UserId): Promise<Departure | undefined> =>
    database.transaction(async (em, afterCommit) => {
      const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
      const departure = await em.findOne(Departure, { userId }, { refresh: true });
      if (!user || !departure || departure.erasedAt) return undefined;
      if (user.status === "deleted") return departure;
      if (!user.deletionDueAt || user.deletionDueAt.getTime() > clock.now()) return undefined;
      Object.assign(user, nobody(user, new Date(clock.now())));
      tell(em, afterCommit, { what: "person.changed", userId });
      return departure;
    });

  async function eraseMessages(userId: UserId): Promise<void> {
    const pairs = await database.read(async (em) => {
      const members = await em.find(PairMember, { userId });
      return em.find(Pair, { id: { $in: members.map(({ pairId }) => pairId) } });
    });
    for (const pair of pairs) await eraseIn(pair, userId);
  }

  /** A slice at a time, and all of it again if the last word of it was lost: what is erased is passed over. */
  async function eraseIn({ id: pairId, lowUserId, highUserId }: Pair, userId: UserId): Promise<void> {
    let last: string | undefined;
    do last = await messages.erase({ pairId, userId }, last, clock.now());
    while (last !== undefined);
    const { epoch, lastSeq: upToSeq } = await messages.standing(pairId);
    const twin = lowUserId === userId ? highUserId : lowUserId;
    await database.transaction(async (em, afterCommit) =>
      tell(em, afterCommit, { what: "history.erased", pairId, userId, upToSeq, to: twin, epoch }),
    );
  }

  const finish = (userId: UserId): Promise<void> =>
    database.transaction(async (em) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true };
      const departure = await em.findOne(Departure, { userId }, lock);
      if (!departure || departure.erasedAt) return;
      departure.erasedAt = new Date(clock.now());
      note(em, { action: "account.erased", subject: userId, actor: null });
    });

  return {
    /** Hands whoever's time is over to a worker; to be called now and then. Returns how many. */
    sweep: (): Promise<number> =>
      database.transaction(async (em) => {
        const [now, before] = [new Date(clock.now()), new Date(clock.now() - QUEUED_AGAIN_MS)];
        const due = await em.find(User, { deletionDueAt: { $lte: now } }, { fields: ["id"], limit: QUEUED_AT_ONCE });
        const gone = { userId: { $in: due.map(({ id }) => id) } };
        const waiting = await em.find(
          Departure,
          { erasedAt: null, $or: [{ queuedAt: { $ne: null, $lt: before } }, { queuedAt: null, ...gone }] },
          { limit: QUEUED_AT_ONCE },
        );
        for (const departure of waiting) {
          departure.queuedAt = now;
          await jobs.put(em, { what: "erase", userId: departure.userId });
        }
        return waiting.length;
      }),

    /**
     * A worker's part: takes out everything there is of a person, in steps of their own; wherever it ended, it goes on.
     * Somebody who came back in time, or is not due yet, is left as they are.
     */
    async erase(userId: UserId): Promise<void> {
      const departure = await begin(userId);
      if (!departure) return;
      for (const step of STEPS) await database.transaction((em) => step(em, userId, new Date(clock.now())));
      await exports.forget(userId);
      await research.forget(userId);
      if (departure.eraseMessages) await eraseMessages(userId);
      await finish(userId);
    },
  };
}

/** What stands where a person stood, for pairs and messages refer to it. Their address is free for whoever has it. */
function nobody({ id }: User, at: Date): Partial<User> {
  return {
    status: "deleted",
    // There is no at sign in it, so nobody has it for an address.
    email: `deleted ${id}`,
    emailKey: `deleted ${id}`,
    emailVerified: false,
    // The hash of no password; nor is anybody who is deleted looked for.
    passwordHash: "",
    phone: null,
    deletionDueAt: null,
    name: DELETED_NAME,
    gender: null,
    sexualOrientation: null,
    showSexualOrientation: false,
    twinType: null,
    otherTwinTypeDescription: null,
    twinDeceased: false,
    birthDate: null,
    placeOfBirth: null,
    timeOfBirth: null,
    profilePicture: null,
    accentColor: "neon-purple",
    timezone: "UTC",
    settings: {},
    lastSeenAt: null,
    createdAt: at,
    updatedAt: at,
  };
}
