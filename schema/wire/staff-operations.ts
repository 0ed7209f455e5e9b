import { z } from "zod";
import { DeliveryFigures } from "./delivery-figures.ts";
import { PairId, UserId } from "./ids.ts";
import { Channel } from "./letters.ts";
import { Listed, nextCursor } from "./lists.ts";
import { AuditAction } from "./privacy.ts";
import { StaffRole } from "./staff.ts";
import { storable } from "./text.ts";

const MOST_DAYS = 90;

export const AskFigures = z.object({
  days: z
    .string()
    .regex(/^\d{1,2}$/, `must be a whole number from 1 to ${MOST_DAYS}`)
    .transform(Number)
    .refine((days) => days >= 1 && days <= MOST_DAYS, `must be a whole number from 1 to ${MOST_DAYS}`)
    .default(7),
});

/** Of a day in UTC, of all templates of a channel together. */
export const DeliveryDay = z.object({
  day: z.iso.date(),
  channel: Channel,
  ...{ sent: z.int(), delivered: z.int(), bounced: z.int(), opened: z.int(), clicked: z.int(), answered: z.int() },
});
export type DeliveryDay = z.infer<typeof DeliveryDay>;

export const DeliveriesReport = z.object({
  deliveries: z.array(DeliveryFigures).readonly(),
  perDay: z.array(DeliveryDay).readonly(),
});
export type DeliveriesReport = z.infer<typeof DeliveriesReport>;

/** An e-mail address, or a number with its country's code. */
export const SuppressedAddress = storable(300).transform((address) => address.trim());

/** `dead`: it was tried as often as it may be, and waits for somebody to look. */
export const JobState = z.enum(["waiting", "active", "completed", "failed", "dead"]);
export type JobState = z.infer<typeof JobState>;

export const ListJobs = Listed.extend({ state: JobState.default("dead") });
export type ListJobs = z.infer<typeof ListJobs>;

export const JobId = z.uuid().brand("JobId");
export type JobId = z.infer<typeof JobId>;

/** A job, by what kind it is and how it went: what it is about may be somebody's own. */
export const JobView = z.object({
  id: JobId,
  kind: z.string(),
  state: JobState,
  tries: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** What kind of error it was, the last time. */
  error: z.string().nullable(),
});
export type JobView = z.infer<typeof JobView>;

export const JobCount = z.object({ state: JobState, count: z.int() });
export type JobCount = z.infer<typeof JobCount>;

/** Where a pair's room is and how it stands; what is said in it is nobody's business here. */
export const RoomCase = z
  .object({
    pairId: PairId,
    status: z.enum(["open", "closed"]),
    /** The process that runs it; null if nobody does. */
    owner: z.string().nullable(),
    /** When that process last said that it lives; null if it is on no list any more. */
    ownerBeatAt: z.iso.datetime().nullable(),
    epoch: z.int(),
    revision: z.int(),
    version: z.int(),
    firstSeq: z.int(),
    lastSeq: z.int(),
    claimedAt: z.iso.datetime().nullable(),
    /** As the process that runs it tells; null if it is not open, or did not answer. */
    live: z.object({ devices: z.int(), queue: z.int() }).nullable(),
    /** What went wrong there last, as that process tells, also of one that is not open any more; null if nothing did. */
    lastError: z.object({ code: z.string(), kind: z.string(), at: z.iso.datetime() }).nullable(),
  })
  .meta({ id: "RoomCase" });
export type RoomCase = z.infer<typeof RoomCase>;

/** Of one person, of one of those who work here, or all there is; only what the latter did. */
export const ListAudit = Listed.extend({ person: UserId.optional(), staff: UserId.optional() });
export type ListAudit = z.infer<typeof ListAudit>;

export const AuditView = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  /** Null: whoever runs the server, by the command. */
  staffId: UserId.nullable(),
  role: StaffRole.nullable(),
  action: AuditAction,
  personId: UserId.nullable(),
  about: z.uuid().nullable(),
  reason: z.string().nullable(),
});
export type AuditView = z.infer<typeof AuditView>;

export const JobPage = z.object({
  jobs: z.array(JobView).readonly(),
  counts: z.array(JobCount).readonly(),
  nextCursor,
});
export type JobPage = z.infer<typeof JobPage>;

export const RoomFound = z.object({ room: RoomCase });

export const AuditPage = z.object({ entries: z.array(AuditView).readonly(), nextCursor });
export type AuditPage = z.infer<typeof AuditPage>;
