import type { Locale } from "../../wire/assessments.ts";
import type { BankTexts } from "../texts.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";

export const bankTexts: Readonly<Record<Locale, BankTexts>> = { en, de, es };
