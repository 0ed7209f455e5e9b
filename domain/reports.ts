import { LockMode } from "@mikro-orm/core";
import { Pair } from "../schema/entities/pair.ts";
import { Report } from "../schema/entities/report.ts";
import type { MessageId, PairId, UserId } from "../schema/wire/ids.ts";
import type { FileReport, ReportedMessage, ReportView } from "../schema/wire/twins.ts";
import { auditing } from "./audit.ts";
import type { Caller, Chance, Clock, Database, Limits } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Message } from "./room/message.ts";

const HOUR_MS = 60 * 60_000;

/** Staff answer within that. */
const ANSWERED_MS = 24 * HOUR_MS;

const SNAPSHOT_KEPT_MS = 90 * 24 * HOUR_MS;

/** Of what is told again and again, so much is kept; how often, in any case. */
const MOST_FURTHER = 20;
const MOST_MESSAGES = 100;

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

  /** The pair as it is, then earlier ones, the last one first: to block is to part, and is often done before this. */
  async function pairsMeant(em: Em, userId: UserId, asked: PairId | undefined): Promise<readonly Pair[]> {
    const own = { $or: [{ lowUserId: userId }, { highUserId: userId }] };
    const pairs = await em.find(Pair, asked === undefined ? own : { ...own, id: asked });
    if (pairs.length > 0) return pairs.toSorted((one, other) => partedAt(other) - partedAt(one));
    if (asked === undefined) throw new Refusal("NOT_PAIRED", "You have no twin here, and had none");
    throw new Refusal("NOT_FOUND", "There is no such pair");
  }

  /** Of the pairs the first that said all of it. */
  async function saidIn(pairs: readonly Pair[], ids: readonly MessageId[]) {
    for (const pair of pairs) {
      const messages = await messagesOf(pair.id, ids);
      if (messages.length === ids.length) return { pair, messages };
    }
    throw new Refusal("NOT_FOUND", "There is no such message");
  }

  return {
    /**
     * Throws NOT_FOUND unless all of the messages are of one pair of theirs; nothing is kept then. The same words again
     * within a day, from a phone that did not hear the answer, are the same report.
     */
    async file({ userId }: Caller, { reason, details = null, messageIds, pairId }: FileReport): Promise<ReportView> {
      await limits.take("reports", userId);
      const ids = [...new Set(messageIds)];
      const pairs = await database.read((em) => pairsMeant(em, userId, pairId));
      const { pair, messages } = await saidIn(pairs, ids);
      const reportedId = pair.lowUserId === userId ? pair.highUserId : pair.lowUserId;
      return database.transaction(async (em) => {
        // One after the other, or two at once would not see each other.
        await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const at = clock.now();
        const about = { reporterId: userId, reportedId, pairId: pair.id, reason, details };
        const today = { status: "open", createdAt: { $gt: new Date(at - ANSWERED_MS) } } as const;
        const known = (await em.find(Report, { ...about, ...today })).find((report) => isAbout(report, ids));
        if (known) return { id: known.id, status: known.status };
        const open = await openOf(em, userId, pair.id, ids);
        if (open) tellMore(open, { reason, details, messages, at });
        const id = chance.newId(at);
        em.create(Report, {
          ...{ id, ...about, messages: messages.map(snapshotOf), further: [], joinedId: open?.id ?? null },
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
          { messages: null, details: null, further: [] },
        ),
      ),
  };
}

/** What the same person told of the same, and nobody has decided yet. */
async function openOf(
  em: Em,
  reporterId: UserId,
  pairId: PairId,
  ids: readonly MessageId[],
): Promise<Report | undefined> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true, orderBy: { createdAt: "asc" } } as const;
  const open = await em.find(Report, { reporterId, pairId, status: "open", joinedId: null }, lock);
  const isSame = ({ messages }: Report) =>
    ids.length === 0 ? messages?.length === 0 : messages?.some(({ id }) => ids.includes(id));
  return open.find(isSame);
}

interface More {
  readonly reason: FileReport["reason"];
  readonly details: string | null;
  readonly messages: readonly Message[];
  readonly at: number;
}

/** It waits as long as it did: telling it again makes it neither older nor younger. */
function tellMore(report: Report, { reason, details, messages, at }: More): void {
  const known = report.messages ?? [];
  const others = messages.filter(({ id }) => !known.some((one) => one.id === id)).map(snapshotOf);
  report.messages = [...known, ...others].slice(0, MOST_MESSAGES);
  report.further = [...report.further, { at: new Date(at).toISOString(), reason, details }].slice(0, MOST_FURTHER);
  report.times++;
}
/** Who have not parted come first. */
const partedAt = ({ unpairedAt }: Pair): number => unpairedAt?.getTime() ?? Number.POSITIVE_INFINITY;

const isAbout = ({ messages }: Report, ids: readonly MessageId[]): boolean =>
  messages?.length === ids.length && messages.every(({ id }) => ids.includes(id));

/** What only the two can read stays so. */
function snapshotOf({ id, seq, senderId, type, text, mediaId, encrypted, ...message }: Message): ReportedMessage {
  return {
    ...{ id, seq, senderId, type, text, mediaId },
    isEncrypted: encrypted !== null,
    sentAt: new Date(message.sentAt).toISOString(),
    editedAt: message.editedAt === null ? null : new Date(message.editedAt).toISOString(),
    deletedAt: message.deletedAt === null ? null : new Date(message.deletedAt).toISOString(),
  };
}
