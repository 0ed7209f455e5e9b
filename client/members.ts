import type { MessageView } from "../schema/wire/chat.ts";
import type { UserId } from "../schema/wire/ids.ts";
import type { ChatReceipt, PresenceStatus } from "../schema/wire/room.ts";
import type { TypingKind } from "./typing.ts";
import { isRecord } from "./wire.ts";

/** How far somebody is with the questions; never what they answered. */
export interface Progress {
  readonly sessionId: string | null;
  readonly answered: number;
  readonly total: number;
  readonly status: "none" | "in_progress" | "completed";
}

/** What the two have felt at the same moment. */
export interface Moments {
  readonly lastMomentId: string | null;
  readonly lastMomentAt: string | null;
  readonly momentsToday: number;
  readonly momentsTotal: number;
}

/** One of the two, as the shared state shows them. */
export interface Member {
  readonly userId: UserId;
  readonly name: string;
  readonly accentColor: string;
  /** A media id. */
  readonly avatar: string | null;
  readonly status: PresenceStatus;
  /** Null if it is not known, or not to be known. */
  readonly lastSeen: string | null;
  readonly devices: number;
  readonly typing: boolean;
  /** What they do while they type; `text` while they do not. */
  readonly typingKind: TypingKind;
  readonly deliveredSeq: number;
  readonly readSeq: number;
  readonly assessment: Progress;
}

/** What both see without asking. */
export interface PairView {
  readonly pairId: string;
  readonly version: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly unpaired: boolean;
  readonly members: readonly Member[];
  readonly twintuition: Moments;
}

/** A message of ours has left, has arrived, or was seen. */
export type Tick = "sent" | "delivered" | "read";

export function pairViewOf(state: unknown): PairView | undefined {
  if (!isRecord(state) || typeof state["pairId"] !== "string") return undefined;
  const { pairId, members } = state;
  return {
    pairId,
    version: numberIn(state["version"]),
    firstSeq: numberIn(state["firstSeq"]),
    lastSeq: numberIn(state["lastSeq"]),
    unpaired: state["unpaired"] === true,
    members: isRecord(members) ? Object.values(members).flatMap((member) => memberOf(member) ?? []) : [],
    twintuition: momentsOf(state["twintuition"]),
  };
}

/** As long as nothing was felt there is nothing to tell. */
function momentsOf(value: unknown): Moments {
  const { lastMomentId, lastMomentAt, momentsToday, momentsTotal } = isRecord(value) ? value : NOTHING;
  return {
    lastMomentId: textIn(lastMomentId),
    lastMomentAt: textIn(lastMomentAt),
    momentsToday: numberIn(momentsToday),
    momentsTotal: numberIn(momentsTotal),
  };
}

function progressOf(value: unknown): Progress {
  const { sessionId, answered, total, status } = isRecord(value) ? value : NOTHING;
  return {
    sessionId: textIn(sessionId),
    answered: numberIn(answered),
    total: numberIn(total),
    status: status === "in_progress" || status === "completed" ? status : "none",
  };
}

const NOTHING: Readonly<Record<string, unknown>> = {};

function memberOf(member: unknown): Member | undefined {
  if (!isMember(member)) return undefined;
  const { userId, name, accentColor, status } = member;
  return {
    ...{ userId, name, accentColor, status },
    avatar: textIn(member["avatar"]),
    lastSeen: textIn(member["lastSeen"]),
    devices: numberIn(member["devices"]),
    typing: member["typing"] === true,
    typingKind: member["typingKind"] === "voice" ? "voice" : "text",
    deliveredSeq: numberIn(member["deliveredSeq"]),
    readSeq: numberIn(member["readSeq"]),
    assessment: progressOf(member["assessment"]),
  };
}

const isMember = (
  value: unknown,
): value is Record<string, unknown> & Pick<Member, "userId" | "name" | "accentColor" | "status"> =>
  isRecord(value) && ["userId", "name", "accentColor", "status"].every((name) => typeof value[name] === "string");

const numberIn = (value: unknown): number => (typeof value === "number" ? value : 0);
const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** How far each of the two has received and read: from receipts and the state, whichever is further. */
export class Watermarks {
  readonly #marks = new Map<string, { deliveredSeq: number; readSeq: number }>();

  /** Whether it was news. */
  learn({ userId, deliveredSeq, readSeq }: Pick<ChatReceipt, "userId" | "deliveredSeq" | "readSeq">): boolean {
    const known = this.of(userId);
    const marks = {
      deliveredSeq: Math.max(known.deliveredSeq, deliveredSeq, readSeq),
      readSeq: Math.max(known.readSeq, readSeq),
    };
    this.#marks.set(userId, marks);
    return marks.deliveredSeq > known.deliveredSeq || marks.readSeq > known.readSeq;
  }

  forget(): void {
    this.#marks.clear();
  }

  of(userId: string): { readonly deliveredSeq: number; readonly readSeq: number } {
    return this.#marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
  }

  /** Marks move without the messages being told again, so what a message says of itself may be old. */
  tickOf({ seq, senderId, isDelivered, isRead }: MessageView): Tick {
    const twins = [...this.#marks].filter(([userId]) => userId !== senderId).map(([, marks]) => marks);
    if (isRead || twins.some(({ readSeq }) => readSeq >= seq)) return "read";
    return isDelivered || twins.some(({ deliveredSeq }) => deliveredSeq >= seq) ? "delivered" : "sent";
  }
}
