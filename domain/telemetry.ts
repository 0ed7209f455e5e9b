import { createHmac } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import type { Study } from "../schema/entities/study.ts";
import { StudyEvent } from "../schema/entities/study-event.ts";
import type { Taken, Telemetry, TelemetryEvent } from "../schema/wire/telemetry.ts";
import { dayOf } from "./birthdays.ts";
import type { Caller, Clock, Database, Limits } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { StudyPeople } from "./study-people.ts";
import { type TakingPart, takingPart } from "./study-standings.ts";

const DAY_MS = 86_400_000;

/** A phone may have been away for so long. */
const OLDEST_MS = 30 * DAY_MS;

/** A phone's clock may be that much ahead of ours. */
const AHEAD_MS = 5 * 60_000;

export interface TelemetryDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "take">;
  readonly people: Pick<StudyPeople, "findOrMake">;
}

export type TelemetryTaking = ReturnType<typeof telemetryTaking>;

type Outcome = "accepted" | "duplicate" | "ignored";

/** How the app is used by people who agreed to tell studies, and by nobody else. */
export function telemetryTaking({ database, clock, limits, people }: TelemetryDeps) {
  /** Of the time since they agreed, and not of a time that a phone made up. */
  function isWanted({ timestamp }: TelemetryEvent, { consent }: TakingPart): boolean {
    const [at, now] = [Date.parse(timestamp), clock.now()];
    return at >= consent.at.getTime() && at <= now + AHEAD_MS && at >= now - OLDEST_MS;
  }

  /** What became of each, by its id. */
  async function put(
    em: EntityManager,
    part: TakingPart,
    pseudonym: string,
    events: readonly TelemetryEvent[],
  ): Promise<ReadonlyMap<string, Outcome>> {
    const studyId = part.study.id;
    const rows = new Map(
      events
        .filter((event) => isWanted(event, part))
        .map(({ eventId, eventType, timestamp, data }) => [
          eventId,
          {
            ...{ studyId, pseudonym, eventKey: keyOf(part.study, eventId) },
            ...{ type: eventType, day: dayOf(Date.parse(timestamp)), body: data },
          },
        ]),
    );
    const keys = [...rows.values()].map(({ eventKey }) => eventKey);
    const known = await em.find(
      StudyEvent,
      { studyId, pseudonym, eventKey: { $in: keys } },
      { fields: ["eventKey"], disableIdentityMap: true },
    );
    const told = new Set(known.map(({ eventKey }) => eventKey));
    const fresh = [...rows.values()].filter(({ eventKey }) => !told.has(eventKey));
    if (fresh.length > 0) await em.insertMany(StudyEvent, fresh);
    return new Map(
      events.map(({ eventId }) => {
        const row = rows.get(eventId);
        return [eventId, row ? (told.has(row.eventKey) ? "duplicate" : "accepted") : "ignored"];
      }),
    );
  }

  return {
    /**
     * Each event once for every study that wants it, whatever comes again. Throws FORBIDDEN for who takes part in none
     * that collects this (any more), RATE_LIMIT_EXCEEDED above 10,000 events an hour.
     */
    async take({ userId }: Caller, { events }: Telemetry): Promise<Taken> {
      await limits.take("telemetry", userId, events.length);
      return database.transaction(async (em) => {
        const user = await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const parts = (await takingPart(em, user, clock.now())).filter(({ study }) =>
          study.collects.includes("telemetry"),
        );
        if (parts.length === 0) throw new Refusal("FORBIDDEN", "You take part in no study that collects this");
        const outcomes: ReadonlyMap<string, Outcome>[] = [];
        for (const part of parts) {
          const { pseudonym } = await people.findOrMake(em, part.study, user);
          outcomes.push(await put(em, part, pseudonym, events));
        }
        return countOf(events, outcomes);
      });
    },
  };
}

/** Nothing of the client's own id is left in it, whatever that was made of; and in each study it is another one. */
const keyOf = ({ salt }: Study, eventId: string): string =>
  createHmac("sha256", salt).update(eventId).digest("base64url");

/** Who says something twice in one batch has said it once before. */
function countOf(events: readonly TelemetryEvent[], outcomes: readonly ReadonlyMap<string, Outcome>[]): Taken {
  const ids = new Set(events.map(({ eventId }) => eventId));
  const isAnywhere = (id: string, outcome: Outcome) => outcomes.some((one) => one.get(id) === outcome);
  const accepted = [...ids].filter((id) => isAnywhere(id, "accepted")).length;
  const ignored = [...ids].filter((id) => !isAnywhere(id, "accepted") && !isAnywhere(id, "duplicate")).length;
  return { accepted, ignored, duplicates: events.length - accepted - ignored };
}
