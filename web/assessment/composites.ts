import type { Composite } from "../../schema/wire/assessments.ts";

export const COMPOSITES: readonly (readonly [Composite, string])[] = [
  ["CI", "Codependency"],
  ["ARI", "Autonomy and resilience"],
  ["TRS", "Transition risk"],
];
