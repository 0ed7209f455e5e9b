import { type SchemaType, schema, t } from "@colyseus/schema";

/** Who shares the room, and how they are right now. */
export const Member = schema(
  {
    userId: t.string(),
    name: t.string(),
    accentColor: t.string(),
    /** A media id. */
    avatar: t.string().optional(),
    /** online, away, offline, or unknown while nobody can tell. */
    status: t.string(),
    /** ISO 8601; absent while they do not want it known. */
    lastSeen: t.string().optional(),
    devices: t.uint8(),
    typing: t.boolean(),
    /** text or voice. */
    typingKind: t.string(),
    deliveredSeq: t.number(),
    /** As far as the other twin may know. */
    readSeq: t.number(),
    assessment: t.ref(
      schema(
        {
          sessionId: t.string().optional(),
          bankVersion: t.string().optional(),
          answered: t.uint16(),
          total: t.uint16(),
          /** none, in_progress or completed. */
          status: t.string(),
          updatedAt: t.string().optional(),
        },
        "AssessmentProgress",
      ),
    ),
  },
  "Member",
);
export type Member = SchemaType<typeof Member>;

export const Twintuition = schema(
  {
    lastMomentId: t.string().optional(),
    lastMomentAt: t.string().optional(),
    momentsToday: t.number(),
    momentsTotal: t.number(),
  },
  "Twintuition",
);

/** What a joined device sees without asking: small, alive, and the same for both. Messages are events. */
export const PairState = schema(
  {
    pairId: t.string(),
    /** Grows by one with every durable change that a twin may see. */
    version: t.number(),
    firstSeq: t.number(),
    lastSeq: t.number(),
    members: t.map(Member),
    twintuition: t.ref(Twintuition),
    unpaired: t.boolean(),
  },
  "PairState",
);
export type PairState = SchemaType<typeof PairState>;

/** A waiting room shows nothing; it tells. */
export const WaitingState = schema({ userId: t.string() }, "WaitingState");
export type WaitingState = SchemaType<typeof WaitingState>;
