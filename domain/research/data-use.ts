import type { Locale } from "../../schema/wire/assessments.ts";

/** What becomes of what people give to studies, in words that need no lawyer. What stands here is what is done. */
export const DATA_USE: Readonly<Record<Locale, readonly string[]>> = {
  en: [
    "Taking part is your own choice, and your twin's is theirs. It changes nothing in the app.",
    "A study gets results and answers of the assessments you complete, how many messages you send and how many twintuition moments you have a day, and how the app is used: of all that, only what it says it collects.",
    "It never gets a message, a picture, a name, an address, a place or a time of day.",
    "What it gets is kept under a code of its own that differs in each study. Your account does not stand beside it.",
    "Researchers are given counts of eleven pairs or more, in bands, and never a row about you.",
    "Your consent is good for one year and for the words you agreed to. Then you are asked again.",
    "You may leave at any time. From that moment nothing is collected, and you choose what becomes of what there is.",
  ],
  de: [
    "Ob du teilnimmst, entscheidest du; dein Zwilling entscheidet für sich. In der App ändert sich dadurch nichts.",
    "Eine Studie bekommt Ergebnisse und Antworten der Tests, die du abschließt, die Zahl deiner Nachrichten und eurer Twintuition-Momente je Tag und wie die App benutzt wird: davon nur, was sie zu erheben angibt.",
    "Sie bekommt nie eine Nachricht, ein Bild, einen Namen, eine Adresse, einen Ort oder eine Uhrzeit.",
    "Was sie bekommt, steht unter einem Code, der in jeder Studie ein anderer ist. Dein Konto steht nicht daneben.",
    "Forschende bekommen Zahlen von elf Paaren oder mehr, in Stufen, und nie eine Zeile über dich.",
    "Deine Einwilligung gilt ein Jahr und für die Worte, denen du zugestimmt hast. Danach wirst du wieder gefragt.",
    "Du kannst jederzeit gehen. Von da an wird nichts mehr erhoben, und du bestimmst, was mit dem Vorhandenen geschieht.",
  ],
  es: [
    "Participar es decisión tuya, y la de tu gemelo o gemela es suya. En la aplicación no cambia nada.",
    "Un estudio recibe resultados y respuestas de los cuestionarios que completas, cuántos mensajes envías y cuántos momentos de twintuition tenéis al día y cómo se usa la aplicación: de todo ello, solo lo que dice que recoge.",
    "Nunca recibe un mensaje, una imagen, un nombre, una dirección, un lugar ni una hora del día.",
    "Lo que recibe se guarda con un código distinto en cada estudio. Tu cuenta no está al lado.",
    "Quien investiga recibe cifras de once parejas o más, por niveles, y nunca una fila sobre ti.",
    "Tu consentimiento vale un año y para las palabras que aceptaste. Después se te pregunta de nuevo.",
    "Puedes dejarlo cuando quieras. Desde ese momento no se recoge nada, y eliges qué pasa con lo que hay.",
  ],
};
