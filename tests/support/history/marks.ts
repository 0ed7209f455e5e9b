import type { Finding, Marked, PairRecord } from "./record.ts";
import { heardIn } from "./views.ts";

/** P11: 0 <= read <= delivered <= last for each twin, always, and never back. */
export function* watermarks({ observations, truth }: PairRecord): Iterable<Finding> {
  const heard = [...heardIn(observations)].map(({ message }) => message.seq);
  const answered = observations.map((one) => (one.type === "answered" ? (one.answer.seq ?? 0) : 0));
  const newest = Math.max(0, ...(truth?.messages ?? []).map(({ seq }) => seq), ...heard, ...answered);
  const before = new Map<string, Marked>();
  for (const one of observations) {
    if (one.type !== "marked") continue;
    const name = `${one.connection} ${one.source} ${one.whose}`;
    for (const says of wrongWith(one, before.get(name), newest)) yield { says, device: one.device };
    before.set(name, { ...before.get(name), ...one });
  }
}

function* wrongWith(mark: Marked, before: Marked | undefined, newest: number): Iterable<string> {
  const { whose, source, deliveredSeq, readSeq, lastSeq = newest } = mark;
  const at = `${source} of ${whose.slice(-4)}: read ${readSeq}, delivered ${deliveredSeq}, last ${lastSeq}`;
  for (const seq of [deliveredSeq, readSeq]) {
    if (seq !== undefined && (seq < 0 || !Number.isInteger(seq))) yield `${at}: no seq`;
    if (seq !== undefined && seq > lastSeq) yield `${at}: beyond the newest`;
  }
  if (readSeq !== undefined && deliveredSeq !== undefined && readSeq > deliveredSeq)
    yield `${at}: read before delivered`;
  const wentBack = (now?: number, then?: number) => now !== undefined && then !== undefined && now < then;
  if (wentBack(readSeq, before?.readSeq) || wentBack(deliveredSeq, before?.deliveredSeq)) yield `${at}: went back`;
}
