import { forgottenKeys } from "./once.ts";
import type { Answered, Finding, Heard, Invoked, PairRecord, Stored, Truth } from "./record.ts";
import { groupBy, hasSameContent, heardIn, isSameMessage, short, viewOf } from "./views.ts";

/** P5: nothing is shown or acknowledged that is not in history, and all of it as it was said. */
export function* committed({ observations, truth }: PairRecord): Iterable<Finding> {
  const sends = observations.filter((one): one is Invoked => one.type === "invoked" && one.name === "chat.send");
  const invoked = groupBy(sends, ({ person, key }) => `${person} ${key}`);
  const stored = truth && new Map(truth.messages.map((message) => [message.id, message]));
  for (const { at, message } of heardIn(observations)) {
    const says = wrongAsSaid(message, invoked) ?? (stored && wrongAsStored(message, at.person, stored, truth.firstSeq));
    if (says) yield { says, device: at.device };
  }
  for (const message of truth?.messages ?? []) {
    const says = wrongAsSaid(message, invoked);
    if (says) yield { says: `in history, ${says}` };
  }
  for (const one of observations) {
    if (one.type !== "answered" || !truth) continue;
    const says = wronglyAnswered(one, truth);
    if (says) yield { says, device: one.device };
  }
}

/** Words that were neither edited nor taken back are some that were asked for under their key, trimmed. */
function wrongAsSaid(message: Heard, invoked: ReadonlyMap<string, readonly Invoked[]>): string | undefined {
  if (message.hidden || message.editedAt || message.deletedAt) return undefined;
  const said = invoked.get(`${message.senderId} ${message.key}`);
  if (!said) return undefined;
  const expected = said.map(({ body }) => wordsIn(body));
  const actual = { text: message.text ?? null, encrypted: message.encrypted ?? null, replyTo: message.replyTo ?? null };
  if (expected.some((words) => JSON.stringify(words) === JSON.stringify(actual))) return undefined;
  return `${short(message)} says ${JSON.stringify(actual)}, and was asked for as ${JSON.stringify(expected)}`;
}

function wordsIn(body: object) {
  const { text, encrypted, replyTo } = fieldsOf(body);
  return {
    text: typeof text === "string" ? text.trim() : null,
    encrypted: encrypted ?? null,
    replyTo: replyTo ?? null,
  };
}

const fieldsOf = (body: object): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(body));

function wrongAsStored(
  message: Heard,
  person: string,
  stored: ReadonlyMap<string, Stored>,
  firstSeq: number,
): string | undefined {
  if (message.seq < firstSeq) return undefined;
  const truth = stored.get(message.id);
  if (!truth) return `${short(message)} was shown, and is not in history`;
  const view = viewOf(truth, person);
  if (message.version > view.version) return `${short(message)} is ahead of history, which has ${short(view)}`;
  if (message.hidden)
    return truth.hides.some(({ userId }) => userId === person) ? undefined : `${short(message)} was never hidden`;
  if (!isSameMessage(message, truth)) return `${short(message)} is another message in history`;
  const isFinal = message.version === truth.version;
  return isFinal && !hasSameContent(message, truth) ? `${short(message)} stands differently in history` : undefined;
}

function wronglyAnswered({ person, key, name, answer }: Answered, truth: Truth): string | undefined {
  const row = truth.journal?.find((one) => one.actor === person && one.key === key);
  if (truth.journal && !row) return `${name} ${key} was acknowledged, and is not in the journal`;
  if (row && (row.version !== answer.version || (typeof answer.seq === "number" && row.seq !== answer.seq))) {
    return `${name} ${key} was answered ${JSON.stringify(answer)}, and the journal has ${JSON.stringify(row)}`;
  }
  if (row && forgottenKeys(truth).has(`${person} ${key}`)) return undefined;
  if (name !== "chat.send" || (typeof answer.seq === "number" && answer.seq < truth.firstSeq)) return undefined;
  const found = truth.messages.find((one) => one.senderId === person && one.key === key);
  if (!found) return `${key} was acknowledged, and is not in history`;
  const isThere =
    found.id === answer.id && found.seq === answer.seq && (!answer.sentAt || found.sentAt === answer.sentAt);
  return isThere ? undefined : `${key} was answered ${JSON.stringify(answer)}, and is ${short(found)} in history`;
}
