import { z } from "zod";
import { Category } from "./assessments.ts";
import { storable } from "./text.ts";

/** What an app was used for, in a word of the app's own: nothing that somebody wrote fits in it. */
const Slug = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z_-]{0,29}\d{0,2}$/,
    "must be one word of letters, _ and -, at most 30, and a number up to 99",
  );

const count = (most: number) => z.int().min(0).max(most);

const DAY_SECONDS = 86_400;

const EventId = storable(64).refine((id) => id !== "", "must not be empty");

const common = {
  /** The client's own: the same one counts once. */
  eventId: EventId,
  timestamp: z.iso.datetime({ offset: true }),
  /** Taken, and not kept. */
  sessionId: storable(64).optional(),
};

/** All that each kind of event may say; whatever else it says is refused. */
const DATA = {
  app_usage: z.strictObject({ screen: Slug.optional(), seconds: z.number().min(0).max(DAY_SECONDS).optional() }),
  game_interaction: z.strictObject({
    game: Slug.optional(),
    action: Slug.optional(),
    score: z.number().min(-1e6).max(1e6).optional(),
  }),
  assessment_behavior: z.strictObject({
    category: Category.optional(),
    responseTimeMs: z.number().min(0).max(3_600_000).optional(),
    changes: count(1000).optional(),
  }),
  communication_pattern: z.strictObject({
    messages: count(100_000).optional(),
    minutes: z.number().min(0).max(1440).optional(),
  }),
};

export const EventType = z.enum(["app_usage", "game_interaction", "assessment_behavior", "communication_pattern"]);
export type EventType = z.infer<typeof EventType>;

export const TelemetryEvent = z.discriminatedUnion("eventType", [
  z.strictObject({ ...common, eventType: z.literal("app_usage"), data: DATA.app_usage }),
  z.strictObject({ ...common, eventType: z.literal("game_interaction"), data: DATA.game_interaction }),
  z.strictObject({ ...common, eventType: z.literal("assessment_behavior"), data: DATA.assessment_behavior }),
  z.strictObject({ ...common, eventType: z.literal("communication_pattern"), data: DATA.communication_pattern }),
]);
export type TelemetryEvent = z.infer<typeof TelemetryEvent>;

/** More than a phone has to tell that was offline for a week. */
export const MOST_EVENTS = 1000;

/** A body of that many events, each as long as it may be. */
export const TELEMETRY_BYTES = 1024 * 1024;

const Batch = z.strictObject({
  batchId: EventId.optional(),
  events: z.array(TelemetryEvent).min(1, "must not be empty").max(MOST_EVENTS, `must be at most ${MOST_EVENTS} events`),
});

const Single = z.strictObject({ event: TelemetryEvent });

/** A batch of one is a batch, so that whatever is wrong with an event is named in the same way. */
function asBatch(body: unknown): unknown {
  if (typeof body !== "object" || body === null || "events" in body) return body;
  return { events: ["event" in body ? body.event : body] };
}

/** The same for whoever reads the interface. */
const Forms = z.union([Batch, Single, TelemetryEvent]);

/** Many events; or one, as `event` or as it is. */
export const Telemetry = z.preprocess(asBatch, Batch).meta({
  override: ({ jsonSchema }) => Object.assign(jsonSchema, z.toJSONSchema(Forms, { io: "input" })),
});
export type Telemetry = z.infer<typeof Telemetry>;

export const Taken = z.object({
  /** Counted once, in however many studies. */
  accepted: z.int(),
  /** Told before. */
  duplicates: z.int(),
  /** Of before one took part, or of too long ago. */
  ignored: z.int(),
});
export type Taken = z.infer<typeof Taken>;
