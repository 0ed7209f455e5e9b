import { z } from "zod";
import { Channel } from "./letters.ts";
import { storable } from "./text.ts";

/** What one looks for among all that was sent: whatever went to an address, by one channel or by any. */
export const ReadMailbox = z.strictObject({ to: storable(300).optional(), channel: Channel.optional() });
export type ReadMailbox = z.infer<typeof ReadMailbox>;

/** A message that stayed here, as whoever it was for would have seen it. */
export const MailboxItem = z.object({
  id: z.uuid(),
  channel: Channel,
  to: z.string(),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  links: z.array(z.string()),
  code: z.string().nullable(),
  at: z.iso.datetime(),
});
export type MailboxItem = z.infer<typeof MailboxItem>;
