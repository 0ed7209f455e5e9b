import { Delivery } from "../schema/entities/delivery.ts";
import { BEFORE_ALL_IDS } from "../schema/wire/ids.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Clock, Database, PushFate, PushSender } from "./ports.ts";

/** The provider knows by then what became of a push … */
const ASKED_AFTER_MS = 15 * 60_000;

/** … and has forgotten it after that. */
const KNOWN_FOR_MS = 24 * 60 * 60_000;

const AT_ONCE = 300;

export interface PushReceiptsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly deliveries: Pick<Deliveries, "reported">;
  readonly pusher: PushSender | undefined;
}

/**
 * Asks what became of pushes that the provider took a while ago; to be called every few minutes. A phone that it does
 * not know any more rings no more. Returns of how many it was known.
 */
export function pushReceipts({ database, clock, deliveries, pusher }: PushReceiptsDeps) {
  /** Of pushes nobody has heard of since they were sent, those after that one. */
  const sent = (after: Delivery | undefined): Promise<Delivery[]> => {
    const [from, to] = [KNOWN_FOR_MS, ASKED_AFTER_MS].map((ms) => new Date(clock.now() - ms));
    const createdAt = { $gt: from ?? null, $lte: to ?? null };
    const id = { $gt: after?.id ?? BEFORE_ALL_IDS };
    return database.read((em) =>
      em.find(
        Delivery,
        { channel: "push", status: "sent", createdAt, id, sentAt: { $lte: to ?? null } },
        { orderBy: { id: "asc" }, limit: AT_ONCE },
      ),
    );
  };

  async function note(deliveryId: string, fate: PushFate): Promise<void> {
    const told = fate.isDelivered
      ? ({ state: "delivered" } as const)
      : ({ state: "failed", reason: fate.reason } as const);
    await database.transaction((em, afterCommit) =>
      deliveries.reported(em, afterCommit, { deliveryId }, { ...told, at: clock.now() }),
    );
  }

  return async (): Promise<number> => {
    if (!pusher) return 0;
    let known = 0;
    for (let page = await sent(undefined); page.length > 0; page = await sent(page.at(-1))) {
      const fates = await pusher.receipts(page.flatMap(({ providerId }) => providerId ?? []));
      for (const { id, providerId } of page) {
        const fate = fates.get(providerId ?? "");
        if (fate) await note(id, fate);
      }
      known += fates.size;
    }
    return known;
  };
}
