import type { ResultTexts } from "../texts.ts";

export const en: ResultTexts = {
  days: (count) => `${count} days`,
  percentileNote: "Approximate: read off a fixed table, because there is no comparison group yet.",
  profiles: {
    highly_enmeshed: {
      name: "Highly Enmeshed",
      description: "You are very close to your twin, and much of what you feel and decide depends on that closeness.",
    },
    balanced_independent: {
      name: "Balanced Independent",
      description: "You rely on yourself and decide for yourself, whatever closeness you share with your twin.",
    },
    transition_vulnerable: {
      name: "Transition-Vulnerable",
      description: "Changes between you and your twin, such as a move or a new partner, may be hard for you.",
    },
    moderately_connected: {
      name: "Moderately Connected",
      description: "You are connected with your twin and have room of your own, both to a middling degree.",
    },
    complex_dynamic: {
      name: "Complex Dynamic",
      description: "Your answers form a mixture that fits none of the simple patterns; the single scores say more.",
    },
  },
  warnings: {
    all_answers_equal: "All your answers are the same, so the scores may say little about you.",
    answered_too_fast: "You answered in less than a second on average, so the scores may say little about you.",
    mostly_end_points: "You chose mostly the two ends of the scale, so the scores may look stronger than you feel.",
  },
  strengths: {
    both_high: "High for both of you.",
    both_low: "Low for both of you, which is good here.",
  },
  growth: {
    both_high: "High for both of you: worth looking at together.",
    both_low: "Low for both of you: worth looking at together.",
    far_apart: "Your scores are far apart: talk about how each of you sees it.",
  },
  risks: {
    both_codependent: "You both depend strongly on each other.",
    both_low_resilience: "You both find it hard to rely on yourselves.",
    both_at_risk_in_transitions: "Big changes could be hard for both of you at the same time.",
    power_imbalance: "One of you has much more influence than the other.",
    both_low_communication: "Much stays unsaid between you.",
    partner_left_out: "A partner may feel left out.",
  },
};
