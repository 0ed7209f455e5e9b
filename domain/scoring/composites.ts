import type { CompositeScores } from "../../schema/wire/assessments.ts";
import { COMPOSITES, perComposite } from "./keys.ts";
import { type Values, weightedMean } from "./subscales.ts";

/** From the values as they were given: what is reversed for a subscale is worded in the composite's own direction. */
export const composites = (values: Values): CompositeScores =>
  perComposite((composite) => weightedMean(COMPOSITES[composite], values));
