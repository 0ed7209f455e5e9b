import type { Locale } from "../../wire/assessments.ts";
import type { Recommendations } from "../texts.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";

export const recommendationTexts: Readonly<Record<Locale, Recommendations>> = { en, de, es };
