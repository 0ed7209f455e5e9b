import type { Finding, Heard, Observation, PairRecord, Shown, Told } from "./record.ts";
import { groupBy, short } from "./views.ts";

/** P3: seq is dense, and every device hears and shows messages in its order, each once. */
export function* inOrder(record: PairRecord): Iterable<Finding> {
  if (record.truth) {
    for (const says of holesIn(record.truth.messages, record.truth.firstSeq)) yield { says: `history has ${says}` };
  }
  for (const [device, observations] of groupBy(record.observations, ({ device }) => device)) {
    for (const says of [...wronglyShown(observations), ...wronglyTold(observations, record)]) yield { says, device };
  }
}

function* holesIn(messages: readonly Heard[], firstSeq: number): Iterable<string> {
  const seqs = messages.map(({ seq }) => seq).sort((one, other) => one - other);
  for (const [index, seq] of seqs.entries()) {
    if (seq !== firstSeq + index) return yield `seq ${seq} where ${firstSeq + index} belongs`;
  }
}

function* wronglyShown(observations: readonly Observation[]): Iterable<string> {
  const shown = observations.filter((one): one is Shown => one.type === "shown");
  const versions = new Map<string, number>();
  let last: number | undefined;
  for (const { how, messages } of shown) {
    if (how === "window") {
      for (const says of holesIn(messages, messages[0]?.seq ?? 1)) yield `a window with ${says}`;
      last = messages[messages.length - 1]?.seq;
      versions.clear();
    }
    for (const message of messages) {
      const known = versions.get(message.id);
      if (known !== undefined && known >= message.version)
        yield `showed ${short(message)} after version ${known} of it`;
      if (how === "message" && last !== undefined && message.seq !== last + 1) {
        yield `showed ${short(message)} after seq ${last}`;
      }
      if (how === "message") last = message.seq;
      versions.set(message.id, message.version);
    }
  }
}

/**
 * What the server told one device by itself: only what the device was answered, still reads on for, or what was trimmed
 * before anybody heard of it, may be left out.
 */
function* wronglyTold(
  observations: readonly Observation[],
  { observations: all, truth }: PairRecord,
): Iterable<string> {
  const ownSeqs = seqsMadeBy(observations, all);
  const mayMiss = (seq: number): boolean => ownSeqs.has(seq) || seq < (truth?.firstSeq ?? 1);
  const known = new Set<number>();
  for (const [, connection] of groupBy(observations, ({ connection }) => connection)) {
    const isReadingOn = connection.some((one) => one.type === "resumed" && (one.hasMore || one.reset));
    for (const says of wronglyToldOn(connection, known, isReadingOn ? () => true : mayMiss)) yield says;
    for (const one of connection) for (const { seq } of messagesIn(one)) known.add(seq);
  }
}

function* wronglyToldOn(
  connection: readonly Observation[],
  before: ReadonlySet<number>,
  mayMiss: (seq: number) => boolean,
): Iterable<string> {
  const told = connection.filter((one): one is Told => one.type === "told");
  const exact = new Set<string>();
  for (const { version, message } of told) {
    // What is hidden says nothing, however often.
    if (message.hidden) continue;
    // A resume tells a change in the message's newest state, which may be that of a change still to be told in its place.
    const name = `${message.id} ${message.version} ${version}`;
    if (exact.has(name)) yield `was told ${short(message)} twice`;
    exact.add(name);
  }
  const beginning = connection.find((one) => one.type === "window");
  let last =
    beginning?.type === "window" ? newestIn(beginning.messages, beginning.firstSeq - 1) : Math.max(0, ...before);
  for (const { message } of told) {
    if (message.seq <= last) continue;
    const missing = range(last + 1, message.seq - 1).filter((seq) => !mayMiss(seq));
    if (missing.length > 0) yield `was told ${short(message)} without seq ${missing.join(", ")}`;
    last = message.seq;
  }
}

/** Numbers of messages that this device sent: it hears of them by the answer, or not at all if that is lost. */
function seqsMadeBy(observations: readonly Observation[], all: readonly Observation[]): ReadonlySet<number> {
  const keys = new Set(observations.flatMap((one) => (one.type === "invoked" ? `${one.person} ${one.key}` : [])));
  const seqs = new Set<number>();
  for (const one of all) {
    for (const { seq, senderId, key } of messagesIn(one)) if (keys.has(`${senderId} ${key}`)) seqs.add(seq);
    if (one.type === "answered" && keys.has(`${one.person} ${one.key}`)) seqs.add(one.answer.seq ?? 0);
  }
  return seqs;
}

function messagesIn(one: Observation): readonly Heard[] {
  if (one.type === "told") return [one.message];
  if (one.type === "window" || one.type === "synced" || one.type === "paged") return one.messages;
  return [];
}

const newestIn = (messages: readonly Heard[], none: number) => messages[messages.length - 1]?.seq ?? none;

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
