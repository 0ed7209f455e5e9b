import { AlertId, type AlertView, type MomentView } from "../../schema/wire/twintuition.ts";
import type { Alert, Feeling, TwinMoment } from "./twintuition-history.ts";

/** The same for both: neither is told more than the other. */
export function momentView(moment: TwinMoment): MomentView {
  const { fact: _, number: _number, ofDay: _ofDay, parts, phrases, at, feelings, ...shown } = moment;
  return {
    ...shown,
    at: new Date(at).toISOString(),
    feelings,
    sameFeeling: isSame(feelings),
    matchedPhrases: phrases,
    alertIds: moment.algorithm === "alerts" ? parts.map((id) => AlertId.parse(id)) : [],
  };
}

export function alertView(
  { id, userId: senderId, kind, text, intensity, at }: Alert,
  seenAt: number | null,
): AlertView {
  const seen = { seen: seenAt !== null, seenAt: seenAt === null ? null : new Date(seenAt).toISOString() };
  return { id, senderId, kind, text, intensity, sentAt: new Date(at).toISOString(), ...seen };
}

/** Whatever capitals a keyboard makes, and however letters are composed. */
function isSame(feelings: readonly Feeling[]): boolean | null {
  const [one, other] = feelings.map(({ feeling }) => feeling.normalize("NFKC").toUpperCase().toLowerCase());
  return one === undefined || other === undefined ? null : one === other;
}
