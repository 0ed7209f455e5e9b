import { Media } from "../schema/entities/media.ts";
import { factsOf } from "./media-views.ts";
import type { Database } from "./ports.ts";
import type { OfferMedia } from "./room/media.ts";

/** What a person may send in a pair: what they announced for it. */
export const mediaOffers =
  (database: Database): OfferMedia =>
  ({ userId, pairId }, id) =>
    database.read(async (em) => {
      const row = await em.findOne(Media, { id, ownerId: userId, pairId, goneAt: null }, { refresh: true });
      return row ? { purpose: row.purpose, isReady: row.status === "ready", facts: factsOf(row) } : undefined;
    });
