import type { Heard, Observation, Stored, Truth } from "./record.ts";

export const PAIR = "pair";
export const ADA = "ada";
export const BEA = "bea";

/** A message of Ada's, said under `key-<seq>`. */
export const said = (seq: number, fields: Partial<Heard> = {}): Heard => ({
  id: `id-${seq}`,
  seq,
  version: seq,
  key: `key-${seq}`,
  senderId: ADA,
  type: "text",
  text: `words ${seq}`,
  encrypted: null,
  replyTo: null,
  reactions: [],
  pinned: false,
  sentAt: `2026-01-01T00:00:0${seq}.000Z`,
  editedAt: null,
  deletedAt: null,
  ...fields,
});

export const stored = (message: Heard, hides: Stored["hides"] = []): Stored => ({ ...message, hides });

export const adas = { pair: PAIR, person: ADA, device: "adas phone", connection: "a1" };
export const beas = { pair: PAIR, person: BEA, device: "beas phone", connection: "b1" };

export const ask = (seq: number, body: object = { text: `words ${seq}` }, name = "chat.send"): Observation => ({
  ...adas,
  type: "invoked",
  ask: `ask-${seq}-${JSON.stringify(body)}`,
  key: `key-${seq}`,
  name,
  body,
});
export const answered = (seq: number, answer: object = {}, body: object = { text: `words ${seq}` }): Observation => ({
  ...adas,
  type: "answered",
  ask: `ask-${seq}-${JSON.stringify(body)}`,
  key: `key-${seq}`,
  name: "chat.send",
  answer: { id: `id-${seq}`, seq, version: seq, sentAt: `2026-01-01T00:00:0${seq}.000Z`, duplicate: false, ...answer },
});
export const refused = (seq: number, code: string): Observation => ({
  ...adas,
  type: "refused",
  ask: `ask-${seq}-${JSON.stringify({ text: `words ${seq}` })}`,
  key: `key-${seq}`,
  code,
});
export const windowOf = (place: typeof beas, messages: readonly Heard[], version = messages.length): Observation => ({
  ...place,
  type: "window",
  messages,
  version,
  history: "line",
  firstSeq: 1,
});
export const told = (message: Heard, place = beas, version = message.version): Observation => ({
  ...place,
  type: "told",
  version,
  message,
});
export const showed = (how: "window" | "message" | "changed", ...messages: readonly Heard[]): Observation => ({
  ...beas,
  type: "shown",
  how,
  messages,
});
export const synced = (
  afterVersion: number,
  version: number,
  messages: readonly Heard[],
  hasMore = false,
): Observation => ({
  ...beas,
  type: "synced",
  afterVersion,
  version,
  messages,
  history: "line",
  hasMore,
  reset: false,
});
export const resumed = (from: number, to: number): Observation => ({
  ...beas,
  connection: "b2",
  type: "resumed",
  from,
  to,
  hasMore: false,
  history: "line",
  reset: false,
});
export const marked = (marks: object, place = beas): Observation => ({
  ...place,
  type: "marked",
  source: "receipt",
  whose: ADA,
  ...marks,
});
export const settled: Observation = { ...beas, connection: "b2", type: "settled" };

export const edited = said(1, { version: 4, text: "better", editedAt: "2026-01-01T00:00:09.000Z" });

/** Ada says three things, of which she mends the first; Bea hears them, goes away before the mending, and comes back. */
export const LIFE: readonly Observation[] = [
  ask(1),
  answered(1),
  windowOf(beas, [said(1)]),
  showed("window", said(1)),
  ask(2),
  refused(2, "UNAVAILABLE"),
  ask(2),
  answered(2, { duplicate: true }),
  told(said(2)),
  showed("message", said(2)),
  { ...beas, type: "stated", version: 2, lastSeq: 2 },
  ask(3),
  answered(3),
  ask(4, { messageId: "id-1", text: "better" }, "chat.edit"),
  { ...beas, type: "stated", version: 3, lastSeq: 3 },
  resumed(2, 4),
  told(said(3), { ...beas, connection: "b2" }),
  told(edited, { ...beas, connection: "b2" }),
  showed("message", said(3)),
  showed("changed", edited),
  marked({ deliveredSeq: 2, readSeq: 1 }),
  marked({ deliveredSeq: 3, readSeq: 3 }),
  synced(1, 3, [said(2)], true),
  synced(3, 4, [said(3), edited]),
  settled,
];

export const TRUTH: Truth = {
  firstSeq: 1,
  messages: [stored(edited), stored(said(2)), stored(said(3))],
  journal: [1, 2, 3].map((n) => ({ actor: ADA, key: `key-${n}`, id: `id-${n}`, seq: n, version: n })),
};
