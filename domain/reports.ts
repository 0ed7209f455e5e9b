import { Pair } from "../schema/entities/pair.ts";
import { Report } from "../schema/entities/report.ts";
import type { MessageId, PairId, UserId } from "../schema/wire/ids.ts";
import type { FileReport, ReportedMessage, ReportView } from "../schema/wire/twins.ts";
import { auditing } from "./audit.ts";
import { activePairs } from "./pair-changes.ts";
import type { Caller, Chance, Clock, Database, Limits } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { Message } from "./room/message.ts";

const HOUR_MS = 60 * 60_000;

/** Staff answer within that. */
const ANSWERED_MS = 24 * HOUR_MS;

const SNAPSHOT_KEPT_MS = 90 * 24 * HOUR_MS;

export interface ReportsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly limits: Pick<Limits, "take">;
  /** Those of the messages that are of this pair, as they are, whoever hid them. */
  readonly messagesOf: (pairId: PairId, ids: readonly MessageId[]) => Promise<readonly Message[]>;
}

export type Reports = ReturnType<typeof reports>;

type Em = Parameters<Parameters<Database["read"]>[0]>[0];

/** Telling the people behind the product that something is not right. */
export function reports({ database, clock, chance, limits, messagesOf }: ReportsDeps) {
  const note = auditing({ clock, chance });

  /** The pair as it is, or an earlier one; somebody else's is not there. */
  async function pairMeant(em: Em, userId: UserId, asked: PairId | undefined): Promise<Pair> {
    const id = asked ?? (await activePairs(em, [userId])).get(userId);
    if (id === undefined) throw new Refusal("NOT_PAIRED", "You have no twin here: say which pair it is about");
    const pair = await em.findOne(Pair, { id, $or: [{ lowUserId: userId }, { highUserId: userId }] });
    if (!pair) throw new Refusal("NOT_FOUND", "There is no such pair");
    return pair;
  }

  return {
    /** Throws NOT_FOUND if any of the messages is not of that pair; nothing is kept then. */
    async file({ userId }: Caller, { reason, details, messageIds, pairId }: FileReport): Promise<ReportView> {
      await limits.take("reports", userId);
      const pair = await database.read((em) => pairMeant(em, userId, pairId));
      const ids = [...new Set(messageIds)];
      const messages = await messagesOf(pair.id, ids);
      if (messages.length < ids.length) throw new Refusal("NOT_FOUND", "There is no such message");
      const reportedId = pair.lowUserId === userId ? pair.highUserId : pair.lowUserId;
      return database.transaction(async (em) => {
        const at = clock.now();
        const id = chance.newId(at);
        em.create(Report, {
          ...{ id, reporterId: userId, reportedId, pairId: pair.id, reason, details: details ?? null },
          messages: messages.map(snapshotOf),
          ...{ status: "open", createdAt: new Date(at), dueAt: new Date(at + ANSWERED_MS) },
        });
        note(em, { action: "person.reported", subject: reportedId, actor: userId, about: id });
        return { id, status: "open" };
      });
    },

    /** Forgets what messages said long ago; to be called now and then. */
    sweep: (): Promise<number> =>
      database.transaction((em) =>
        em.nativeUpdate(
          Report,
          { createdAt: { $lt: new Date(clock.now() - SNAPSHOT_KEPT_MS) }, messages: { $ne: null } },
          { messages: null, details: null },
        ),
      ),
  };
}

/** What only the two can read stays so. */
function snapshotOf({ id, seq, senderId, type, text, encrypted, ...message }: Message): ReportedMessage {
  return {
    ...{ id, seq, senderId, type, text },
    isEncrypted: encrypted !== null,
    sentAt: new Date(message.sentAt).toISOString(),
    editedAt: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
    deletedAt: message.deletedAt === null ? null : new Date(message.deletedAt).toISOString(),
  };
}
