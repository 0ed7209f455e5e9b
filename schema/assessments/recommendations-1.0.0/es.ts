import type { Recommendations } from "../texts.ts";

export const es: Recommendations = {
  codependency_index_high: {
    title: "Date más espacio propio",
    why: "Tus respuestas dicen que tu ánimo y tus decisiones dependen mucho de tu gemelo o gemela. Un espacio propio puede hacer más fácil la cercanía.",
    experiment: {
      title: "Una pequeña decisión al día",
      instructions: [
        "Cada día decide una cosa pequeña antes de consultar a tu gemelo o gemela, como qué comer o por dónde pasear.",
        "Por la noche, escribe qué decidiste y cómo te sentiste.",
        "Al final, lee tus notas y cuéntale a tu gemelo o gemela lo que notaste, si quieres.",
      ],
      outcome: "Decidir a solas te resulta más familiar, y preguntar a tu gemelo o gemela pasa a ser una elección.",
      metrics: ["Decisiones tomadas a solas cada día", "Cuánta inquietud sentiste en cada una, de 0 a 10"],
    },
  },
  autonomy_resilience_low: {
    title: "Gana confianza en tu propia fuerza",
    why: "Tus respuestas dicen que ahora te cuesta apoyarte en ti. Eso crece con la práctica.",
    experiment: {
      title: "Algo que es tuyo",
      instructions: [
        "Elige una actividad que te guste y que sea solo tuya.",
        "Hazla dos veces por semana durante al menos media hora.",
        "Después de cada vez, escribe una cosa que salió bien.",
      ],
      outcome: "Conoces más cosas que puedes hacer y disfrutar por tu cuenta.",
      metrics: ["Veces por semana", "Cuánta confianza sentiste después, de 0 a 10"],
    },
  },
  transition_risk_high: {
    title: "Prepárate para los cambios paso a paso",
    why: "Tus respuestas dicen que los grandes cambios entre tu gemelo o gemela y tú podrían ser difíciles para ti. Un plan hecho con calma ayuda.",
    experiment: {
      title: "Un plan para un cambio",
      instructions: [
        "Nombra un cambio que puede llegar, como una mudanza, un trabajo nuevo o una pareja.",
        "Escribe qué temes de ese cambio y qué podría ayudarte.",
        "Habla con tu gemelo o gemela sobre cómo quieren seguir en contacto cuando llegue.",
        "Prueba una parte del plan durante unos días.",
      ],
      outcome: "Te cuesta menos pensar en el cambio, y ambas partes saben qué ayuda.",
      metrics: ["Partes del plan probadas", "Cuánto te preocupa el cambio, de 0 a 10, cada semana"],
    },
  },
  identity_fusion_low: {
    title: "Comparte algo a propósito",
    why: "Sabes bien quién eres aparte de tu gemelo o gemela, y está bien así. Si echas de menos una sensación de unión, puedes darle espacio.",
    experiment: {
      title: "Un recuerdo al día",
      instructions: [
        "Cada día envía a tu gemelo o gemela un recuerdo o una foto que sea de ambas partes.",
        "Di en una frase qué significa para ti.",
        "Observa cómo te sientes cuando llega una respuesta.",
      ],
      outcome: "Sientes lo que les une y sigues siendo tú.",
      metrics: ["Recuerdos compartidos", "Cuánta unión sentiste cada día, de 0 a 10"],
    },
  },
  autonomy_low: {
    title: "Practica elegir por tu cuenta",
    why: "Tus respuestas dicen que a menudo miras a tu gemelo o gemela antes de elegir. Tu propio criterio se fortalece cuando lo usas.",
    experiment: {
      title: "Primero elegir, después preguntar",
      instructions: [
        "Tres veces por semana, elige algo que normalmente hablarías antes con tu gemelo o gemela.",
        "Escribe tus razones antes de contárselo a alguien.",
        "Unos días después, mira cómo resultó la elección.",
      ],
      outcome: "Confías más en tu propio criterio.",
      metrics: ["Elecciones por semana", "Cuánta satisfacción sentiste con cada una, de 0 a 10"],
    },
  },
  boundaries_low: {
    title: "Descubre dónde están tus límites",
    why: "Tus respuestas dicen que te cuesta mantener tus límites con tu gemelo o gemela. Los límites claros protegen la cercanía.",
    experiment: {
      title: "Un no amable",
      instructions: [
        "Observa cuándo le dices que sí a tu gemelo o gemela y preferirías decir que no.",
        "Cada dos días, di una vez de forma amable qué preferirías.",
        "Escribe qué dijiste y cómo reaccionó tu gemelo o gemela.",
      ],
      outcome: "Te resulta más natural decir lo que es demasiado para ti.",
      metrics: ["Límites que nombraste", "Cuánta culpa sentiste después, de 0 a 10"],
    },
  },
  communication_low: {
    title: "Di un poco más de lo que piensas",
    why: "Tus respuestas dicen que a menudo quedan cosas importantes por decir entre tu gemelo o gemela y tú.",
    experiment: {
      title: "Diez minutos al día",
      instructions: [
        "Acuerda con tu gemelo o gemela diez minutos al día, por teléfono o en persona.",
        "Cada parte cuenta durante cinco minutos cómo está, mientras la otra solo escucha.",
        "Al final, quien escuchó repite lo principal en una frase.",
      ],
      outcome: "Se entienden mejor y adivinan menos.",
      metrics: ["Conversaciones mantenidas", "Cuánta comprensión sentiste, de 0 a 10"],
    },
  },
  codependency_low: {
    title: "Ofrece apoyo y deja la decisión a tu gemelo o gemela",
    why: "Cargas con poco de lo que le toca a tu gemelo o gemela, y eso es bueno para ambas partes. Si a veces sientes distancia, una oferta de ayuda puede acercarles.",
    experiment: {
      title: "Pregunta cómo puedes ayudar",
      instructions: [
        "Cada dos días, pregunta a tu gemelo o gemela cómo le va.",
        "Pregunta qué ayuda le vendría bien y escucha antes de proponer algo.",
        "Haz una cosa pequeña que te haya pedido.",
      ],
      outcome: "Tu gemelo o gemela siente apoyo, y cada parte conserva su libertad.",
      metrics: ["Veces que preguntaste", "Cuánta cercanía sentiste ese día, de 0 a 10"],
    },
  },
  differentiation_low: {
    title: "Sigue siendo tú en la cercanía",
    why: "Tus respuestas dicen que los sentimientos y opiniones de tu gemelo o gemela se vuelven tuyos con facilidad.",
    experiment: {
      title: "¿De quién es este sentimiento?",
      instructions: [
        "Cuando tu gemelo o gemela tenga sentimientos fuertes, haz una pausa de tres respiraciones lentas.",
        "Pregúntate qué sentimiento es tuyo y cuál es de tu gemelo o gemela.",
        "Escribe los dos en pocas palabras.",
      ],
      outcome: "Puedes acompañar a tu gemelo o gemela en momentos difíciles y conservar tu propia mirada.",
      metrics: ["Pausas hechas", "Con cuánta claridad separaste los sentimientos, de 0 a 10"],
    },
  },
  attachment_low: {
    title: "Haz más seguro el vínculo",
    why: "Tus respuestas dicen que a menudo sientes inseguridad en el vínculo con tu gemelo o gemela.",
    experiment: {
      title: "Una pequeña promesa que se cumple",
      instructions: [
        "Acuerda con tu gemelo o gemela un momento fijo para saber de ti y de su vida, como el miércoles por la noche.",
        "Si entretanto sientes inseguridad, escribe qué temes antes de escribirle.",
        "Después de cada momento acordado, comprueba si el temor se cumplió.",
      ],
      outcome: "Puedes esperar con más calma y confiar con más facilidad.",
      metrics: ["Momentos acordados que se cumplieron", "Cuánta seguridad sentiste entretanto, de 0 a 10"],
    },
  },
  conflict_resolution_low: {
    title: "Discutir de una forma que acabe bien",
    why: "Tus respuestas dicen que las discusiones con tu gemelo o gemela a menudo quedan abiertas o vuelven.",
    experiment: {
      title: "Pausa y regreso",
      instructions: [
        "Acuerda con tu gemelo o gemela una palabra que signifique: hacemos una pausa de veinte minutos.",
        "Úsenla cuando una discusión suba de tono o dé vueltas a lo mismo.",
        "Después de la pausa, cada parte dice un deseo y buscan un paso que sirva a ambas.",
      ],
      outcome: "Las discusiones se acortan y acaban más a menudo con una solución.",
      metrics: ["Pausas con regreso a la conversación", "Discusiones que acabaron con un paso acordado"],
    },
  },
  partner_inclusion_low: {
    title: "Haz espacio para otras personas que quieres",
    why: "Tus respuestas dicen que una pareja encuentra poco espacio junto al vínculo con tu gemelo o gemela.",
    experiment: {
      title: "Tiempo para cada quien",
      instructions: [
        "Cada semana, planea un rato para tu gemelo o gemela y otro para una pareja o una amistad cercana.",
        "Durante cada rato, deja los mensajes a la otra persona para después.",
        "Al terminar, escribe qué disfrutaste.",
      ],
      outcome: "La cercanía con una persona le quita menos a la otra.",
      metrics: ["Ratos planeados que se cumplieron", "Cuánto te costó repartirte, de 0 a 10"],
    },
  },
  power_dynamics_low: {
    title: "Da más peso a tus deseos",
    why: "Tus respuestas dicen que tu gemelo o gemela decide más a menudo que tú. Si te da miedo su reacción, habla primero con alguien de confianza.",
    experiment: {
      title: "Decidir por turnos",
      instructions: [
        "Acuerda con tu gemelo o gemela decidir por turnos las cosas pequeñas que hacen en común.",
        "Cuando te toque, di qué quieres antes de que hable tu gemelo o gemela.",
        "Una vez por semana, hablen de cómo se sintió cada parte con los turnos.",
      ],
      outcome: "Ambas partes deciden, y ambas siguen a la otra algunas veces.",
      metrics: ["Decisiones que tomaste cada semana", "Cuánto contaron tus deseos, de 0 a 10"],
    },
  },
};
