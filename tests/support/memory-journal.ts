import { readBack, WINDOW_MESSAGES } from "../../domain/room/chat-history.ts";
import type { Message } from "../../domain/room/message.ts";
import { isMessage, isOfChat, isTwintuition, type RoomEvent, type RoomFact } from "../../domain/room/rules.ts";
import { readBackTrimming, TRIMMED } from "../../domain/room/trimming.ts";
import { readBackTwintuition, type TwintuitionFact } from "../../domain/room/twintuition-history.ts";
import {
  type Append,
  type Ask,
  type Due,
  type Entry,
  type Fenced,
  type Head,
  type Journal,
  Poison,
  type Recalled,
} from "../../rooms/durable/journal.ts";
import { UserId } from "../../schema/wire/ids.ts";

interface History {
  head: Head;
  rows: Entry<RoomEvent>[];
  dues: Due[];
  messages: Map<string, Message>;
  /** Presses, alerts and moments. */
  felt: Map<string, TwintuitionFact>;
}

const EMPTY: Head = { epoch: 0, revision: 0, version: 0, lastSeq: 0, lastId: null, firstSeq: 1, isClosed: false };

/** What the database is to the rooms, in memory and without its troubles. */
export class MemoryJournal implements Journal<RoomEvent, RoomFact> {
  readonly #pairs = new Map<string, History>();

  /** Makes the caller the pair's owner. */
  claim(pairId: string): number {
    const history = this.history(pairId);
    history.head = { ...history.head, epoch: history.head.epoch + 1 };
    return history.head.epoch;
  }

  /** The two part, or find each other again: whoever owned the pair does not any more. */
  setClosed(pairId: string, isClosed: boolean): void {
    this.claim(pairId);
    const history = this.history(pairId);
    history.head = { ...history.head, isClosed };
  }

  /** The oldest ones go, as retention takes them: beside whoever owns the pair, and without asking. */
  trim(pairId: string, count: number): void {
    const history = this.history(pairId);
    const old = [...history.messages.values()].sort((a, b) => a.seq - b.seq).slice(0, count);
    const last = old.at(-1);
    if (!last) return;
    for (const { id } of old) history.messages.delete(id);
    const firstSeq = last.seq + 1;
    const [revision, version] = [history.head.revision + 1, history.head.version + 1];
    history.head = { ...history.head, revision, version, firstSeq };
    const event = readBackTrimming(last.id, last.sentAt, firstSeq);
    history.rows.push({ revision, version, seq: null, event, ask: null });
  }

  /** Remembers how a pair stands; what is returned puts it back there, as a database that lost its tail does. */
  rewinding(pairId: string): () => void {
    const { head, rows, dues, messages, felt } = this.history(pairId);
    const kept = { head, rows: [...rows], dues: [...dues], messages: new Map(messages), felt: new Map(felt) };
    return () => void this.#pairs.set(pairId, kept);
  }

