import type { Finding, Heard, Invoked, Observation, PairRecord, Resumed, Synced, Truth } from "./record.ts";
import { groupBy, hasSameContent, short, viewOf } from "./views.ts";

/** P10: who resumed or synced knows all that changed since, as it stands in the end; who is at rest knows everything. */
export function* caughtUp({ observations, truth }: PairRecord): Iterable<Finding> {
  if (!truth) return;
  for (const [, connection] of groupBy(observations, ({ connection }) => connection)) {
    for (const says of [...missedBySyncs(connection, truth), ...missedByResume(connection, truth)]) {
      yield { says, device: connection[0]?.device ?? "" };
    }
  }
  for (const [device, own] of groupBy(observations, ({ device }) => device)) {
    for (const says of missedAtRest(own, truth)) yield { says, device };
  }
}

/** Pages that follow each other are one walk; only one that came to its end promises anything. */
function* missedBySyncs(connection: readonly Observation[], truth: Truth): Iterable<string> {
  let walk: Synced[] = [];
  for (const page of connection.filter((one): one is Synced => one.type === "synced" && !one.reset)) {
    const before = walk[walk.length - 1];
    walk = before?.hasMore && before.version === page.afterVersion ? [...walk, page] : [page];
    if (page.hasMore) continue;
    const [first = page] = walk;
    const told = walk.flatMap(({ messages }) => messages);
    const range = { after: first.afterVersion, to: page.version, person: page.person };
    for (const message of missing(told, truth, range)) {
      yield `a sync from ${range.after} to ${range.to} left out ${short(message)}`;
    }
    walk = [];
  }
}

function* missedByResume(connection: readonly Observation[], truth: Truth): Iterable<string> {
  const resumed = connection.find((one): one is Resumed => one.type === "resumed");
  if (!resumed || resumed.reset) return;
  const told = connection.filter((one) => one.type === "told");
  // Only what came after it, or rest, shows that a resume had come to its end.
  const isOver = told.some(({ version }) => version > resumed.to) || connection.some(({ type }) => type === "settled");
  if (!isOver || resumed.hasMore) return;
  const range = { after: resumed.from, to: resumed.to, person: resumed.person };
  for (const message of missing(
    told.map((one) => one.message),
    truth,
    range,
  )) {
    yield `a resume from ${range.after} to ${range.to} left out ${short(message)}`;
  }
}

/** What changed for the last time within a range and was not told in its final state. */
function* missing(
  told: readonly Heard[],
  truth: Truth,
  { after, to, person }: { after: number; to: number; person: string },
): Iterable<Heard> {
  const states = new Map(told.map((message) => [message.id, message]));
  for (const stored of truth.messages) {
    const view = viewOf(stored, person);
    if (view.version <= after || view.version > to) continue;
    if (states.get(stored.id)?.version !== view.version) yield view;
  }
}

function* missedAtRest(own: readonly Observation[], truth: Truth): Iterable<string> {
  const end = own.map(({ type }) => type).lastIndexOf("settled");
  const person = own[end]?.person;
  if (person === undefined) return;
  const known = knowledgeOf(own.slice(0, end));
  const oldest = Math.min(...[...known.values()].map(({ seq }) => seq));
  for (const stored of truth.messages) {
    const view = viewOf(stored, person);
    const message = known.get(stored.id);
    if (!message && (known.size === 0 || view.seq >= oldest)) yield `at rest, it does not know ${short(view)}`;
    else if (message && message.version !== view.version)
      yield `at rest, it has ${short(message)} and not ${short(view)}`;
    else if (message && !view.hidden && !hasSameContent(message, view))
      yield `at rest, ${short(message)} is not what is stored`;
  }
}

/** By what it showed, if it shows anything; else by all it heard, and was answered. */
function knowledgeOf(own: readonly Observation[]): ReadonlyMap<string, Heard> {
  const shows = own.some(({ type }) => type === "shown");
  const targets = new Map(own.flatMap((one) => (one.type === "invoked" ? [[one.ask, targetOf(one)]] : [])));
  const known = new Map<string, Heard>();
  for (const one of own) {
    const isAnew = shows ? one.type === "shown" && one.how === "window" : one.type === "window";
    if (isAnew) known.clear();
    for (const message of toldBy(one, shows)) learn(known, message);
    if (one.type !== "answered" || shows) continue;
    const { id = targets.get(one.ask) ?? "", version } = one.answer;
    const seq = one.answer.seq ?? known.get(id)?.seq;
    // What else it says by now, only the server knows.
    if (seq !== undefined) learn(known, { id, seq, version });
  }
  return known;
}

function learn(known: Map<string, Heard>, message: Heard): void {
  const before = known.get(message.id);
  if (!before || before.version < message.version) known.set(message.id, message);
}

const targetOf = ({ body }: Invoked): string => ("messageId" in body ? String(body.messageId) : "");

function toldBy(one: Observation, shows: boolean): readonly Heard[] {
  if (shows) return one.type === "shown" ? one.messages : [];
  if (one.type === "told") return [one.message];
  return one.type === "window" || one.type === "synced" ? one.messages : [];
}
