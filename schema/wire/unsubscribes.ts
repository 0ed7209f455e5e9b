import { z } from "zod";
import { UserId } from "./ids.ts";

/** What a link says by which somebody wants no more news of studies: whose mail it was, and a mark of where it went. */
export const UnsubscribeWish = z.object({ userId: UserId, addressKey: z.string() });
export type UnsubscribeWish = z.infer<typeof UnsubscribeWish>;
