import type { Composite, Level, Locale } from "../../../schema/wire/assessments.ts";

/** What stands in a report beside the texts of the results themselves. */
export interface ReportWords {
  readonly title: string;
  readonly completed: (date: string, answered: number, total: number) => string;
  readonly composites: Readonly<Record<Composite, { readonly name: string; readonly says: string }>>;
  readonly levels: Readonly<Record<Level, string>>;
  readonly profile: string;
  readonly subscales: string;
  readonly percentile: (percentile: number) => string;
  readonly notAnswered: string;
  readonly together: string;
  readonly compatibility: (value: number) => string;
  readonly you: string;
  readonly twin: string;
  readonly strengths: string;
  readonly growth: string;
  readonly risks: string;
  readonly tryThis: string;
  readonly expect: string;
  readonly count: string;
  readonly note: string;
  readonly page: (page: number, of: number) => string;
}

const en: ReportWords = {
  title: "Your assessment",
  completed: (date, answered, total) => `Completed on ${date}, ${answered} of ${total} items answered`,
  composites: {
    CI: { name: "Codependency index", says: "How much your own state hangs on your twin" },
    ARI: { name: "Autonomy and resilience index", says: "How well you stand by yourself, and recover" },
    TRS: { name: "Transition risk score", says: "How hard a move, a partner or a change could be" },
  },
  levels: { very_low: "very low", low: "low", moderate: "moderate", high: "high", very_high: "very high" },
  profile: "Profile",
  subscales: "The fifteen subscales",
  percentile: (percentile) => `about ${percentile}th percentile`,
  notAnswered: "not answered",
  together: "You and your twin",
  compatibility: (value) => `Your answers are alike by ${value} of 100`,
  you: "you",
  twin: "your twin",
  strengths: "Strengths",
  growth: "Room to grow",
  risks: "Worth talking about",
  tryThis: "To try",
  expect: "What to expect",
  count: "What to count",
  note: "This is a way to think about a relation. It is no test of health, finds no illness, and takes nobody's decision.",
  page: (page, of) => `${page} of ${of}`,
};

const de: ReportWords = {
  title: "Deine Auswertung",
  completed: (date, answered, total) => `Abgeschlossen am ${date}, ${answered} von ${total} Sätzen beantwortet`,
  composites: {
    CI: { name: "Index der Abhängigkeit", says: "Wie sehr dein Befinden an dem deines Zwillings hängt" },
    ARI: { name: "Index der Eigenständigkeit", says: "Wie gut du für dich stehst und dich wieder fängst" },
    TRS: { name: "Wert für Übergänge", says: "Wie schwer ein Umzug, ein Partner oder ein Wechsel werden könnte" },
  },
  levels: { very_low: "sehr niedrig", low: "niedrig", moderate: "mittel", high: "hoch", very_high: "sehr hoch" },
  profile: "Profil",
  subscales: "Die fünfzehn Bereiche",
  percentile: (percentile) => `etwa Prozentrang ${percentile}`,
  notAnswered: "nicht beantwortet",
  together: "Du und dein Zwilling",
  compatibility: (value) => `Eure Antworten gleichen sich zu ${value} von 100`,
  you: "du",
  twin: "dein Zwilling",
  strengths: "Stärken",
  growth: "Raum zum Wachsen",
  risks: "Ein Gespräch wert",
  tryThis: "Zum Ausprobieren",
  expect: "Was zu erwarten ist",
  count: "Was zu zählen ist",
  note: "Dies hilft, über eine Beziehung nachzudenken. Es ist kein Gesundheitstest, findet keine Krankheit und nimmt niemandem eine Entscheidung ab.",
  page: (page, of) => `${page} von ${of}`,
};

const es: ReportWords = {
  title: "Tu evaluación",
  completed: (date, answered, total) => `Completada el ${date}, ${answered} de ${total} frases respondidas`,
  composites: {
    CI: { name: "Índice de codependencia", says: "Cuánto depende tu estado del de tu gemelo o gemela" },
    ARI: { name: "Índice de autonomía y resiliencia", says: "Cómo te sostienes por tu cuenta y te recuperas" },
    TRS: {
      name: "Valor de riesgo en transiciones",
      says: "Cuánto podría costarte una mudanza, una pareja o un cambio",
    },
  },
  levels: { very_low: "muy bajo", low: "bajo", moderate: "medio", high: "alto", very_high: "muy alto" },
  profile: "Perfil",
  subscales: "Las quince áreas",
  percentile: (percentile) => `percentil ${percentile} aproximado`,
  notAnswered: "sin respuesta",
  together: "Tú y tu gemelo o gemela",
  compatibility: (value) => `Vuestras respuestas se parecen en ${value} de 100`,
  you: "tú",
  twin: "tu gemelo o gemela",
  strengths: "Puntos fuertes",
  growth: "Espacio para crecer",
  risks: "Para hablarlo",
  tryThis: "Para probar",
  expect: "Qué esperar",
  count: "Qué contar",
  note: "Es una forma de pensar en una relación. No es una prueba de salud, no detecta enfermedades y no decide por nadie.",
  page: (page, of) => `${page} de ${of}`,
};

export const reportWords: Readonly<Record<Locale, ReportWords>> = { en, de, es };
