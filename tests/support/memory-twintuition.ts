import type { Alert, Press, TwinMoment, TwintuitionFact } from "../../domain/room/twintuition-history.ts";
import { type KeptAlert, type TwintuitionArchive, twintuition } from "../../domain/twintuition.ts";
import type { MemoryJournal } from "./memory-journal.ts";

/** What was felt, as a memory journal has it. Nothing is ever seen there, or forgotten. */
export function memoryTwintuition(journal: MemoryJournal) {
  const all = (pairId: string) => [...journal.history(pairId).felt.values()].toReversed();
  const alerts = (pairId: string) => all(pairId).flatMap((fact) => (isAlert(fact) ? kept(fact) : []));
  const moments = (pairId: string) => all(pairId).filter(isMoment);
  const archive: TwintuitionArchive = {
    press: async (pairId, id) =>
      all(pairId)
        .filter(isPress)
        .find((press) => press.id === id),
    alert: async (pairId, id) => alerts(pairId).find((alert) => alert.id === id),
    moment: async (pairId, id) => moments(pairId).find((moment) => moment.id === id),
    alerts: async (pairId) => alerts(pairId),
    moments: async (pairId) => moments(pairId),
    unseen: async () => 0,
    see: async (pairId, _userId, id) => alerts(pairId).some((alert) => alert.id === id),
    days: async () => [],
    tally: async () => ({ moments: 0, sure: 0, met: 0 }),
    presses: async () => [0, 0],
    pairedAt: async () => 0,
    forget: async () => 0,
  };
  const secrets = { sign: () => "signed", isSigned: () => true };
  return twintuition({ archive, people: { of: async () => [] }, clock: { now: Date.now }, secrets });
}

const isPress = (fact: TwintuitionFact): fact is Press => fact.fact === "press";
const isAlert = (fact: TwintuitionFact): fact is Alert => fact.fact === "alert";
const isMoment = (fact: TwintuitionFact): fact is TwinMoment => fact.fact === "moment";

const kept = (alert: Alert): KeptAlert => ({ ...alert, seenAt: null });
