import type { Answered } from "../schema/wire/assessments.ts";
import type { AnyMessageView, HistoryPage, SearchPage, Sent, SyncPage } from "../schema/wire/chat.ts";
import type { ChatMessage, ChatReceipt, ChatResume, ChatWindow, PairClosed } from "../schema/wire/room.ts";
import type { AlertSent, AlertView, MomentView, Pressed } from "../schema/wire/twintuition.ts";

/**
 * What we believe of what we hear. A server, or a proxy, with a bug can answer anything, even "fine" with nothing in it;
 * so nothing counts that lacks the fields we go by. It is no second validation: strange additions are let through.
 */
type Check = (value: unknown) => boolean;
type Shape<T> = { readonly [Field in keyof T & string]-?: Check };

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text: Check = (value) => typeof value === "string";
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const flag: Check = (value) => typeof value === "boolean";
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

function shape<T>(fields: Shape<T>): (value: unknown) => value is T {
  const checks = Object.entries<Check>(fields);
  return (value): value is T => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}

const place = { id: text, seq: count, version: count };
const isWhole = shape<{ id: string; seq: number; version: number; key: string; senderId: string; sentAt: string }>({
  ...place,
  key: text,
  senderId: text,
  sentAt: text,
});
const isHidden = shape<{ id: string; seq: number; version: number; hidden: true }>({
  ...place,
  hidden: (value) => value === true,
});

export const isMessage = (value: unknown): value is AnyMessageView => isHidden(value) || isWhole(value);

export const isSent = shape<Sent>({ ...place, sentAt: text, duplicate: flag });
export const isChanged = shape<{ version: number }>({ version: count });
export const isMarked = shape<{ upTo: number }>({ upTo: count });
export const isTimed = shape<{ t0: number; t1: number; t2: number }>({
  t0: Number.isFinite,
  t1: Number.isFinite,
  t2: Number.isFinite,
});
const isMoment = shape<Pick<MomentView, "id" | "type" | "at" | "confidence" | "feelings">>({
  id: text,
  type: text,
  at: text,
  confidence: Number.isFinite,
  feelings: listOf(isRecord),
});
const isAlert = shape<Pick<AlertView, "id" | "senderId" | "kind" | "sentAt">>({
  ...{ id: text, senderId: text, kind: text, sentAt: text },
});
export const isAlertSent = shape<AlertSent>({ id: text, sentAt: text, moment: maybe(isMoment) });
export const isPressed = shape<Pressed>({ id: text, at: text, uncertaintyMs: count, moment: maybe(isMoment) });
export const isAlertTold = shape<{ alert: AlertView }>({ alert: isAlert });
export const isMomentTold = shape<{ moment: MomentView }>({ moment: isMoment });
export const isHistoryPage = shape<HistoryPage>({ messages: listOf(isMessage), hasMore: flag });
export const isSyncPage = shape<SyncPage>({
  messages: listOf(isMessage),
  version: count,
  history: text,
  hasMore: flag,
  reset: maybe(flag),
});
export const isSearchPage = shape<SearchPage>({
  hits: listOf((hit) => isRecord(hit) && isWhole(hit["message"])),
  nextCursor: maybe(text),
});
export const isChatWindow = shape<ChatWindow>({
  messages: listOf(isMessage),
  version: count,
  history: text,
  firstSeq: count,
  readSeq: count,
  hasMore: flag,
});
export const isChatResume = shape<ChatResume>({
  from: count,
  to: count,
  hasMore: flag,
  history: text,
  readSeq: count,
  reset: maybe(flag),
});
export const isChatMessage = shape<ChatMessage>({ version: count, message: isMessage });
export const isReceipt = shape<ChatReceipt>({ userId: text, deliveredSeq: count, readSeq: count });
export const isPairClosed = shape<PairClosed>({ reason: text });
export const isDraining = shape<{ reconnectAfterMs: number }>({ reconnectAfterMs: count });
export const isAnswered = shape<Answered>({ answered: count, total: count });
export const isTrimmed = shape<{ firstSeq: number }>({ firstSeq: count });
export const isOpened = shape<{ pairId: string }>({ pairId: text });

/** A seat as the matchmaker gives it; the kit knows the rest. */
export const isSeat = shape<{ name: string; sessionId: string; roomId: string }>({
  name: text,
  sessionId: text,
  roomId: text,
});

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}
export const isTokenPair = shape<TokenPair>({ accessToken: text, refreshToken: text, expiresIn: count });
