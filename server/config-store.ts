import { z } from "zod";
import { isOrigin } from "./config-forms.ts";
import { Secret } from "./secret.ts";

const told = z
  .string()
  .trim()
  .min(4, "must be of 4 characters or more")
  .transform((value) => new Secret(value))
  .optional();

/** Who sells subscriptions. Without any of these, the store at /dev/store does, and not in production. */
export const storeVariables = {
  /** Its records are the truth; unset: what it tells by its events is. */
  REVENUECAT_API_KEY: told,
  /** Where its API is, if not at RevenueCat. */
  REVENUECAT_API_URL: z.string().refine(isOrigin, "must be a URL like https://api.revenuecat.com").optional(),
  /** What it was told to send as Authorization with each event. Unset, without a secret: no event is believed. */
  REVENUECAT_WEBHOOK_AUTH: told,
  /** What it signs its events with, where that was switched on. */
  REVENUECAT_WEBHOOK_SECRET: told,
  /** Its ids of our apps; unset: any app's events count that tell of our products. */
  REVENUECAT_APP_IDS: z
    .string()
    .transform((value) => value.split(",").flatMap((item) => item.trim() || []))
    .default([]),
};
