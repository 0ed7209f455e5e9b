import type { ResultTexts } from "../texts.ts";

export const es: ResultTexts = {
  days: (count) => `${count} días`,
  percentileNote: "Aproximado: leído de una tabla fija, porque todavía falta un grupo de comparación.",
  profiles: {
    highly_enmeshed: {
      name: "Mucha fusión",
      description: "Tienes mucha cercanía con tu gemelo o gemela, y mucho de lo que sientes y decides depende de ella.",
    },
    balanced_independent: {
      name: "Independencia equilibrada",
      description: "Te apoyas en ti y decides por tu cuenta, sea cual sea la cercanía con tu gemelo o gemela.",
    },
    transition_vulnerable: {
      name: "Vulnerable a los cambios",
      description:
        "Los cambios entre tu gemelo o gemela y tú, como una mudanza o una pareja nueva, podrían ser difíciles para ti.",
    },
    moderately_connected: {
      name: "Conexión moderada",
      description: "Tienes conexión con tu gemelo o gemela y un espacio propio, las dos cosas en un grado medio.",
    },
    complex_dynamic: {
      name: "Dinámica compleja",
      description:
        "Tus respuestas forman una mezcla propia que va más allá de los patrones simples; los valores por separado dicen más.",
    },
  },
  warnings: {
    all_answers_equal: "Todas tus respuestas son iguales, así que los valores quizá digan poco de ti.",
    answered_too_fast: "Respondiste en menos de un segundo de media, así que los valores quizá digan poco de ti.",
    mostly_end_points:
      "Elegiste sobre todo los extremos de la escala, así que los valores quizá parezcan más fuertes de lo que sientes.",
  },
  strengths: {
    both_high: "Alto para ambas partes.",
    both_low: "Bajo para ambas partes, y aquí eso es bueno.",
  },
  growth: {
    both_high: "Alto para ambas partes: vale la pena mirarlo en común.",
    both_low: "Bajo para ambas partes: vale la pena mirarlo en común.",
    far_apart: "Sus valores están muy lejos: hablen de cómo lo ve cada parte.",
  },
  risks: {
    both_codependent: "Ambas partes dependen mucho de la otra.",
    both_low_resilience: "A ambas partes les cuesta apoyarse en sí mismas.",
    both_at_risk_in_transitions: "Los grandes cambios podrían ser difíciles para ambas partes a la vez.",
    power_imbalance: "Una de las partes tiene mucha más influencia que la otra.",
    both_low_communication: "Muchas cosas quedan por decir entre ambas partes.",
    partner_left_out: "Una pareja podría sentir que queda fuera.",
  },
};
