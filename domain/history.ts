import type {
  AnyMessageView,
  HistoryPage,
  MessageView,
  ReadHistory,
  Search,
  SearchPage,
  Sync,
  SyncPage,
} from "../schema/wire/chat.ts";
import { MessageId, type PairId, type UserId } from "../schema/wire/ids.ts";
import { parse } from "./refusal.ts";
import { isPrivate } from "./room/chat-history.ts";
import { highlighted, placesOf, questOf } from "./room/finding.ts";
import type { Marks } from "./room/marks.ts";
import { type Eyes, type Message, viewFor } from "./room/message.ts";
import { isTrimming } from "./room/trimming.ts";
import { termsNeeded } from "./room/words.ts";

/** One row of what changed: which message, by whom, how. */
export interface Change {
  readonly revision: number;
  readonly version: number;
  readonly subjectId: string;
  readonly type: string;
  readonly actor: string | null;
}

/** What was written, as it stands. All lists of messages are in seq order, but for those found by words: newest first. */
export interface Archive {
  extent(pairId: PairId): Promise<{ readonly version: number; readonly firstSeq: number; readonly lastSeq: number }>;
  bySeq(pairId: PairId, from: number, to: number): Promise<readonly Message[]>;
  byId(pairId: PairId, ids: readonly string[]): Promise<readonly Message[]>;
  changes(pairId: PairId, afterVersion: number, limit: number): Promise<readonly Change[]>;
  withTerms(
    pairId: PairId,
    terms: ReadonlySet<string>,
    beforeId: MessageId,
    limit: number,
  ): Promise<readonly Message[]>;
  seqBefore(pairId: PairId, at: number): Promise<number>;
  marks(pairId: PairId): Promise<ReadonlyMap<UserId, Marks>>;
}

/** No answer is larger, in bytes of JSON: a phone on a train must get it whole. Below 128 KiB with its envelope. */
const ANSWER_BYTES = 120 * 1024;

/** Rows of the journal read at once: a page of 200 messages changed three times each still comes in one go. */
export const CHANGES_AT_ONCE = 600;

/**
 * Candidates read at once, at most, and looked at for one page of a search: the words decide, their hashes only propose.
 * Words in quotes may stand in every message and never side by side: then a page holds few hits or none, and leads on.
 */
const CANDIDATES = 1000;
const LOOKED_AT = 2000;

const LAST_ID = MessageId.parse("ffffffff-ffff-7fff-bfff-ffffffffffff");

/** Reads a pair's history for one pair of eyes. `line` names the line of history that versions belong to. */
export function historyReader({ archive, line }: { archive: Archive; line: () => string }) {
  return {
    async page(pairId: PairId, eyes: Eyes, query: ReadHistory): Promise<HistoryPage> {
      const { firstSeq, lastSeq } = await archive.extent(pairId);
      const { from, to, isBackward } = rangeOf(query, firstSeq, lastSeq);
      if (from > to) return { messages: [], hasMore: false };
      const views = (await archive.bySeq(pairId, from, to)).map((message) => viewFor(eyes, message));
      const messages = isBackward ? fittingFromEnd(views) : fitting(views);
      const [first, last] = [messages[0]?.seq ?? from, messages.at(-1)?.seq ?? to];
      return { messages, hasMore: isBackward ? first > firstSeq : last < lastSeq };
    },

    async sync(pairId: PairId, eyes: Eyes, { afterVersion, limit, history }: Sync): Promise<SyncPage> {
      // Asked before what is read: of two lines the older name makes the device start over, and the newer would not.
      const here = line();
      const { version } = await archive.extent(pairId);
      if (afterVersion > version || (history !== undefined && history !== here)) {
        return { messages: [], version, history: here, hasMore: false, reset: true };
      }
      const changes = await archive.changes(pairId, afterVersion, CHANGES_AT_ONCE);
      // What the device has before that is not history any more.
      if (changes.some(isTrimming)) return { messages: [], version, history: here, hasMore: false, reset: true };
      const { found, end, isWhole } = await changedMessages(archive, pairId, eyes, changes, limit);
      const hasMore = !isWhole || changes.length === CHANGES_AT_ONCE;
      const messages = found.map(({ view }) => view);
      return { messages, version: Math.max(end, afterVersion), history: here, hasMore };
    },

    async search(pairId: PairId, eyes: Eyes, { q, limit, cursor }: Search): Promise<SearchPage> {
      const quest = questOf(q);
      let before = cursor === undefined ? LAST_ID : parse(MessageId, cursor);
      const hits: { message: MessageView; highlight: string }[] = [];
      if (quest.words.length === 0) return { hits, nextCursor: null };
      // Most candidates are hits, and one more tells whether there are more.
      let atOnce = limit + 1;
      for (let lookedAt = 0; lookedAt < LOOKED_AT; atOnce = CANDIDATES) {
        const candidates = await archive.withTerms(pairId, termsNeeded(quest.words), before, atOnce);
        for (const message of candidates) {
          const hit = hitOf(eyes, quest, message);
          if (hit && hits.length === limit) return { hits, nextCursor: before };
          if (hit) hits.push(hit);
          before = message.id;
        }
        if (candidates.length < atOnce) return { hits, nextCursor: null };
        lookedAt += candidates.length;
      }
      return { hits, nextCursor: before };
    },

    async messages(pairId: PairId, eyes: Eyes, ids: readonly MessageId[]): Promise<readonly AnyMessageView[]> {
      return (await archive.byId(pairId, ids)).map((message) => viewFor(eyes, message));
    },
  };
}

