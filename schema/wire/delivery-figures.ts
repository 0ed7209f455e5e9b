import { z } from "zod";
import { Channel } from "./letters.ts";

const count = z.int().nonnegative();

/** What became of all messages of one kind by one way. */
export const DeliveryFigures = z.object({
  template: z.string(),
  channel: Channel,
  /** Taken by a provider. Those that were delivered, bounced, opened, clicked and answered are of these. */
  sent: count,
  delivered: count,
  bounced: count,
  opened: count,
  clicked: count,
  answered: count,
  /** Never arrived, whether a provider took it or not. */
  failed: count,
  /** Kept back from who wants nothing of us, or has no use for it any more. */
  suppressed: count,
  /** Still on their way. */
  waiting: count,
});
export type DeliveryFigures = z.infer<typeof DeliveryFigures>;
