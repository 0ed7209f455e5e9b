import type { History, Twin } from "../../domain/ports.ts";
import type { AnyMessageView, HistoryPage, ReadHistory } from "../../schema/wire/chat.ts";
import type { ListMessages, MessagesPage } from "../../schema/wire/messages.ts";

type Extent = Awaited<ReturnType<History["extent"]>>;
type Range = Pick<ReadHistory, "beforeSeq" | "afterSeq">;

/**
 * A page of history: the newest without a word; older ones by the cursor, by `before` or, for older clients, by number;
 * newer ones by `after`. Seq order within a page. A page may be shorter than asked for where its messages are long.
 */
export async function pageOf(history: History, twin: Twin, query: ListMessages): Promise<MessagesPage> {
  const { limit, page } = query;
  const extent = await history.extent(twin.pairId);
  const range = await rangeAsked(history, twin, query, extent);
  const found =
    page === undefined
      ? await history.page(twin, { ...range, limit })
      : await wholePage(history, twin, range.beforeSeq ?? 0, limit);
  return {
    messages: found.messages,
    pagination: paginationOf(query, range, found, extent),
    nextCursor: nextCursorOf(range, found),
  };
}

async function rangeAsked(
  history: History,
  { pairId }: Twin,
  { before, after, cursor, page, limit }: ListMessages,
  { lastSeq }: Extent,
): Promise<Range> {
  if (cursor !== undefined) return rangeOfCursor(cursor);
  if (page !== undefined) return { beforeSeq: Math.max(0, lastSeq + 1 - (page - 1) * limit) };
  if (typeof before === "number") return { beforeSeq: before };
  // Each message of a pair has a millisecond of its own, and a time is shown to the millisecond.
  if (before !== undefined) return { beforeSeq: (await history.seqBefore(pairId, firstMsFrom(before))) + 1 };
  if (typeof after === "number") return { afterSeq: after };
  if (after !== undefined) return { afterSeq: await history.seqBefore(pairId, Date.parse(after) + 1) };
  return {};
}

/** A time within a millisecond is after that millisecond's message. */
function firstMsFrom(time: string): number {
  const isWithin = /\.\d{3}\d*[1-9]/.test(time);
  return Date.parse(time) + (isWithin ? 1 : 0);
}

function rangeOfCursor(cursor: string): Range {
  const [direction, seq] = cursor.split("-");
  return direction === "newer" ? { afterSeq: Number(seq) } : { beforeSeq: Number(seq) };
}

function nextCursorOf({ afterSeq }: Range, { messages, hasMore }: HistoryPage): string | null {
  const next = afterSeq === undefined ? messages[0] : messages.at(-1);
  if (!hasMore || !next) return null;
  return `${afterSeq === undefined ? "older" : "newer"}-${next.seq}`;
}

/** Who turns pages by number would miss what a shorter page leaves out. */
async function wholePage(history: History, twin: Twin, end: number, limit: number): Promise<HistoryPage> {
  let messages: readonly AnyMessageView[] = [];
  for (let beforeSeq = end, hasMore = true; ; beforeSeq = messages[0]?.seq ?? 0) {
    const left = limit - messages.length;
    if (!hasMore || left === 0) return { messages, hasMore };
    const more = await history.page(twin, { beforeSeq, limit: left });
    messages = [...more.messages, ...messages];
    hasMore = more.hasMore;
  }
}

function paginationOf(
  { page, limit }: ListMessages,
  { beforeSeq, afterSeq }: Range,
  found: HistoryPage,
  extent: Extent,
) {
  const { firstSeq, lastSeq } = extent;
  const total = lastSeq - firstSeq + 1;
  const [oldest, newest] = [found.messages[0]?.seq, found.messages.at(-1)?.seq];
  const newer = lastSeq - Math.max(firstSeq - 1, newest ?? afterSeq ?? (beforeSeq ?? lastSeq + 1) - 1);
  return {
    page: page ?? Math.floor(Math.max(0, newer) / limit) + 1,
    limit,
    total,
    totalPages: Math.ceil(total / limit),
    hasNext: found.hasMore,
    hasPrev: afterSeq === undefined ? newer > 0 : (oldest ?? lastSeq + 1) > firstSeq,
  };
}

/** A page at a time, as fast as it is read; what was hidden stays out. It ends where history ended when it began. */
export async function exportOf(history: History, twin: Twin, at: string): Promise<AsyncIterable<string>> {
  const { lastSeq } = await history.extent(twin.pairId);
  const first = await history.page(twin, { afterSeq: 0, limit: 100 });
  return exported(history, twin, { first, lastSeq, at });
}

async function* exported(
  history: History,
  twin: Twin,
  { first, lastSeq, at }: { first: HistoryPage; lastSeq: number; at: string },
): AsyncGenerator<string> {
  yield `{"success":true,"pairId":${JSON.stringify(twin.pairId)},"exportedAt":${JSON.stringify(at)},"messages":[`;
  let separator = "";
  for (let page = first; ; ) {
    const shown = page.messages.filter((message) => message.seq <= lastSeq && !("hidden" in message));
    if (shown.length > 0) yield separator + shown.map((message) => JSON.stringify(message)).join(",");
    if (shown.length > 0) separator = ",";
    const afterSeq = page.messages.at(-1)?.seq ?? lastSeq;
    if (!page.hasMore || afterSeq >= lastSeq) break;
    page = await history.page(twin, { afterSeq, limit: 100 });
  }
  yield "]}";
}
