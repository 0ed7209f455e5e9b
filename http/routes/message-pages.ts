import type { History, Twin } from "../../domain/ports.ts";
import type { ReadHistory } from "../../schema/wire/chat.ts";
import type { ListMessages, MessagesPage } from "../../schema/wire/messages.ts";

/**
 * A page of history: the newest without a word; older ones by the cursor, by `before` or, for older clients, by number;
 * newer ones by `after`. Seq order within a page.
 */
export async function pageOf(history: History, twin: Twin, query: ListMessages): Promise<MessagesPage> {
  const { limit } = query;
  const { firstSeq, lastSeq } = await history.extent(twin.pairId);
  const total = lastSeq - firstSeq + 1;
  const asked = await rangeAsked(history, twin, query, lastSeq);
  const { messages, hasMore } = await history.page(twin, { ...asked, limit });
  const isForward = asked.afterSeq !== undefined;
  const next = isForward ? messages.at(-1)?.seq : messages[0]?.seq;
  const page = query.page ?? pageNumber(messages.at(-1)?.seq ?? lastSeq, lastSeq, limit);
  return {
    messages,
    pagination: {
      page,
      limit,
      total,
      totalPages: Math.ceil(total / limit),
      hasNext: hasMore,
      hasPrev: isForward ? (messages[0]?.seq ?? firstSeq) > firstSeq : (messages.at(-1)?.seq ?? lastSeq) < lastSeq,
    },
    nextCursor: hasMore && next !== undefined ? `${isForward ? "newer" : "older"}-${next}` : null,
  };
}

type Range = Pick<ReadHistory, "beforeSeq" | "afterSeq">;

async function rangeAsked(
  history: History,
  { pairId }: Twin,
  { before, after, cursor, page, limit }: ListMessages,
  lastSeq: number,
): Promise<Range> {
  if (cursor !== undefined) {
    const [direction, seq] = cursor.split("-");
    return direction === "newer" ? { afterSeq: Number(seq) } : { beforeSeq: Number(seq) };
  }
  if (page !== undefined) return { beforeSeq: Math.max(0, lastSeq + 1 - (page - 1) * limit) };
  if (typeof before === "number") return { beforeSeq: before };
  // Each message of a pair has a millisecond of its own, and a time is shown to the millisecond.
  if (before !== undefined) return { beforeSeq: (await history.seqBefore(pairId, Date.parse(before))) + 1 };
  if (typeof after === "number") return { afterSeq: after };
  if (after !== undefined) return { afterSeq: await history.seqBefore(pairId, Date.parse(after) + 1) };
  return {};
}

const pageNumber = (newestSeq: number, lastSeq: number, limit: number): number =>
  Math.floor(Math.max(0, lastSeq - newestSeq) / limit) + 1;

/** A page at a time, as fast as it is read. */
export async function* exportOf(history: History, twin: Twin): AsyncGenerator<string> {
  yield `{"success":true,"pairId":${JSON.stringify(twin.pairId)},"messages":[`;
  let afterSeq = 0;
  let separator = "";
  for (let hasMore = true; hasMore; ) {
    const page = await history.page(twin, { afterSeq, limit: 100 });
    for (const message of page.messages) {
      yield separator + JSON.stringify(message);
      separator = ",";
      afterSeq = message.seq;
    }
    ({ hasMore } = page);
  }
  yield "]}";
}
