import { z } from "zod";
import { MediaId, UserId } from "./ids.ts";
import { ExportId } from "./privacy.ts";

/** Everything that is done later, by a worker, at least once. Kept as rows: only add to it. */
export const Job = z.discriminatedUnion("what", [
  /** A row of deliveries is sent, or tried again. */
  z.object({ what: z.literal("deliver"), deliveryId: z.uuid() }),
  /** Mails a link to whoever has that address, if anybody does: nobody who asks for one learns that by how long it takes. */
  z.object({
    what: z.literal("mail.link"),
    purpose: z.enum(["verify_address", "reset_password"]),
    address: z.string(),
  }),
  /** `proof` stands for the password that it was asked with. */
  z.object({ what: z.literal("mail.change"), userId: UserId, address: z.string(), proof: z.string() }),
  z.object({ what: z.literal("export"), exportId: ExportId }),
  z.object({ what: z.literal("erase"), userId: UserId }),
  /** What they agreed to give to studies is given. */
  z.object({ what: z.literal("research.intake"), userId: UserId }),
  z.object({ what: z.literal("research.withdraw"), withdrawalId: z.uuid() }),
  /** What was uploaded is looked at, and made fit to be shown. */
  z.object({ what: z.literal("media.check"), mediaId: MediaId }),
]);
export type Job = z.infer<typeof Job>;
