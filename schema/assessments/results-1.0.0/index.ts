import type { Locale } from "../../wire/assessments.ts";
import type { ResultTexts } from "../texts.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";

export const resultTexts: Readonly<Record<Locale, ResultTexts>> = { en, de, es };
