import type { Archive, Change } from "../../domain/history.ts";
import { termsOf } from "../../domain/room/words.ts";
import type { MemoryJournal } from "./memory-journal.ts";

/** Reads what a memory journal holds, as rooms read a database. */
export function memoryArchive(journal: MemoryJournal): Archive {
  const messagesOf = (pairId: string) =>
    [...journal.history(pairId).messages.values()].sort((one, other) => one.seq - other.seq);
  return {
    extent: async (pairId) => journal.history(pairId).head,
    bySeq: async (pairId, from, to) => messagesOf(pairId).filter(({ seq }) => seq >= from && seq <= to),
    byId: async (pairId, ids) => messagesOf(pairId).filter(({ id }) => ids.includes(id)),
    changes: async (pairId, after, limit) =>
      journal
        .history(pairId)
        .rows.filter(({ version }) => version > after)
        .slice(0, limit)
        .map(
          ({ revision, version, event, ask }): Change => ({
            revision,
            version,
            subjectId: event.id,
            type: event.type,
            actor: ask?.actor ?? null,
          }),
        ),
    withTerms: async (pairId, terms, beforeId, limit) =>
      messagesOf(pairId)
        .filter(({ id, text }) => id < beforeId && text !== null && terms.isSubsetOf(new Set(termsOf(text))))
        .reverse()
        .slice(0, limit),
    seqBefore: async (pairId, at) => messagesOf(pairId).findLast(({ sentAt }) => sentAt < at)?.seq ?? 0,
    marks: async () => new Map(),
  };
}
