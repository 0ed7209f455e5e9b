import type { Archive } from "../../../domain/history.ts";
import { databaseArchive } from "./archive.ts";
import type { Lookups } from "./replica.ts";

/**
 * What was written, as a replica has it, if there is one: a few seconds old at most. What is asked for by its number or id
 * is there: who asks may have it from the primary.
 */
export function replicaArchive({ ask }: Lookups): Archive {
  const from = <T>(question: (archive: Archive) => Promise<T>, willDo?: (answer: T) => boolean) =>
    ask((pool) => question(databaseArchive(pool)), willDo);
  return {
    extent: (pairId) => from((archive) => archive.extent(pairId)),
    bySeq: (pairId, first, last) =>
      from(
        (archive) => archive.bySeq(pairId, first, last),
        (found) => found.length === last - first + 1,
      ),
    byId: (pairId, ids) =>
      from(
        (archive) => archive.byId(pairId, ids),
        (found) => found.length === ids.length,
      ),
    changes: (pairId, afterVersion, limit) => from((archive) => archive.changes(pairId, afterVersion, limit)),
    withTerms: (pairId, terms, beforeId, limit) => from((archive) => archive.withTerms(pairId, terms, beforeId, limit)),
    seqBefore: (pairId, at) => from((archive) => archive.seqBefore(pairId, at)),
    marks: (pairId) => from((archive) => archive.marks(pairId)),
  };
}
