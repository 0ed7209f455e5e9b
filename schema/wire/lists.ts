import { z } from "zod";
import { storable } from "./text.ts";

const MOST = 100;

/** Of a list that is read page by page. */
export const Listed = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${MOST}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= MOST, `must be a whole number from 1 to ${MOST}`)
    .default(50),
  /** `nextCursor` of the page before. */
  cursor: storable(400).optional(),
});
export type Listed = z.infer<typeof Listed>;

export const nextCursor = z.string().nullable();
