import type { Recommendations } from "../texts.ts";

export const de: Recommendations = {
  codependency_index_high: {
    title: "Gib dir mehr eigenen Raum",
    why: "Deine Antworten sagen, dass deine Stimmung und deine Entscheidungen stark von deinem Zwilling abhängen. Eigener Raum kann Nähe leichter machen.",
    experiment: {
      title: "Jeden Tag eine kleine Entscheidung",
      instructions: [
        "Entscheide jeden Tag eine kleine Sache, bevor du deinen Zwilling fragst, zum Beispiel was du isst oder wohin du gehst.",
        "Schreib am Abend auf, was du entschieden hast und wie es sich anfühlte.",
        "Lies am Ende deine Notizen und erzähl deinem Zwilling davon, wenn du magst.",
      ],
      outcome: "Allein zu entscheiden wird vertrauter, und deinen Zwilling zu fragen wird eine freie Wahl.",
      metrics: ["Allein getroffene Entscheidungen am Tag", "Wie unwohl dir bei jeder war, von 0 bis 10"],
    },
  },
  autonomy_resilience_low: {
    title: "Baue Vertrauen in deine eigene Kraft auf",
    why: "Deine Antworten sagen, dass es dir gerade schwerfällt, dich auf dich selbst zu verlassen. Das wächst mit der Übung.",
    experiment: {
      title: "Etwas, das dir gehört",
      instructions: [
        "Such dir eine Tätigkeit aus, die du magst und die nur dir gehört.",
        "Mach sie zweimal in der Woche, mindestens eine halbe Stunde lang.",
        "Schreib nach jedem Mal eine Sache auf, die gut ging.",
      ],
      outcome: "Du kennst mehr Dinge, die du allein kannst und gern tust.",
      metrics: ["Wie oft in der Woche", "Wie zuversichtlich du danach warst, von 0 bis 10"],
    },
  },
  transition_risk_high: {
    title: "Bereite dich in kleinen Schritten auf Veränderungen vor",
    why: "Deine Antworten sagen, dass große Veränderungen zwischen dir und deinem Zwilling für dich schwer sein könnten. Ein Plan aus ruhigen Zeiten hilft.",
    experiment: {
      title: "Ein Plan für eine Veränderung",
      instructions: [
        "Nenne eine Veränderung, die kommen kann, zum Beispiel einen Umzug, eine neue Arbeit oder eine Beziehung.",
        "Schreib auf, was du daran fürchtest und was dir helfen könnte.",
        "Sprich mit deinem Zwilling darüber, wie ihr dann in Verbindung bleiben wollt.",
        "Probiere einen Teil des Plans einige Tage lang aus.",
      ],
      outcome: "Es fällt dir leichter, an die Veränderung zu denken, und ihr wisst beide, was hilft.",
      metrics: ["Ausprobierte Teile des Plans", "Wie viele Sorgen du dir machst, von 0 bis 10, jede Woche"],
    },
  },
  identity_fusion_low: {
    title: "Teile bewusst etwas",
    why: "Du weißt gut, wer du unabhängig von deinem Zwilling bist, und daran muss sich nichts ändern. Wenn dir ein Wir-Gefühl fehlt, kannst du ihm Raum geben.",
    experiment: {
      title: "Jeden Tag eine Erinnerung",
      instructions: [
        "Schick deinem Zwilling jeden Tag eine Erinnerung oder ein Bild, das euch beiden gehört.",
        "Sag in einem Satz, was es dir bedeutet.",
        "Achte darauf, wie du dich fühlst, wenn eine Antwort kommt.",
      ],
      outcome: "Du spürst, was euch verbindet, und bleibst du selbst.",
      metrics: ["Geteilte Erinnerungen", "Wie verbunden du dich am Tag gefühlt hast, von 0 bis 10"],
    },
  },
  autonomy_low: {
    title: "Übe, für dich selbst zu wählen",
    why: "Deine Antworten sagen, dass du dich oft nach deinem Zwilling richtest, bevor du wählst. Dein eigenes Urteil wird stärker, wenn du es nutzt.",
    experiment: {
      title: "Erst wählen, dann fragen",
      instructions: [
        "Wähle dreimal in der Woche etwas aus, das du sonst zuerst mit deinem Zwilling besprechen würdest.",
        "Schreib deine Gründe auf, bevor du jemandem davon erzählst.",
        "Schau nach ein paar Tagen zurück, wie es ausgegangen ist.",
      ],
      outcome: "Du vertraust deinem eigenen Urteil mehr.",
      metrics: ["Entscheidungen in der Woche", "Wie zufrieden du mit jeder warst, von 0 bis 10"],
    },
  },
  boundaries_low: {
    title: "Finde heraus, wo deine Grenzen liegen",
    why: "Deine Antworten sagen, dass du deine Grenzen gegenüber deinem Zwilling schwer halten kannst. Klare Grenzen schützen die Nähe.",
    experiment: {
      title: "Ein freundliches Nein",
      instructions: [
        "Achte darauf, wann du zu deinem Zwilling Ja sagst und lieber Nein sagen würdest.",
        "Sag alle zwei Tage einmal freundlich, was dir stattdessen lieber wäre.",
        "Schreib auf, was du gesagt hast und wie dein Zwilling reagiert hat.",
      ],
      outcome: "Es wird natürlicher für dich, zu sagen, was dir zu viel ist.",
      metrics: ["Benannte Grenzen", "Wie schuldig du dich danach gefühlt hast, von 0 bis 10"],
    },
  },
  communication_low: {
    title: "Sag etwas mehr von dem, was du meinst",
    why: "Deine Antworten sagen, dass zwischen dir und deinem Zwilling Wichtiges oft ungesagt bleibt.",
    experiment: {
      title: "Zehn Minuten am Tag",
      instructions: [
        "Verabrede mit deinem Zwilling zehn Minuten am Tag, am Telefon oder persönlich.",
        "Jede Seite erzählt fünf Minuten, wie es ihr geht, während die andere nur zuhört.",
        "Zum Schluss wiederholt, wer zugehört hat, das Wichtigste in einem Satz.",
      ],
      outcome: "Ihr versteht euch und müsst weniger raten.",
      metrics: ["Geführte Gespräche", "Wie gut du dich verstanden gefühlt hast, von 0 bis 10"],
    },
  },
  codependency_low: {
    title: "Biete Hilfe an, und überlass deinem Zwilling die Führung",
    why: "Du trägst wenig von dem, was dein Zwilling selbst tragen kann, und das ist für beide gut. Wenn es sich manchmal fern anfühlt, kann ein Angebot Nähe schaffen.",
    experiment: {
      title: "Frag, wie du helfen kannst",
      instructions: [
        "Frag deinen Zwilling alle zwei Tage, wie es geht.",
        "Frag, welche Hilfe willkommen wäre, und hör zu, bevor du etwas vorschlägst.",
        "Tu eine kleine Sache, um die dein Zwilling gebeten hat.",
      ],
      outcome: "Dein Zwilling fühlt sich unterstützt, und ihr bleibt beide frei.",
      metrics: ["Wie oft du gefragt hast", "Wie nah du dich an dem Tag gefühlt hast, von 0 bis 10"],
    },
  },
  differentiation_low: {
    title: "Bleib du selbst, wenn ihr euch nah seid",
    why: "Deine Antworten sagen, dass Gefühle und Meinungen deines Zwillings leicht zu deinen werden.",
    experiment: {
      title: "Wessen Gefühl ist das?",
      instructions: [
        "Wenn dein Zwilling starke Gefühle hat, halte für drei langsame Atemzüge inne.",
        "Frag dich, welches Gefühl deines ist und welches das deines Zwillings.",
        "Schreib beide mit wenigen Worten auf.",
      ],
      outcome: "Du kannst in schweren Momenten bei deinem Zwilling sein und deine eigene Sicht behalten.",
      metrics: ["Wie oft du innegehalten hast", "Wie klar du die Gefühle trennen konntest, von 0 bis 10"],
    },
  },
  attachment_low: {
    title: "Mach die Bindung sicherer",
    why: "Deine Antworten sagen, dass du dir der Bindung zu deinem Zwilling oft unsicher bist.",
    experiment: {
      title: "Ein kleines Versprechen, das gehalten wird",
      instructions: [
        "Verabrede mit deinem Zwilling einen festen Zeitpunkt, zu dem ihr voneinander hört, zum Beispiel Mittwochabend.",
        "Wenn du dazwischen unsicher wirst, schreib auf, was du fürchtest, bevor du deinem Zwilling schreibst.",
        "Prüfe nach jedem verabredeten Zeitpunkt, ob die Angst berechtigt war.",
      ],
      outcome: "Du kannst ruhiger warten und leichter vertrauen.",
      metrics: ["Eingehaltene Verabredungen", "Wie sicher du dich dazwischen gefühlt hast, von 0 bis 10"],
    },
  },
  conflict_resolution_low: {
    title: "Streitet so, dass es gut ausgeht",
    why: "Deine Antworten sagen, dass Streit mit deinem Zwilling oft offen bleibt oder wiederkommt.",
    experiment: {
      title: "Pause und Rückkehr",
      instructions: [
        "Verabrede mit deinem Zwilling ein Wort, das heißt: Wir machen zwanzig Minuten Pause.",
        "Benutzt es, wenn ein Streit laut wird oder sich im Kreis dreht.",
        "Nach der Pause nennt ihr beide je einen Wunsch und sucht einen Schritt, der für beide passt.",
      ],
      outcome: "Streit wird kürzer und endet öfter mit einer Lösung.",
      metrics: ["Pausen mit Rückkehr zum Gespräch", "Wie oft ein Streit mit einem gemeinsamen Schritt endete"],
    },
  },
  partner_inclusion_low: {
    title: "Mach Raum für andere Menschen, die du liebst",
    why: "Deine Antworten sagen, dass eine Liebesbeziehung neben der Bindung zu deinem Zwilling wenig Raum findet.",
    experiment: {
      title: "Zeit für beide",
      instructions: [
        "Plane jede Woche eine Zeit für deinen Zwilling und eine andere für eine Liebesbeziehung oder eine enge Freundschaft.",
        "Schreib in dieser Zeit keine Nachrichten an die andere Seite.",
        "Schreib danach auf, was dir gefallen hat.",
      ],
      outcome: "Nähe zu dem einen Menschen nimmt dem anderen weniger weg.",
      metrics: ["Eingehaltene Zeiten", "Wie hin- und hergerissen du warst, von 0 bis 10"],
    },
  },
  power_dynamics_low: {
    title: "Gib deinen Wünschen mehr Gewicht",
    why: "Deine Antworten sagen, dass dein Zwilling öfter entscheidet als du. Wenn du Angst vor der Reaktion deines Zwillings hast, sprich zuerst mit einem Menschen, dem du vertraust.",
    experiment: {
      title: "Abwechselnd entscheiden",
      instructions: [
        "Verabrede mit deinem Zwilling, dass ihr über kleine gemeinsame Dinge abwechselnd entscheidet.",
        "Wenn du an der Reihe bist, sag, was du willst, bevor dein Zwilling spricht.",
        "Sprecht einmal in der Woche darüber, wie es für euch beide war.",
      ],
      outcome: "Ihr entscheidet beide, und ihr folgt beide manchmal.",
      metrics: ["Deine Entscheidungen in der Woche", "Wie viel deine Wünsche zählten, von 0 bis 10"],
    },
  },
};
