import { AlertId, MomentId, PressId, Press as PressInput, SendAlert } from "../../schema/wire/twintuition.ts";
import type { ChatEvent } from "./chat-history.ts";
import { instantOf } from "./fair-time.ts";
import { command, type Decision, type Moment } from "./feature.ts";
import { momentInWords } from "./keyword-moments.ts";
import { dayOfPair } from "./pair-day.ts";
import type { Alert, Feeling, Press, TwinMoment, Twintuition, TwintuitionEvent } from "./twintuition-history.ts";

/**
 * A press meets the nearest open one of the twin within the window, and both are spent on the moment they make: it is
 * written with the press that makes it, or not at all.
 */
const press = command(PressInput, {
  decide: (state: Twintuition, { pressedAt, feeling }, moment): Decision<TwintuitionEvent> => {
    const { actor: userId, now, agreed } = moment;
    const id = PressId.parse(moment.newId(now));
    const salt = moment.newSalt();
    const { windowMs } = agreed;
    const sealed = feeling === undefined ? null : moment.seal(JSON.stringify([id, feeling]));
    const instant = instantOf(moment.arrival, pressedAt);
    const own: Press = { fact: "press", id, userId, ...instant, windowMs, feeling: sealed, salt, momentId: null };
    const pressed = { type: "twintuition.pressed", id, at: now, salt, press: own } as const;
    const other = nearest(own, state.presses, (one) => Math.min(one.windowMs, windowMs));
    return other ? [pressed, metPresses(state, moment, own, other)] : [pressed];
  },
});

const alert = command(SendAlert, {
  decide: (state: Twintuition, { kind, text = null, intensity = null }, moment): Decision<TwintuitionEvent> => {
    const { actor: userId, now: at, agreed } = moment;
    const id = AlertId.parse(moment.newId(at));
    const salt = moment.newSalt();
    const own: Alert = { fact: "alert", id, userId, kind, text, intensity, at, salt, momentId: null };
    const sent = { type: "twintuition.alert_sent", id, at, salt, alert: own } as const;
    const other = nearest(own, state.alerts, () => agreed.windowMs);
    return other ? [sent, metAlerts(state, moment, own, other)] : [sent];
  },
});

export const twintuitionCommands = { "twintuition.press": press, "twintuition.alert": alert };

/** What the words of a message tell of. Nothing that is sealed from us is looked at, nor what either does not want. */
export function momentsAfter(state: Twintuition, event: ChatEvent, moment: Moment): readonly TwintuitionEvent[] {
  if (event.type !== "chat.message_sent" || event.kind !== "text" || !moment.agreed.keywordMoments) return [];
  const { text, encrypted } = event.body;
  const told = text === null || encrypted !== null ? undefined : momentInWords(text);
  if (!told) return [];
  const noticed = { algorithm: "words", at: event.at, messageId: event.id, ...told } as const;
  return [momentMade(state, moment, { ...NOTHING_MEASURED, ...noticed, feelings: [] }, [])];
}

const NOTHING_MEASURED = { dtMs: null, uncertaintyMs: null, windowMs: null } as const;

function metPresses(state: Twintuition, moment: Moment, own: Press, other: Press): TwintuitionEvent {
  const windowMs = Math.min(own.windowMs, other.windowMs);
  const dtMs = Math.abs(own.at - other.at);
  const made: Made = {
    type: "sync",
    algorithm: "press",
    at: Math.max(own.at, other.at),
    confidence: 1 - dtMs / windowMs,
    dtMs,
    uncertaintyMs: own.uncertaintyMs + other.uncertaintyMs,
    windowMs,
    feelings: [other, own].flatMap((one) => opened(one, moment)),
    messageId: null,
    phrases: [],
  };
  return momentMade(state, moment, made, [other, own]);
}

/** Alerts are taken as they come, so how far apart they came is known exactly. */
function metAlerts(state: Twintuition, moment: Moment, own: Alert, other: Alert): TwintuitionEvent {
  const { windowMs } = moment.agreed;
  const dtMs = Math.abs(own.at - other.at);
  const measured = { dtMs, uncertaintyMs: 0, windowMs, confidence: 1 - dtMs / windowMs };
  const at = Math.max(own.at, other.at);
  const made: Made = {
    ...{ type: "connection", algorithm: "alerts", at, ...measured },
    ...{ feelings: [], messageId: null, phrases: [] },
  };
  return momentMade(state, moment, made, [other, own]);
}

type Made = Omit<TwinMoment, "fact" | "id" | "number" | "day" | "ofDay" | "parts">;

/** Neither the moments of a pair nor its days run backwards, whatever clocks and travellers do. */
function momentMade(
  { latest }: Twintuition,
  { now, newId, agreed }: Moment,
  made: Made,
  parts: readonly (Press | Alert)[],
): TwintuitionEvent {
  const id = MomentId.parse(newId(now));
  const at = Math.max(made.at, latest?.at ?? 0);
  const day = latestOf(dayOfPair(at, agreed.zones), latest?.day);
  const place = { number: (latest?.number ?? 0) + 1, day, ofDay: day === latest?.day ? latest.ofDay + 1 : 1 };
  const moment: TwinMoment = { fact: "moment", id, ...made, at, ...place, parts: parts.map((part) => part.id) };
  return {
    type: "twintuition.moment_made",
    id,
    at: now,
    salt: null,
    moment,
    spent: parts.map((one) => spent(one, id)),
  };
}

const latestOf = (day: string, before = day): string => (day > before ? day : before);

/** Its word is the moment's from now on. */
function spent(part: Press | Alert, momentId: MomentId): Press | Alert {
  return part.fact === "press" ? { ...part, momentId, feeling: null } : { ...part, momentId };
}

/** Of the twin's, within the window; of two that are as near, the older one, which has waited longer. */
function nearest<One extends Press | Alert>(
  own: One,
  others: readonly One[],
  windowOf: (one: One) => number,
): One | undefined {
  const distance = (one: One) => Math.abs(own.at - one.at);
  return others
    .filter((one) => one.userId !== own.userId && distance(one) <= windowOf(one))
    .reduce<One | undefined>((best, one) => (best && distance(best) <= distance(one) ? best : one), undefined);
}

/** A word is sealed with the press it belongs to, so that none can be put in another's place. */
function opened({ id, userId, feeling }: Press, { open }: Moment): Feeling[] {
  const [pressId, word]: readonly unknown[] = JSON.parse((feeling && open(feeling)) || "[]");
  return pressId === id && typeof word === "string" ? [{ userId, feeling: word }] : [];
}
