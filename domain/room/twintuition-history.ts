import type { MessageId, UserId } from "../../schema/wire/ids.ts";
import type {
  AlertId,
  AlertKind,
  MomentAlgorithm,
  MomentId,
  MomentType,
  PressId,
} from "../../schema/wire/twintuition.ts";

/** "I feel my twin now." Nobody but who pressed knows of it until it has met another. Times are milliseconds since 1970. */
export interface Press {
  readonly fact: "press";
  readonly id: PressId;
  readonly userId: UserId;
  readonly at: number;
  readonly uncertaintyMs: number;
  /** As the two had set it when it was pressed: a press can meet another within that, and is forgotten after it. */
  readonly windowMs: number;
  /** Sealed; null if nothing was said, and once it is told or forgotten. */
  readonly feeling: string | null;
  /** Null once it is forgotten. */
  readonly salt: string | null;
  /** What it was spent on. */
  readonly momentId: MomentId | null;
}

export interface Alert {
  readonly fact: "alert";
  readonly id: AlertId;
  readonly userId: UserId;
  readonly kind: AlertKind;
  readonly text: string | null;
  readonly intensity: number | null;
  readonly at: number;
  readonly salt: string | null;
  readonly momentId: MomentId | null;
}

export interface Feeling {
  readonly userId: UserId;
  readonly feeling: string;
}

/** One instant, felt twice. */
export interface TwinMoment {
  readonly fact: "moment";
  readonly id: MomentId;
  /** The first of the pair is 1. */
  readonly number: number;
  /** By the pair's clock, and the how-manieth of that day it is. */
  readonly day: string;
  readonly ofDay: number;
  readonly at: number;
  readonly type: MomentType;
  readonly algorithm: MomentAlgorithm;
  readonly confidence: number;
  readonly dtMs: number | null;
  readonly uncertaintyMs: number | null;
  readonly windowMs: number | null;
  readonly feelings: readonly Feeling[];
  readonly messageId: MessageId | null;
  readonly phrases: readonly string[];
  /** The presses, or the alerts, that were spent on it. */
  readonly parts: readonly string[];
}

export type TwintuitionFact = Press | Alert | TwinMoment;

interface About {
  readonly id: string;
  readonly at: number;
  readonly salt: string | null;
}

export type TwintuitionEvent = About &
  (
    | { readonly type: "twintuition.pressed"; readonly press: Press }
    | { readonly type: "twintuition.alert_sent"; readonly alert: Alert }
    | {
        readonly type: "twintuition.moment_made";
        readonly moment: TwinMoment;
        /** Its parts, as they are from then on. */
        readonly spent: readonly (Press | Alert)[];
      }
  );

/** A press is a secret: it takes no step that a twin could see. */
export const twintuitionReach = {
  "twintuition.pressed": "private",
  "twintuition.alert_sent": "shared",
  "twintuition.moment_made": "shared",
} as const satisfies Record<TwintuitionEvent["type"], "numbered" | "shared" | "private">;

/** The longest window there is. */
export const LONGEST_WINDOW_MS = 15 * 60_000;

/** What came in time may have waited for a database that did not answer; so nothing is forgotten on the dot. */
export const KEPT_LONGER_MS = 60_000;

/** What may still meet something, oldest first, and the newest moment, which knows how many there were. */
export interface Twintuition {
  readonly presses: readonly Press[];
  readonly alerts: readonly Alert[];
  readonly latest: TwinMoment | undefined;
}

export const noTwintuition: Twintuition = { presses: [], alerts: [], latest: undefined };

export function openTwintuition(facts: readonly TwintuitionFact[]): Twintuition {
  return {
    presses: facts.flatMap((fact) => (fact.fact === "press" && isOpen(fact) ? fact : [])),
    alerts: facts.flatMap((fact) => (fact.fact === "alert" && isOpen(fact) ? fact : [])),
    latest: facts.findLast((fact): fact is TwinMoment => fact.fact === "moment"),
  };
}

export function evolveTwintuition(state: Twintuition, event: TwintuitionEvent): Twintuition {
  const { presses, alerts } = withoutForgotten(state, event.at);
  switch (event.type) {
    case "twintuition.pressed":
      return { ...state, alerts, presses: isOpen(event.press) ? [...presses, event.press] : presses };
    case "twintuition.alert_sent":
      return { ...state, presses, alerts: isOpen(event.alert) ? [...alerts, event.alert] : alerts };
    case "twintuition.moment_made": {
      const isLeft = ({ id }: Press | Alert) => !event.moment.parts.includes(id);
      return { presses: presses.filter(isLeft), alerts: alerts.filter(isLeft), latest: event.moment };
    }
  }
}

/** What an event leaves in the tables, each under its id. */
export function twintuitionTouched(event: TwintuitionEvent): readonly (readonly [string, TwintuitionFact])[] {
  switch (event.type) {
    case "twintuition.pressed":
      return [[event.id, event.press]];
    case "twintuition.alert_sent":
      return [[event.id, event.alert]];
    case "twintuition.moment_made":
      return [[event.id, event.moment], ...event.spent.map((part) => [part.id, part] as const)];
  }
}

/** What a row says when it is read again, by what it is about as that stands now. */
export function readBackTwintuition(at: number, fact: TwintuitionFact): TwintuitionEvent {
  const about = { id: fact.id, at };
  switch (fact.fact) {
    case "press":
      return { type: "twintuition.pressed", ...about, salt: fact.salt, press: fact };
    case "alert":
      return { type: "twintuition.alert_sent", ...about, salt: fact.salt, alert: fact };
    case "moment":
      return { type: "twintuition.moment_made", ...about, salt: null, moment: fact, spent: [] };
  }
}

export const momentsTotal = ({ latest }: Twintuition): number => latest?.number ?? 0;

/** On that day of the pair's clock, if it is the present one. */
export const momentsOn = ({ latest }: Twintuition, day: string): number =>
  latest && latest.day >= day ? latest.ofDay : 0;

const isOpen = ({ momentId, salt }: Press | Alert): boolean => momentId === null && salt !== null;

function withoutForgotten({ presses, alerts }: Twintuition, now: number): Pick<Twintuition, "presses" | "alerts"> {
  return {
    presses: presses.filter(({ at, windowMs }) => now <= at + windowMs + KEPT_LONGER_MS),
    alerts: alerts.filter(({ at }) => now <= at + LONGEST_WINDOW_MS + KEPT_LONGER_MS),
  };
}
