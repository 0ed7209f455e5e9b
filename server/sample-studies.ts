import { PublishStudy } from "../schema/wire/research.ts";

/** Two studies of nobody in particular, so that there is something to try out; they say so themselves. */
export const SAMPLE_STUDIES: readonly PublishStudy[] = [
  PublishStudy.parse({
    id: "5a3b1c70-0f5e-4c1d-9a41-6b0f3f3c0a01",
    status: "recruiting",
    bothTwinsNeeded: false,
    collects: ["assessments"],
    words: {
      en: {
        title: "Closeness and independence of twins",
        summary: "How do closeness and independence go together in twins, and how alike do two see it? A sample study.",
      },
      de: {
        title: "Nähe und Eigenständigkeit von Zwillingen",
        summary:
          "Wie gehören Nähe und Eigenständigkeit bei Zwillingen zusammen, und wie ähnlich sehen es beide? Eine Beispielstudie.",
      },
      es: {
        title: "Cercanía e independencia de gemelos",
        summary:
          "¿Cómo van juntas la cercanía y la independencia, y con qué parecido lo ven los dos? Un estudio de muestra.",
      },
    },
    consent: {
      version: 1,
      texts: {
        en: consent("the results and answers of assessments that you have completed or complete while you take part"),
        de: zustimmung(
          "Ergebnisse und Antworten der Tests, die du abgeschlossen hast oder während der Teilnahme abschließt",
        ),
        es: consentimiento(
          "los resultados y respuestas de los cuestionarios que hayas completado o completes mientras participas",
        ),
      },
    },
  }),
  PublishStudy.parse({
    id: "5a3b1c70-0f5e-4c1d-9a41-6b0f3f3c0a02",
    status: "recruiting",
    bothTwinsNeeded: true,
    collects: ["messages", "twintuition", "telemetry"],
    words: {
      en: {
        title: "Rhythms of keeping in touch",
        summary:
          "How often do twins write to each other over weeks and months? Counts alone, no words. A sample study.",
      },
      de: {
        title: "Rhythmen der Verbundenheit",
        summary:
          "Wie oft schreiben sich Zwillinge über Wochen und Monate? Nur Zahlen, keine Worte. Eine Beispielstudie.",
      },
      es: {
        title: "Ritmos del contacto",
        summary:
          "¿Con qué frecuencia se escriben los gemelos a lo largo de semanas y meses? Solo cifras. Un estudio de muestra.",
      },
    },
    consent: {
      version: 1,
      texts: {
        en: consent(
          "how many messages you send and how many twintuition moments you have on each day after today, and how the app is used",
        ),
        de: zustimmung(
          "die Zahl deiner Nachrichten und eurer Twintuition-Momente an jedem Tag ab morgen und wie die App benutzt wird",
        ),
        es: consentimiento(
          "cuántos mensajes envías y cuántos momentos de twintuition tenéis cada día a partir de mañana y cómo se usa la aplicación",
        ),
      },
    },
  }),
];

function consent(what: string): string {
  return [
    "I am 18 or older and take part of my own free will. Not taking part, or stopping, costs me nothing.",
    `Data collection (required): the study may collect ${what}. It gets no message, picture, name, address or place.`,
    "Data sharing (required): researchers of this study may be given counts of eleven pairs or more.",
    "Long-term storage (optional): what was collected may be kept when my year is over.",
    "Contact (optional): I may be written to about the study.",
    "My consent is good for one year. I can withdraw it at any time, and then choose whether all of it is deleted, made anonymous, or kept in counts that were already made.",
  ].join("\n\n");
}

function zustimmung(what: string): string {
  return [
    "Ich bin mindestens 18 Jahre alt und nehme aus freien Stücken teil. Nicht teilzunehmen oder aufzuhören hat keine Nachteile für mich.",
    `Erhebung (erforderlich): Die Studie darf erheben: ${what}. Sie bekommt weder Nachrichten noch Bilder, Namen, Adressen oder Orte.`,
    "Weitergabe (erforderlich): Forschende dieser Studie dürfen Zahlen von elf Paaren oder mehr bekommen.",
    "Aufbewahrung (freiwillig): Was erhoben wurde, darf nach meinem Jahr aufbewahrt werden.",
    "Kontakt (freiwillig): Ich darf wegen der Studie angeschrieben werden.",
    "Meine Einwilligung gilt ein Jahr. Ich kann sie jederzeit widerrufen und bestimme dann, ob alles gelöscht, anonymisiert oder in schon gemachten Zahlen belassen wird.",
  ].join("\n\n");
}

function consentimiento(what: string): string {
  return [
    "Tengo 18 años o más y participo por voluntad propia. No participar, o dejarlo, no me perjudica en nada.",
    `Recogida de datos (obligatoria): el estudio puede recoger ${what}. No recibe mensajes, imágenes, nombres, direcciones ni lugares.`,
    "Cesión de datos (obligatoria): quien investiga en este estudio puede recibir cifras de once parejas o más.",
    "Conservación (opcional): lo recogido puede conservarse cuando termine mi año.",
    "Contacto (opcional): se me puede escribir sobre el estudio.",
    "Mi consentimiento vale un año. Puedo retirarlo en cualquier momento y elegir si todo se borra, se hace anónimo o queda en cifras ya hechas.",
  ].join("\n\n");
}
