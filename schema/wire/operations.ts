import { z } from "zod";

/** How a process is, to whoever looks after it. */
export const Health = z.object({
  success: z.literal(true),
  status: z.enum(["healthy", "degraded"]),
  version: z.string(),
  timestamp: z.iso.datetime(),
  services: z.object({
    database: z.enum(["connected", "unavailable"]),
    redis: z.enum(["connected", "unavailable", "not configured"]),
    realtime: z.enum(["ready", "not ready", "cut off"]),
  }),
});
