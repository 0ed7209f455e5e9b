import { z } from "zod";

const axis = z.object({
  label: z.string(),
  unit: z.string(),
  /** Powers of ten at the same distance, for what grows by factors. */
  isLog: z.boolean().exactOptional(),
});

const described = {
  /** Its file's name, without the ending. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1),
  /** What it shows, for who does not see it, and how it was measured. */
  description: z.string().min(1),
};

const bars = z.object({
  ...described,
  kind: z.literal("bars"),
  unit: z.string(),
  groups: z
    .array(z.object({ label: z.string(), bars: z.array(z.object({ label: z.string(), value: z.number() })).min(1) }))
    .min(1),
});

const lines = z.object({
  ...described,
  kind: z.literal("lines"),
  x: axis,
  y: axis,
  series: z
    .array(z.object({ label: z.string(), points: z.array(z.tuple([z.number(), z.number()])).min(1) }))
    .min(1)
    .max(6),
});

/** A picture of what was measured, before it is drawn: it travels with the results. */
export const chartSpec = z.discriminatedUnion("kind", [bars, lines]);

export type ChartSpec = z.infer<typeof chartSpec>;
export type BarsSpec = z.infer<typeof bars>;
export type LinesSpec = z.infer<typeof lines>;
export type Axis = z.infer<typeof axis>;
