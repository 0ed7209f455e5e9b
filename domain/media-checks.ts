import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import type { MediaId } from "../schema/wire/ids.ts";
import type { MediaFacts, MediaPurpose, Variant } from "../schema/wire/media.ts";
import type { MediaStore } from "./media-store.ts";
import { incomingKey, readyKey } from "./media-views.ts";
import type { Clock, Database } from "./ports.ts";

/** `bytes` and `contentType` of the facts are those of the largest variant. */
export type Verdict =
  | { readonly isFit: true; readonly facts: MediaFacts; readonly variants: readonly Variant[] }
  | { readonly isFit: false; readonly code: "UNSUPPORTED_MEDIA_TYPE" | "MEDIA_REFUSED"; readonly reason: string };

export interface ToCheck {
  readonly id: MediaId;
  readonly purpose: MediaPurpose;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

/** Looks at what was uploaded, where nothing else waits for it, and keeps what may be shown. Throws if it could not look. */
export type CheckMedia = (file: ToCheck) => Promise<Verdict>;

export interface MediaChecksDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly store: Pick<MediaStore, "remove">;
  readonly check: CheckMedia;
}

/** A worker's part: may be asked for one file again, and after a time that ended in the middle. */
export function mediaChecks({ database, clock, store, check }: MediaChecksDeps) {
  const waiting = (id: MediaId): Promise<Media | null> =>
    database.read((em) => em.findOne(Media, { id, goneAt: null, status: "checking" }, { refresh: true }));

  /** False if nobody wants to know any more. */
  const finish = (id: MediaId, verdict: Verdict): Promise<boolean> =>
    database.transaction(async (em) => {
      const row = await lock(em, id);
      if (row?.status !== "checking") return false;
      if (verdict.isFit) {
        const storedBytes = verdict.variants.reduce((sum, { bytes }) => sum + bytes, 0);
        const { facts, variants } = verdict;
        Object.assign(row, { ...facts, variants, storedBytes, status: "ready", readyAt: new Date(clock.now()) });
      } else {
        const { code: refusalCode, reason: refusalReason } = verdict;
        Object.assign(row, { status: "refused", refusalCode, refusalReason, storedBytes: 0 });
      }
      return true;
    });

  return async (id: MediaId): Promise<void> => {
    const file = await waiting(id);
    if (!file) return;
    const { purpose, contentType, bytes, sha256 } = file;
    const verdict = await check({ id, purpose, contentType, bytes, sha256 });
    const isWanted = await finish(id, verdict);
    const kept = verdict.isFit && !isWanted ? verdict.variants.map((variant) => readyKey(id, variant)) : [];
    await store.remove([incomingKey(id), ...kept]);
  };
}

const lock = (em: EntityManager, id: MediaId): Promise<Media | null> =>
  em.findOne(Media, { id, goneAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