  history(pairId: string): History {
    const history = this.#pairs.get(pairId) ?? {
      head: EMPTY,
      rows: [],
      dues: [],
      messages: new Map(),
      felt: new Map(),
    };
    this.#pairs.set(pairId, history);
    return history;
  }

  async append(appends: readonly Append<RoomEvent, RoomFact>[]): Promise<ReadonlySet<string>> {
    if (appends.some(({ facts }) => facts.filter(isMessage).some(({ text }) => text?.includes("\0"))))
      throw new Poison("a NUL");
    return new Set(appends.filter((append) => this.#write(append)).map(({ pairId }) => pairId));
  }

  #write({ pairId, expected, next, entries, facts, dues }: Append<RoomEvent, RoomFact>): boolean {
    const history = this.history(pairId);
    const { epoch, revision, isClosed } = history.head;
    if (epoch !== expected.epoch || revision !== expected.revision) return false;
    if (entries.some(({ ask }) => ask && this.#rowOf(pairId, ask))) return false;

    history.head = { ...next, isClosed };
    history.rows.push(...entries);
    history.dues.push(...dues);
    for (const fact of facts.filter(isMessage)) history.messages.set(fact.id, fact);
    for (const fact of facts.filter(isTwintuition)) history.felt.set(fact.id, fact);
    return true;
  }

  async newest(pairId: string): Promise<{ head: Head; facts: readonly RoomFact[] }> {
    const { head, messages, felt } = this.history(pairId);
    const window = [...messages.values()].sort((a, b) => a.seq - b.seq).slice(-WINDOW_MESSAGES);
    return { head, facts: [...window, ...openOf([...felt.values()])] };
  }

  async fence(pairId: string, epoch: number, revision: number): Promise<Fenced<RoomEvent>> {
    const history = this.history(pairId);
    if (history.head.epoch !== epoch) return { isOurs: false, isClosed: history.head.isClosed };
    history.head = { ...history.head, revision: history.head.revision + 1 };
    const rows = history.rows.filter((row) => row.revision > revision);
    return { isOurs: true, head: history.head, entries: this.#readBack(history, rows) };
  }

  async recall(pairId: string, asks: readonly Ask[]): Promise<{ epoch: number; done: readonly Recalled[] }> {
    const { head, messages, felt } = this.history(pairId);
    const done = asks.flatMap((ask) => {
      const row = this.#rowOf(pairId, ask);
      if (!row) return [];
      const { seq, version, event } = row;
      const same = !saltOf(messages.get(event.id) ?? felt.get(event.id)) || row.ask?.print === ask.print;
      return [{ actor: ask.actor, key: ask.key, same, place: { id: event.id, seq, version, at: event.at } }];
    });
    return { epoch: head.epoch, done };
  }

  async facts(pairId: string, ids: readonly string[]): Promise<readonly Message[]> {
    const { messages } = this.history(pairId);
    return ids.flatMap((id) => messages.get(id) ?? []).sort((a, b) => a.seq - b.seq);
  }

  #rowOf(pairId: string, { actor, key }: Ask): Entry<RoomEvent> | undefined {
    return this.history(pairId).rows.find(({ ask }) => ask?.actor === actor && ask.key === key);
  }

  /** What is gone meanwhile with its time has no more to tell. */
  #readBack(history: History, rows: readonly Entry<RoomEvent>[]): Entry<RoomEvent>[] {
    const ofChat = rows.filter(({ event }) => isOfChat(event) && history.messages.has(event.id));
    const told = this.#readBackChat(history, ofChat);
    const events = new Map(ofChat.map(({ revision }, n) => [revision, told[n]]));
    return rows.flatMap((row) => {
      const { event, revision } = row;
      const { id, at } = event;
      if (event.type === TRIMMED) return { ...row, event: readBackTrimming(event.id, at, history.head.firstSeq) };
      const felt = history.felt.get(id);
      const again = felt ? readBackTwintuition(at, felt) : events.get(revision);
      return again ? { ...row, event: again } : [];
    });
  }

  #readBackChat({ messages }: History, rows: readonly Entry<RoomEvent>[]): RoomEvent[] {
    return readBack(
      rows.map(({ event, ask }) => {
        const message = messages.get(event.id);
        if (!message || !ask) throw new Error("Every row is about a message somebody asked something of");
        return { type: event.type, by: UserId.parse(ask.actor), at: event.at, message };
      }),
    );
  }
}

/** What may still meet something, and the newest moment. */
function openOf(felt: readonly TwintuitionFact[]): TwintuitionFact[] {
  const newest = felt.findLast(({ fact }) => fact === "moment");
  const open = felt.filter((fact) => fact.fact !== "moment" && fact.momentId === null);
  return newest ? [...open, newest] : open;
}

const saltOf = (fact: RoomFact | undefined): string | null => (fact && "salt" in fact ? fact.salt : null);
