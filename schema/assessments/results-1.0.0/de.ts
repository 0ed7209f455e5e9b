import type { ResultTexts } from "../texts.ts";

export const de: ResultTexts = {
  days: (count) => `${count} Tage`,
  percentileNote: "Ungefähr: aus einer festen Tabelle abgelesen, weil es noch keine Vergleichsgruppe gibt.",
  profiles: {
    highly_enmeshed: {
      name: "Stark verschmolzen",
      description: "Du bist deinem Zwilling sehr nah, und vieles, was du fühlst und entscheidest, hängt davon ab.",
    },
    balanced_independent: {
      name: "Ausgewogen unabhängig",
      description: "Du verlässt dich auf dich und entscheidest selbst, wie nah auch immer ihr euch seid.",
    },
    transition_vulnerable: {
      name: "Empfindlich bei Veränderungen",
      description:
        "Veränderungen zwischen dir und deinem Zwilling, etwa ein Umzug oder eine neue Beziehung, könnten dir schwerfallen.",
    },
    moderately_connected: {
      name: "Mäßig verbunden",
      description: "Du bist mit deinem Zwilling verbunden und hast eigenen Raum, beides in mittlerem Maß.",
    },
    complex_dynamic: {
      name: "Vielschichtig",
      description: "Deine Antworten passen zu keinem der einfachen Muster; die einzelnen Werte sagen mehr.",
    },
  },
  warnings: {
    all_answers_equal: "Alle deine Antworten sind gleich, deshalb sagen die Werte vielleicht wenig über dich.",
    answered_too_fast:
      "Du hast im Mittel in weniger als einer Sekunde geantwortet, deshalb sagen die Werte vielleicht wenig über dich.",
    mostly_end_points:
      "Du hast meist die beiden Enden der Skala gewählt, deshalb wirken die Werte vielleicht stärker, als du empfindest.",
  },
  strengths: {
    both_high: "Bei euch beiden hoch.",
    both_low: "Bei euch beiden niedrig, und das ist hier gut.",
  },
  growth: {
    both_high: "Bei euch beiden hoch: Es lohnt sich, gemeinsam hinzuschauen.",
    both_low: "Bei euch beiden niedrig: Es lohnt sich, gemeinsam hinzuschauen.",
    far_apart: "Eure Werte liegen weit auseinander: Sprecht darüber, wie ihr beide es seht.",
  },
  risks: {
    both_codependent: "Ihr hängt beide stark voneinander ab.",
    both_low_resilience: "Es fällt euch beiden schwer, euch auf euch selbst zu verlassen.",
    both_at_risk_in_transitions: "Große Veränderungen könnten für euch beide zugleich schwer sein.",
    power_imbalance: "Von euch beiden hat eine Person viel mehr Einfluss als die andere.",
    both_low_communication: "Zwischen euch bleibt vieles ungesagt.",
    partner_left_out: "In einer Liebesbeziehung könnte sich jemand ausgeschlossen fühlen.",
  },
};
