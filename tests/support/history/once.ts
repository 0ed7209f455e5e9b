import type { Answered, Finding, Invoked, PairRecord, RefusedAsk, Truth } from "./record.ts";
import { groupBy } from "./views.ts";

/** Refusals that say nothing about the command for ever. */
const FOR_NOW = /^(UNAVAILABLE|RATE_LIMIT_EXCEEDED|AUTH_.*|NO_ANSWER|ID_REUSED|INTERNAL_SERVER_ERROR)$/;

interface Command {
  readonly invoked: readonly Invoked[];
  readonly answered: readonly Answered[];
  readonly refused: readonly RefusedAsk[];
}

/** P2: one key of one person has one effect for ever, and one answer. */
export function* once({ observations, truth }: PairRecord): Iterable<Finding> {
  const asks = observations.filter(
    (one): one is Invoked | Answered | RefusedAsk =>
      one.type === "invoked" || one.type === "answered" || one.type === "refused",
  );
  const effects = new Map<string, number>();
  for (const { actor, key } of truth?.journal ?? []) count(effects, `${actor} ${key}`, key !== null);
  const messages = new Map<string, number>();
  for (const { senderId, key } of truth?.messages ?? []) count(messages, `${senderId} ${key}`, key !== undefined);

  for (const [name, times] of [...effects, ...messages]) {
    if (times > 1) yield { says: `${name} is in history ${times} times` };
  }
  const forgotten = forgottenKeys(truth);
  for (const [name, group] of groupBy(asks, ({ person, key }) => `${person} ${key}`)) {
    const isDone = effects.has(name) || messages.has(name);
    for (const says of wrongWith(commandOf(group), isDone, forgotten.has(name))) yield { says: `${name}: ${says}` };
  }
}

function count(times: Map<string, number>, name: string, counts: boolean): void {
  if (counts) times.set(name, (times.get(name) ?? 0) + 1);
}

function commandOf(group: readonly (Invoked | Answered | RefusedAsk)[]): Command {
  return {
    invoked: group.filter((one) => one.type === "invoked"),
    answered: group.filter((one) => one.type === "answered"),
    refused: group.filter((one) => one.type === "refused"),
  };
}

/** Once its words are erased or trimmed, a key alone decides: nothing is left that could tell another body from the first. */
export function forgottenKeys(truth: Truth | undefined): ReadonlySet<string> {
  const deleted = (truth?.messages ?? []).filter(({ deletedAt }) => deletedAt);
  const trimmed = (truth?.journal ?? []).filter(({ seq }) => seq !== null && seq < (truth?.firstSeq ?? 1));
  const ids = new Set([...deleted, ...trimmed].map(({ id }) => id));
  const rows = (truth?.journal ?? []).filter(({ id }) => ids.has(id));
  return new Set([
    ...deleted.map(({ senderId, key }) => `${senderId} ${key}`),
    ...rows.map(({ actor, key }) => `${actor} ${key}`),
  ]);
}

function* wrongWith({ invoked, answered, refused }: Command, isDone: boolean, isForgotten: boolean): Iterable<string> {
  const answers = new Set(
    answered.map(({ answer: { duplicate: _, ...place } }) => JSON.stringify(Object.entries(place).sort())),
  );
  if (answers.size > 1) yield `answered differently: ${[...answers].join(" and ")}`;

  const first = answered.filter(({ answer }) => answer.duplicate === false);
  if (first.length > 1) yield `${first.length} answers say that they are the first`;

  const bodies = new Map(invoked.map(({ ask, name, body }) => [ask, JSON.stringify([name, body])]));
  const done = new Set(answered.map(({ ask }) => bodies.get(ask)));
  if (done.size > 1 && !isForgotten) yield "two bodies under one key were both done";
  if (new Set(bodies.values()).size === 1 && refused.some(({ code }) => code === "ID_REUSED")) {
    yield "is ID_REUSED, and was asked with one body only";
  }
  const isRefused = invoked.length === 1 && refused.some(({ code }) => !FOR_NOW.test(code));
  if (isRefused && isDone) yield "was refused for ever, and is done";
}
