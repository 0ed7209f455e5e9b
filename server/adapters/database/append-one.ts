import type { Message } from "../../../domain/room/message.ts";
import { isMessage, type RoomEvent } from "../../../domain/room/rules.ts";
import type { Ask, Entry } from "../../../rooms/durable/journal.ts";
import { type AppendQuery, hashOf, type RoomAppend, turned } from "./append-values.ts";
import { messageValues } from "./message-rows.ts";

/** From here on the statement for many costs PostgreSQL less than calls of the function, one for each pair. */
const FEW = 16;

/** What `append_one_v1` takes, as a list of it is told to PostgreSQL. */
const PARAMETERS = {
  ...{ pair_id: "uuid", epoch: "bigint", expected: "bigint", revision: "bigint", event: "text", hash: "bytea" },
  ...{ id: "uuid", seq: "bigint", version: "bigint", sender_id: "uuid", key: "text", type: "text", text: "text" },
  ...{ encrypted: "text", media_id: "uuid", location: "jsonb", reply_to: "uuid", reactions: "jsonb", hides: "jsonb" },
  // In a list, terms go as text: PostgreSQL has no lists of lists that are not all as long.
  ...{ pinned: "boolean", salt: "text", terms: "text", sent_at: "timestamptz", edited_at: "timestamptz" },
  ...{ deleted_at: "timestamptz", due_to: "uuid", due_at: "timestamptz" },
};

const types = Object.values(PARAMETERS);
const names = Object.keys(PARAMETERS);

const ALONE = `
select $1::uuid as pair_id where append_one_v1(${types.map((_, n) => `$${n + 1}`).join()}) = 'won'`;

const ONE_BY_ONE = `
select pair_id from unnest(${types.map((type, n) => `$${n + 1}::${type}[]`).join()}) as said(${names.join()})
where append_one_v1(${names.map((name) => (name === "terms" ? "terms::bigint[]" : name)).join()}) = 'won'`;

/** For a pair or a few to each of which one new message was said, which is what most appends are; for no others. */
export function appendOneQuery(appends: readonly RoomAppend[]): AppendQuery | undefined {
  if (appends.length > FEW) return undefined;
  const said = appends.flatMap((append) => saidIn(append) ?? []);
  const [alone] = said;
  if (!alone || said.length < appends.length) return undefined;
  return said.length === 1 ? [ALONE, valuesOf(alone)] : [ONE_BY_ONE, turned(said.map(valuesOf), types.length)];
}

interface Said {
  readonly append: RoomAppend;
  readonly entry: Entry<RoomEvent>;
  readonly ask: Ask;
  readonly message: Message;
}

function saidIn(append: RoomAppend): Said | undefined {
  const { entries, facts, dues } = append;
  const [[entry], [message]] = [entries, facts];
  if (entries.length > 1 || facts.length > 1 || dues.length > 1) return undefined;
  if (!entry?.ask || !message || !isMessage(message) || !isOf(message, entry)) return undefined;
  return { append, entry, ask: entry.ask, message };
}

/** What the row of history says is what the message says of itself, so it need not be told twice. */
function isOf(message: Message, { seq, version, event, ask }: Entry<RoomEvent>): boolean {
  const { id, senderId, key, sentAt } = message;
  const isAt = message.seq === seq && message.version === version && id === event.id && sentAt === event.at;
  return isAt && senderId === ask?.actor && key === ask.key;
}

function valuesOf({ append, entry, ask, message }: Said): unknown[] {
  const { pairId, expected, dues } = append;
  const { revision, event } = entry;
  const hash = event.salt ? hashOf(event.salt, ask) : null;
  const head = [pairId, expected.epoch, expected.revision, revision, event.type, hash];
  const [, ...body] = messageValues(pairId, message);
  const [due] = dues;
  return [...head, ...body, due?.to ?? null, due ? new Date(due.at).toISOString() : null];
}
