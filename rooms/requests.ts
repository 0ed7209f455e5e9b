import type { HistoryReader } from "../domain/history.ts";
import type { Authenticate } from "../domain/ports.ts";
import { parse, Refusal } from "../domain/refusal.ts";
import type { TwintuitionReader } from "../domain/twintuition.ts";
import { AnswerAssessment, type Answered } from "../schema/wire/assessments.ts";
import { Mark, ReadHistory, Search, Sync } from "../schema/wire/chat.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import { ClockSync, RefreshAuth } from "../schema/wire/room.ts";
import { SeeAlert } from "../schema/wire/twintuition.ts";
import type { Device } from "./device.ts";
import type { PairRoom } from "./pair-room.ts";

type AskedRoom = Pick<PairRoom, "pairId" | "eyesOf" | "mark">;

/** Answers a request that changes no history. Throws Refusal. */
type Request = (room: AskedRoom, device: Device, payload: unknown) => Promise<object>;

export const requestNames = [
  "chat.read",
  "chat.delivered",
  "chat.history",
  "chat.sync",
  "chat.search",
  "clock.sync",
  "twintuition.seen",
  "auth.refresh",
  "assessment.answer",
] as const;

export type Requests = Readonly<Record<(typeof requestNames)[number], Request>>;

export interface RequestsDeps {
  readonly reader: HistoryReader;
  readonly twintuition: Pick<TwintuitionReader, "see">;
  readonly authenticate: Authenticate;
  /** Takes one of the person's requests of this minute. Throws RATE_LIMIT_EXCEEDED. */
  readonly allow: (userId: UserId) => Promise<unknown>;
  readonly now: () => number;
  /** Settles once it is committed, whatever becomes of this room. */
  readonly answerAssessment: (userId: UserId, answers: AnswerAssessment) => Promise<Answered>;
}

export function roomRequests(deps: RequestsDeps): Requests {
  const { reader, twintuition, authenticate, allow, now, answerAssessment } = deps;
  const mark =
    (what: "delivered" | "read"): Request =>
    async (room, device, payload) => {
      const { upTo, pairId } = parse(Mark, payload);
      meantFor(room, pairId);
      return { upTo: room.mark(device.userId, what, upTo, device.id) };
    };
  return {
    "chat.read": mark("read"),
    "chat.delivered": mark("delivered"),
    "chat.history": async (room, device, payload) => {
      const query = parse(ReadHistory, payload ?? {});
      meantFor(room, query.pairId);
      await allow(device.userId);
      return reader.page(room.pairId, room.eyesOf(device.userId), query);
    },
    "chat.sync": async (room, device, payload) => {
      const query = parse(Sync, payload);
      meantFor(room, query.pairId);
      await allow(device.userId);
      return reader.sync(room.pairId, room.eyesOf(device.userId), query);
    },
    "chat.search": async (room, device, payload) => {
      const query = parse(Search, payload);
      meantFor(room, query.pairId);
      await allow(device.userId);
      return reader.search(room.pairId, room.eyesOf(device.userId), query);
    },
    "clock.sync": async (_room, device, payload) => {
      const t1 = now();
      const { t0 } = parse(ClockSync, payload);
      device.link.synced(t0, t1);
      return { t0, t1, t2: now() };
    },
    "twintuition.seen": async (room, device, payload) => {
      const { alertId, pairId } = parse(SeeAlert, payload);
      meantFor(room, pairId);
      await allow(device.userId);
      await twintuition.see({ pairId: room.pairId, userId: device.userId }, alertId);
      return {};
    },
    "auth.refresh": async (_room, device, payload) => {
      const { accessToken } = parse(RefreshAuth, payload);
      const { userId, sessionId: sid, expiresAt } = await authenticate(accessToken);
      if (userId !== device.userId) throw new Refusal("FORBIDDEN", "This token is somebody else's");
      device.renew({ sid, expiresAt });
      return { expiresAt: new Date(expiresAt).toISOString() };
    },
    "assessment.answer": async (room, device, payload) => {
      const answers = parse(AnswerAssessment, payload);
      meantFor(room, answers.pairId);
      await allow(device.userId);
      return answerAssessment(device.userId, answers);
    },
  };
}

function meantFor(room: AskedRoom, pairId: PairId | undefined): void {
  if (pairId !== undefined && pairId !== room.pairId) {
    throw new Refusal("GONE", "This was written for another twin");
  }
}
