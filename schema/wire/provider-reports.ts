import { z } from "zod";

export const DeliveryId = z.uuid();

/** What SendGrid tells of one mail. It tells more, and of more kinds, every year: what we have no word for is passed over. */
export const MailEvent = z.object({
  event: z.string(),
  /** Seconds since 1970. */
  timestamp: z.number().nonnegative(),
  /** Ours, which came along with the mail. */
  deliveryId: DeliveryId.optional(),
  email: z.string().optional(),
  reason: z.string().optional(),
  /** Of a bounce: for good, or only this time. */
  type: z.string().optional(),
});
export type MailEvent = z.infer<typeof MailEvent>;

/** What Twilio tells of one message, or that somebody sent us one. */
export const TextEvent = z.object({
  MessageSid: z.string().optional(),
  SmsSid: z.string().optional(),
  MessageStatus: z.string().optional(),
  ErrorCode: z.string().optional(),
  From: z.string().optional(),
  Body: z.string().optional(),
  /** STOP, START or HELP, where Twilio has understood it already. */
  OptOutType: z.string().optional(),
});
export type TextEvent = z.infer<typeof TextEvent>;
