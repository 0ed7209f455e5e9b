import { type Connect, type Listener, Refused, type RoomSocket, type Twinship } from "../../client/index.ts";
import {
  isChanged,
  isChatMessage,
  isChatResume,
  isChatWindow,
  isHistoryPage,
  isMarked,
  isReceipt,
  isRecord,
  isSyncPage,
} from "../../client/wire.ts";
import type { Observation, Place } from "./history/record.ts";

type Unplaced<One extends Observation = Observation> = One extends Observation ? Omit<One, keyof Place> : never;

/**
 * Writes down, for the history checker, all that one device of the client's asks, is answered, hears and shows. It stands
 * between the client and its connections, so it sees what was on the wire and not what the client made of it.
 */
export class Recorder {
  readonly #record: Observation[];
  readonly #device: Omit<Place, "connection">;
  #connections = 0;
  #asks = 0;

  constructor(record: Observation[], device: Omit<Place, "connection">) {
    this.#record = record;
    this.#device = device;
  }

  /** Connections made through it are recorded; those to the waiting room are none of a pair's history. */
  wrap(connect: Connect): Connect {
    return async (name, options, token, listener) => {
      if (name === "waiting") return connect(name, options, token, listener);
      const connection = `${this.#device.device}/${++this.#connections}`;
      const note = (what: Unplaced) => this.#note(connection, what);
      const inner = await connect(name, options, token, recorded(listener, note));
      return new RecordedSocket({ inner, note, nextAsk: () => this.#nextAsk(), person: this.#device.person });
    };
  }

  /** What the client hands to its person. */
  watch({ chat }: Twinship): void {
    const shown = (what: Unplaced) => this.#note(`${this.#device.device}/screen`, what);
    chat.on("window", ({ messages }) => shown({ type: "shown", how: "window", messages }));
    chat.on("message", (message) => shown({ type: "shown", how: "message", messages: [message] }));
    chat.on("changed", (message) => shown({ type: "shown", how: "changed", messages: [message] }));
  }

  /** The device is connected, and nothing is under way any more. */
  settled(): void {
    this.#note(`${this.#device.device}/${this.#connections}`, { type: "settled" });
  }

  #note(connection: string, what: Unplaced): void {
    this.#record.push({ ...this.#device, connection, ...what });
  }

  #nextAsk(): string {
    return `${this.#device.device}/${++this.#asks}`;
  }
}

function recorded(listener: Listener, note: (what: Unplaced) => void): Listener {
  return {
    heard(event, payload) {
      const what = heardAs(event, payload);
      if (what) note(what);
      listener.heard(event, payload);
    },
    state(state) {
      for (const what of stated(state)) note(what);
      listener.state(state);
    },
    closed: (code) => listener.closed(code),
  };
}

function heardAs(event: string, payload: unknown): Unplaced | undefined {
  if (event === "chat.window" && isChatWindow(payload)) return { type: "window", ...payload };
  if (event === "chat.resume" && isChatResume(payload))
    return { type: "resumed", ...payload, reset: payload.reset === true };
  if (event === "chat.message" && isChatMessage(payload)) return { type: "told", ...payload };
  if (event !== "chat.receipt" || !isReceipt(payload)) return undefined;
  const { userId: whose, deliveredSeq, readSeq } = payload;
  return { type: "marked", source: "receipt", whose, deliveredSeq, readSeq };
}

function* stated(state: unknown): Iterable<Unplaced> {
  if (!isRecord(state)) return;
  const { version, lastSeq, members } = state;
  if (typeof version !== "number" || typeof lastSeq !== "number") return;
  yield { type: "stated", version, lastSeq };
  for (const member of isRecord(members) ? Object.values(members) : []) {
    if (!isReceipt(member)) continue;
    const { userId: whose, deliveredSeq, readSeq } = member;
    yield { type: "marked", source: "state", whose, deliveredSeq, readSeq, lastSeq };
  }
}

interface Recorded {
  readonly inner: RoomSocket;
  readonly note: (what: Unplaced) => void;
  readonly nextAsk: () => string;
  readonly person: string;
}

class RecordedSocket implements RoomSocket {
  readonly #recorded: Recorded;

  constructor(recorded: Recorded) {
    this.#recorded = recorded;
  }

  request(name: string, payload: object, limitMs: number): Promise<unknown> {
    return "key" in payload ? this.#command(name, payload, limitMs) : this.#question(name, payload, limitMs);
  }

  signal(name: string, payload: object): void {
    this.#recorded.inner.signal(name, payload);
  }

  close(code: number): void {
    this.#recorded.inner.close(code);
  }

  async #command(name: string, payload: object, limitMs: number): Promise<unknown> {
    const { inner, note, nextAsk } = this.#recorded;
    const { key: asked, pairId: _, ...body }: { key?: unknown; pairId?: unknown } = { ...payload };
    const [ask, key] = [nextAsk(), String(asked)];
    note({ type: "invoked", ask, key, name, body });
    try {
      const answer = await inner.request(name, payload, limitMs);
      if (isChanged(answer)) note({ type: "answered", ask, key, name, answer });
      return answer;
    } catch (error) {
      note({ type: "refused", ask, key, code: error instanceof Refused ? error.code : "NO_ANSWER" });
      throw error;
    }
  }

  async #question(name: string, payload: object, limitMs: number): Promise<unknown> {
    const { inner, note, person: whose } = this.#recorded;
    const answer = await inner.request(name, payload, limitMs);
    if (name === "chat.sync" && isSyncPage(answer) && "afterVersion" in payload) {
      note({ type: "synced", ...answer, afterVersion: Number(payload.afterVersion), reset: answer.reset === true });
    }
    if (name === "chat.history" && isHistoryPage(answer)) note({ type: "paged", messages: answer.messages });
    if (isMarked(answer)) {
      const mark = name === "chat.read" ? { readSeq: answer.upTo } : { deliveredSeq: answer.upTo };
      note({ type: "marked", source: "answer", whose, ...mark });
    }
    return answer;
  }
}