export type HistoryReader = ReturnType<typeof historyReader>;

/** A message and the change by which it first came up: a device's place in the versions. */
export interface Changed {
  readonly version: number;
  readonly view: AnyMessageView;
}

interface ChangedPage {
  readonly found: readonly Changed[];
  /** The version up to which all is told. */
  readonly end: number;
  /** Nothing of `changes` was left out for want of room. */
  readonly isWhole: boolean;
}

/** Each message once, where it first changed, in its final state; what the twin hid for themselves is nobody else's. */
export async function changedMessages(
  archive: Pick<Archive, "byId">,
  pairId: PairId,
  eyes: Eyes,
  changes: readonly Change[],
  limit: number,
): Promise<ChangedPage> {
  const first = new Map<string, number>();
  let end = 0;
  let isWhole = true;
  for (const change of changes) {
    const isNew = isShownTo(eyes, change) && !first.has(change.subjectId);
    isWhole = !isNew || first.size < limit;
    if (!isWhole) break;
    if (isNew) first.set(change.subjectId, change.version);
    end = change.version;
  }
  const messages = new Map((await archive.byId(pairId, [...first.keys()])).map((message) => [message.id, message]));
  const found = [...first].flatMap(([id, version]) => {
    const message = messages.get(MessageId.parse(id));
    return message ? [{ version, view: viewFor(eyes, message) }] : [];
  });
  const kept = fitting(found);
  const left = found[kept.length];
  return left ? { found: kept, end: left.version - 1, isWhole: false } : { found, end, isWhole };
}

/** Whether a row of history is news to this person. */
function isShownTo({ reader }: Eyes, { type, actor }: Change): boolean {
  return !isPrivate(type) && (type !== "chat.message_hidden" || actor === reader);
}

function rangeOf(query: ReadHistory, firstSeq: number, lastSeq: number) {
  const { beforeSeq, afterSeq, aroundSeq, limit } = query;
  if (afterSeq !== undefined) {
    const from = Math.max(afterSeq + 1, firstSeq);
    return { from, to: Math.min(lastSeq, from + limit - 1), isBackward: false };
  }
  const end = aroundSeq === undefined ? (beforeSeq ?? lastSeq + 1) - 1 : aroundSeq + Math.floor(limit / 2);
  const to = Math.min(lastSeq, end);
  return { from: Math.max(firstSeq, to - limit + 1), to, isBackward: true };
}

/** As many from the beginning as an answer holds; at least one. */
export function fitting<T>(items: readonly T[]): readonly T[] {
  let bytes = 0;
  const tooMany = items.findIndex((item) => {
    bytes += sizeOf(item);
    return bytes > ANSWER_BYTES;
  });
  return tooMany === -1 ? items : items.slice(0, Math.max(tooMany, 1));
}

/** As many from the end. */
export function fittingFromEnd<T>(items: readonly T[]): readonly T[] {
  return fitting(items.toReversed()).toReversed();
}

const ENCODER = new TextEncoder();

export const sizeOf = (item: unknown): number => ENCODER.encode(JSON.stringify(item)).length;

function hitOf(eyes: Eyes, quest: ReturnType<typeof questOf>, message: Message) {
  if (message.text === null) return undefined;
  const places = placesOf(quest, message.text);
  if (!places) return undefined;
  const view = viewFor(eyes, message);
  return "hidden" in view ? undefined : { message: view, highlight: highlighted(message.text, places) };
}
