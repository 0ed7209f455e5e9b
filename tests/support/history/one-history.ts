import type { Finding, Heard, Observation, PairRecord } from "./record.ts";
import { groupBy, hasSameContent, heardIn, short } from "./views.ts";

/** P4: whoever heard of a pair's history heard of the same one. */
export function* oneHistory({ observations, truth }: PairRecord): Iterable<Finding> {
  const lines = lineOfConnections(observations);
  for (const [line, group] of groupBy(observations, ({ connection }) => lines.get(connection) ?? "")) {
    const facts = new Facts();
    // The end of history belongs to the line that is still there: with several, which one that is, nobody says.
    if (lines.size === 0 || new Set(lines.values()).size <= 1) {
      for (const message of truth?.messages ?? []) yield* facts.learn(message);
    }
    for (const { at, message } of heardIn(group)) {
      for (const { says } of facts.learn(message))
        yield { says: line ? `${says} (line ${line})` : says, device: at.device };
    }
    for (const one of group) {
      if (one.type !== "answered" || !one.answer.id || typeof one.answer.seq !== "number") continue;
      const { id, seq, version } = one.answer;
      yield* facts.learn({ id, seq, version, senderId: one.person, key: one.key }, false);
    }
    yield* versionsBackIn(group);
  }
}

/** A device that resumes under one line and is told another hears of two; each connection has one. */
function lineOfConnections(observations: readonly Observation[]): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const one of observations) {
    if (one.type === "window" || one.type === "resumed") lines.set(one.connection, one.history);
  }
  return lines;
}

class Facts {
  readonly #idAt = new Map<number, string>();
  readonly #seqOf = new Map<string, number>();
  readonly #idUnder = new Map<string, string>();
  readonly #idChangedAt = new Map<number, string>();
  readonly #states = new Map<string, Heard>();

  /** `isState`: it says how the message stood at its version, and not only where it is. */
  *learn(message: Heard, isState = true): Iterable<Finding> {
    const { id, seq, version, senderId, key } = message;
    if (isOther(this.#idAt, seq, id)) yield { says: `two messages have seq ${seq}` };
    if (isOther(this.#seqOf, id, seq)) yield { says: `${short(message)} had another seq elsewhere` };
    if (key !== undefined && isOther(this.#idUnder, `${senderId} ${key}`, id)) {
      yield { says: `key ${key} names two messages` };
    }
    if (isOther(this.#idChangedAt, version, id)) yield { says: `version ${version} is of two messages` };
    if (!isState || message.hidden) return;
    const name = `${id} ${version}`;
    const state = this.#states.get(name);
    if (state && !hasSameContent(state, message)) yield { says: `${short(message)} says different things` };
    this.#states.set(name, state ?? message);
  }
}

function isOther<Name, Value>(known: Map<Name, Value>, name: Name, value: Value): boolean {
  const before = known.get(name);
  if (before === undefined) known.set(name, value);
  return before !== undefined && before !== value;
}

function* versionsBackIn(observations: readonly Observation[]): Iterable<Finding> {
  const versions = new Map<string, number>();
  for (const one of observations) {
    if (one.type !== "stated") continue;
    const before = versions.get(one.connection) ?? 0;
    if (one.version < before)
      yield { says: `the state's version went from ${before} to ${one.version}`, device: one.device };
    versions.set(one.connection, one.version);
  }
}
