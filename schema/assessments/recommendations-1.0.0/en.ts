import type { Recommendations } from "../texts.ts";

export const en: Recommendations = {
  codependency_index_high: {
    title: "Give yourself more room of your own",
    why: "Your answers say that your mood and your choices depend a lot on your twin. Some room of your own can make closeness easier.",
    experiment: {
      title: "One small decision a day",
      instructions: [
        "Each day, decide one small thing before you ask your twin, such as what to eat or where to walk.",
        "In the evening, write down what you decided and how it felt.",
        "At the end, read your notes and tell your twin what you noticed, if you like.",
      ],
      outcome: "Deciding alone feels more familiar, and asking your twin becomes a choice.",
      metrics: ["Decisions made alone each day", "How uneasy each one felt, from 0 to 10"],
    },
  },
  autonomy_resilience_low: {
    title: "Build trust in your own strength",
    why: "Your answers say that it is hard at the moment to rely on yourself. That grows with practice.",
    experiment: {
      title: "Something that is yours",
      instructions: [
        "Choose an activity that you like and that is yours alone.",
        "Do it twice a week for at least half an hour.",
        "After each time, write down one thing that went well.",
      ],
      outcome: "You know more things that you can do and enjoy by yourself.",
      metrics: ["Times done each week", "How confident you felt afterwards, from 0 to 10"],
    },
  },
  transition_risk_high: {
    title: "Prepare for change in small steps",
    why: "Your answers say that big changes between you and your twin could be hard for you. A plan made in calm times helps.",
    experiment: {
      title: "A plan for one change",
      instructions: [
        "Name one change that may come, such as a move, a new job or a partner.",
        "Write down what you fear about it and what could help you.",
        "Talk with your twin about how you want to stay in touch when it comes.",
        "Try one part of the plan for a few days.",
      ],
      outcome: "The change is easier to think about, and you both know what helps.",
      metrics: ["Parts of the plan tried", "How worried you are about the change, from 0 to 10, each week"],
    },
  },
  identity_fusion_low: {
    title: "Share something on purpose",
    why: "You know well who you are apart from your twin, and there is nothing to mend. If you miss a feeling of “we”, you can make room for it.",
    experiment: {
      title: "A memory a day",
      instructions: [
        "Each day, send your twin one memory or picture that belongs to you both.",
        "Say in a sentence what it means to you.",
        "Notice how you feel when an answer comes.",
      ],
      outcome: "You feel what connects you and stay yourself.",
      metrics: ["Memories shared", "How connected you felt each day, from 0 to 10"],
    },
  },
  autonomy_low: {
    title: "Practise choosing for yourself",
    why: "Your answers say that you often look to your twin before you choose. Your own judgment gets stronger when you use it.",
    experiment: {
      title: "Choose first, ask later",
      instructions: [
        "Three times a week, choose something that you would usually discuss with your twin first.",
        "Write down your reasons before you tell anybody.",
        "After a few days, look back and see how the choice turned out.",
      ],
      outcome: "You trust your own judgment more.",
      metrics: ["Choices made each week", "How content you were with each choice, from 0 to 10"],
    },
  },
  boundaries_low: {
    title: "Find out where your limits are",
    why: "Your answers say that your own limits are hard to keep with your twin. Clear limits protect closeness.",
    experiment: {
      title: "One kind no",
      instructions: [
        "Notice when you say yes to your twin and would rather say no.",
        "Once every two days, say in a friendly way what you would prefer instead.",
        "Write down what you said and how your twin reacted.",
      ],
      outcome: "Saying what is too much for you feels more natural.",
      metrics: ["Limits you named", "How guilty you felt afterwards, from 0 to 10"],
    },
  },
  communication_low: {
    title: "Say a little more of what you mean",
    why: "Your answers say that important things often stay unsaid between you and your twin.",
    experiment: {
      title: "Ten minutes a day",
      instructions: [
        "Agree with your twin on ten minutes a day, by call or face to face.",
        "Each of you talks for five minutes about how you are, while the other only listens.",
        "At the end, the listener repeats the main point in a sentence.",
      ],
      outcome: "You understand each other with less guessing.",
      metrics: ["Talks held", "How well you felt understood, from 0 to 10"],
    },
  },
  codependency_low: {
    title: "Offer support without taking over",
    why: "You carry little of what is your twin’s to carry, and that is good for both. If it sometimes feels distant, an offer of help can bring you closer.",
    experiment: {
      title: "Ask how you can help",
      instructions: [
        "Every two days, ask your twin how things are going.",
        "Ask what kind of help would be welcome, and listen before you suggest anything.",
        "Do one small thing that your twin asked for.",
      ],
      outcome: "Your twin feels supported, and each of you stays free.",
      metrics: ["Times you asked", "How close you felt that day, from 0 to 10"],
    },
  },
  differentiation_low: {
    title: "Stay yourself when you are close",
    why: "Your answers say that your twin’s feelings and opinions easily become yours.",
    experiment: {
      title: "Whose feeling is this?",
      instructions: [
        "When your twin has strong feelings, pause for three slow breaths.",
        "Ask yourself which feeling is yours and which is your twin’s.",
        "Write down both in a few words.",
      ],
      outcome: "You can be with your twin in hard moments and keep your own view.",
      metrics: ["Pauses taken", "How clearly you could tell the feelings apart, from 0 to 10"],
    },
  },
  attachment_low: {
    title: "Make the bond feel safer",
    why: "Your answers say that you often feel unsure of your bond with your twin.",
    experiment: {
      title: "A small promise, kept",
      instructions: [
        "Agree with your twin on a regular moment to hear from each other, such as Wednesday evening.",
        "When you feel unsure in between, write down what you fear before you write to your twin.",
        "After each agreed moment, check whether the fear came true.",
      ],
      outcome: "You can wait more calmly and trust more easily.",
      metrics: ["Agreed moments kept", "How secure you felt in between, from 0 to 10"],
    },
  },
  conflict_resolution_low: {
    title: "Argue in a way that ends well",
    why: "Your answers say that arguments with your twin often stay open or come back.",
    experiment: {
      title: "Pause and return",
      instructions: [
        "Agree with your twin on a word that means: we take a break of twenty minutes.",
        "Use it when an argument gets loud or goes round in circles.",
        "After the break, each of you says one wish, and you look for one step that suits you both.",
      ],
      outcome: "Arguments get shorter and more often end with a solution.",
      metrics: ["Breaks taken and talks taken up again", "Arguments that ended with a step you agreed on"],
    },
  },
  partner_inclusion_low: {
    title: "Make room for other people you love",
    why: "Your answers say that a partner finds little room beside the bond with your twin.",
    experiment: {
      title: "Time for each",
      instructions: [
        "Each week, plan one time for your twin and another for a partner or a close friend.",
        "Keep each time free of messages to the other.",
        "Afterwards, write down what you enjoyed.",
      ],
      outcome: "Closeness to one person takes less away from the other.",
      metrics: ["Planned times kept", "How torn you felt, from 0 to 10"],
    },
  },
  power_dynamics_low: {
    title: "Give your wishes more weight",
    why: "Your answers say that your twin decides more often than you do. If you are afraid of how your twin may react, talk to somebody you trust first.",
    experiment: {
      title: "Taking turns",
      instructions: [
        "Agree with your twin to take turns in deciding small things you do together.",
        "When it is your turn, say what you want before your twin speaks.",
        "Once a week, talk about how the turns felt for each of you.",
      ],
      outcome: "Both of you decide, and both of you sometimes follow.",
      metrics: ["Decisions you made each week", "How much your wishes counted, from 0 to 10"],
    },
  },
};
