import { z } from "zod";

/** Later than that nobody has paid for anything: it is a mistake, or somebody's way of saying never. */
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Milliseconds since 1970. What is no time at all is taken for not said, and nothing else of the event suffers by it. */
const time = z.number().positive().max(LATEST_MS).nullish().catch(null);

const text = z.string().max(500).nullish().catch(null);

const ids = z.array(z.string().max(500)).max(100).nullish().catch(null);

/**
 * What RevenueCat tells of one purchase, as far as we ask. It tells more every year, and of more kinds: what we have no
 * word for is passed over. Only its own id and kind must be there.
 */
export const RevenuecatEvent = z.object({
  id: z.string().min(1).max(200),
  type: z.string().min(1).max(100),
  app_id: text,
  app_user_id: text,
  original_app_user_id: text,
  aliases: ids,
  event_timestamp_ms: time,
  product_id: text,
  period_type: text,
  purchased_at_ms: time,
  expiration_at_ms: time,
  grace_period_expiration_at_ms: time,
  store: text,
  environment: text,
  cancel_reason: text,
  expiration_reason: text,
  transaction_id: text,
  original_transaction_id: text,
  transferred_from: ids,
  transferred_to: ids,
});
export type RevenuecatEvent = z.infer<typeof RevenuecatEvent>;

export const RevenuecatHook = z.object({ event: RevenuecatEvent });

/** An instant, or nothing; one that cannot be read is no mistake of the rest. */
const date = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((at) => at > 0 && at < LATEST_MS)
  .nullish()
  .catch(null);

/** One of the subscriptions in what RevenueCat has of somebody. */
export const RevenuecatSubscription = z.object({
  expires_date: date,
  grace_period_expires_date: date,
  purchase_date: date,
  original_purchase_date: date,
  unsubscribe_detected_at: date,
  billing_issues_detected_at: date,
  refunded_at: date,
  auto_resume_date: date,
  period_type: text,
  store: text,
  // Who does not say that it is real has not paid.
  is_sandbox: z.boolean().catch(true),
});

export const RevenuecatAnswer = z.object({
  request_date_ms: z.number().positive(),
  subscriber: z.object({ subscriptions: z.record(z.string(), RevenuecatSubscription) }),
});
export type RevenuecatSubscription = z.infer<typeof RevenuecatSubscription>;
export type RevenuecatAnswer = z.infer<typeof RevenuecatAnswer>;
