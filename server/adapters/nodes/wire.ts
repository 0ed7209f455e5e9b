import { z } from "zod";
import type { Receipt } from "../../../domain/ports.ts";
import { Refusal } from "../../../domain/refusal.ts";
import type { Seated } from "../../../rooms/device.ts";
import type { Reservation, RoomHealth } from "../../../rooms/neighbours.ts";
import { STATUS } from "../../../schema/wire/errors.ts";
import { PairId, SessionId, UserId } from "../../../schema/wire/ids.ts";

/** What nodes say to each other. What they do not know of each other they leave alone: two versions run side by side. */

const TwinShape = z.object({ userId: UserId, pairId: PairId });

const SeatedShape: z.ZodType<Seated> = z.object({
  userId: UserId,
  sid: SessionId,
  expiresAt: z.number(),
  deviceId: z.string(),
  deviceName: z.string().nullable(),
  liveUntil: z.number().optional(),
});

const ReceiptShape: z.ZodType<Receipt> = z.object({
  id: z.string(),
  seq: z.number().nullable(),
  version: z.number(),
  at: z.number(),
  duplicate: z.boolean(),
});

const ReservationShape: z.ZodType<Reservation> = z.looseObject({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
});

const HealthShape: z.ZodType<RoomHealth> = z.object({
  isOpen: z.boolean().optional(),
  devices: z.number(),
  queue: z.number(),
  lastError: z
    .object({ code: z.enum(["UNAVAILABLE", "INTERNAL_SERVER_ERROR"]), kind: z.string(), at: z.number() })
    .nullish(),
});

/** One thing that a node may ask another. */
export interface Call<Asked, Answer> {
  readonly name: string;
  readonly asks: z.ZodType<Asked>;
  readonly answers: z.ZodType<Answer>;
}

const call = <Asked, Answer>(
  name: string,
  asks: z.ZodType<Asked>,
  answers: z.ZodType<Answer>,
): Call<Asked, Answer> => ({ name, asks, answers });

const nothing = z.object({});

const KnownShape = z.object({ afterVersion: z.number().nullish(), history: z.string().nullish() });

const Departing = z.object({ roomId: z.string(), socketId: z.string(), reconnectAfterMs: z.number() });
export type Departing = z.output<typeof Departing>;

export const CALLS = {
  alive: call("alive", nothing, nothing),
  /** Whether the one who is greeted reaches the one who greets; if not, why. */
  hello: call(
    "hello",
    z.object({ processId: z.string(), address: z.string() }),
    z.object({ reachesYou: z.boolean(), why: z.string().optional() }),
  ),
  seat: call("seat", z.object({ pairId: PairId, seat: SeatedShape, known: KnownShape }), ReservationShape),
  execute: call("execute", z.object({ twin: TwinShape, name: z.string(), payload: z.unknown() }), ReceiptShape),
  mark: call(
    "mark",
    z.object({ twin: TwinShape, what: z.enum(["delivered", "read"]), upTo: z.number() }),
    z.object({ upTo: z.number() }),
  ),
  inspect: call("inspect", z.object({ pairId: PairId }), HealthShape),
  /** The node that asks goes: these sockets came by it. */
  depart: call("depart", z.object({ seats: z.array(Departing) }), nothing),
} as const;

/** What a call is answered with besides 200: a refusal; or that the room is not there, so that the caller looks again. */
export const REFUSED = 422;
export const ELSEWHERE = 410;

const RefusalShape = z.object({
  code: z.string(),
  message: z.string(),
  retryAfterMs: z.number().optional(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export function writtenRefusal({ code, message, retryAfterMs, details }: Refusal): object {
  return { code, message, retryAfterMs, details };
}

/** A code that only the other node's version knows is none that we may pass on as final. */
export function readRefusal(body: unknown): Refusal {
  const { code, message, ...more } = RefusalShape.parse(body);
  const known = Object.keys(STATUS).find((one): one is keyof typeof STATUS => one === code);
  if (!known) return new Refusal("UNAVAILABLE", "Try again in a moment", { retryAfterMs: 1000 });
  return new Refusal(known, message, more);
}
