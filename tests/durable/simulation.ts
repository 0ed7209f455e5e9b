import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { WINDOW_MESSAGES } from "../../domain/room/chat-history.ts";
import {
  isOfChat,
  type RoomCommand,
  type RoomEvent,
  type RoomFact,
  type RoomState,
  roomRules,
} from "../../domain/room/rules.ts";
import type { Answer } from "../../rooms/durable/answers.ts";
import { Committer } from "../../rooms/durable/committer.ts";
import { DurableRoom } from "../../rooms/durable/durable-room.ts";
import { type Entry, NotDone, type Why } from "../../rooms/durable/journal.ts";
import type { RefusalCode } from "../../schema/wire/errors.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";
import { FaultyJournal, noTrouble, POISON, type Trouble } from "../support/faulty-journal.ts";
import { assertKept, type Observation } from "../support/history-checker.ts";
import { MemoryJournal } from "../support/memory-journal.ts";
import { Random } from "../support/random.ts";
import { Scheduler } from "../support/scheduler.ts";
import { ada, bea, commandOf, countingChance, newYear, pair } from "../support/twins.ts";
import { answered, invoked, shown, told, truthOf } from "./simulated-phones.ts";
import { checkFelt, checkTwintuition, feltWish, tellingWords } from "./simulated-twintuition.ts";

type Room = DurableRoom<RoomState, RoomCommand, RoomEvent, RoomFact>;

interface Opened {
  room: Room | undefined;
  readonly epoch: number;
  /** The revision it was opened at, and every row it has announced from there. */
  since: number;
  readonly announced: Entry<RoomEvent>[];
  isSuperseded: boolean;
}

type Outcome = Answer | Why | RefusalCode;

interface Asked {
  readonly pairId: PairId;
  readonly command: RoomCommand;
  readonly outcome: Outcome;
}

/**
 * Two pairs, two processes, devices that ask and ask again, twins that part and find each other, and everything between
 * room and database going wrong. Whatever happens is decided by the seed. `check` then holds what everybody saw against
 * what was written.
 */
export class Simulation {
  readonly trouble: Trouble = noTrouble();
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #journal = new MemoryJournal();
  readonly #faulty: FaultyJournal;
  readonly #committers: readonly [Committer<RoomEvent, RoomFact>, ...Committer<RoomEvent, RoomFact>[]];
  readonly #rules;
  readonly #rooms = new Map<PairId, Opened[]>();
  readonly #asked: Asked[] = [];
  readonly #timesAsked = new Map<RoomCommand, number>();
  readonly #pairs = [pair(1), pair(2)] as const;
  /** What a phone in each room would have seen, for the checker that real phones are held against. */
  readonly #record: Observation[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#scheduler = new Scheduler(this.#random);
    this.#faulty = new FaultyJournal(this.#journal, this.#scheduler, this.#random, this.trouble);
    const turn = () => this.#scheduler.pause();
    const committer = () => new Committer({ journal: this.#faulty, report: () => undefined, rowsPerBatch: 40, turn });
    this.#committers = [committer(), committer()];
    let time = newYear;
    const now = () => {
      time += this.#random.below(3) - 1;
      return time;
    };
    this.#rules = roomRules({ now, ...countingChance() });
  }

  async run(): Promise<void> {
    this.trouble.percent = this.#random.pick([0, 10, 30]);
    const devices = this.#pairs.flatMap((pairId) => [ada, ada, bea].map((who, n) => this.#live(pairId, who, n)));
    const moves = this.#pairs.map((pairId) => this.#moveNowAndThen(pairId));
    const trims = this.#pairs.map((pairId) => this.#trimNowAndThen(pairId));
    const everybody = Promise.all([...devices, ...moves, ...trims]);
    await this.#scheduler.run();
    this.trouble.percent = 0;
    for (const pairId of this.#pairs) {
      if (this.#journal.history(pairId).head.isClosed) this.#journal.setClosed(pairId, false);
    }
    const last = (pairId: PairId) => this.#ask(pairId, commandOf(ada, "chat.send", "end", { text: "end" }, pairId));
    const end = Promise.all(this.#pairs.map(last));
    await this.#scheduler.run();
    await Promise.all([everybody, end]);
  }

  check(): void {
    for (const pairId of this.#pairs) {
      this.#checkHistory(pairId);
      this.#checkMessages(pairId);
      this.#checkMemory(pairId);
    }
    assertKept(this.#record, new Map(this.#pairs.map((pairId) => [pairId, truthOf(this.#journal, pairId)])));
    for (const asked of this.#asked) this.#checkAnswer(asked);
  }

  /** One device: asks several things at once, and some of them twice, or with other words under the same key. */
  async #live(pairId: PairId, actor: UserId, device: number): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await this.#scheduler.pause();
      const commands = Array.from({ length: 4 }, (_, n) => this.#wish(pairId, actor, `${device}-${round}-${n}`));
      const [again] = commands;
      if (again && this.#random.percent(20)) commands.push(again);
      await Promise.all(commands.map((command) => this.#ask(pairId, command)));
      if (again && this.#random.percent(40)) await this.#ask(pairId, again);
      if (again && this.#random.percent(20)) {
        await this.#ask(pairId, commandOf(actor, "chat.send", again.key, { text: "other" }, pairId));
      }
    }
  }

  #wish(pairId: PairId, actor: UserId, key: string): RoomCommand {
    const name = this.#random.pick([
      "chat.send",
      "chat.send",
      "chat.send",
      "chat.edit",
      "chat.delete",
      "chat.react",
      "chat.pin",
      "felt",
      "felt",
      "felt",
    ] as const);
    if (name === "felt") {
      const [felt, input] = feltWish(this.#random);
      return commandOf(actor, felt, key, input, pairId);
    }
    const messageId = [...this.#journal.history(pairId).messages.keys()].at(-1 - this.#random.below(5));
    if (name === "chat.send" || !messageId) {
      const text = this.#random.percent(5) ? POISON : `${key} ${actor.at(-1)}${tellingWords(this.#random)}`;
      const input = this.#random.percent(20) && messageId ? { text, replyTo: messageId } : { text };
      return commandOf(actor, "chat.send", key, input, pairId);
    }
    const rest = {
      "chat.edit": { text: key },
      "chat.delete": { for: this.#random.pick(["me", "everyone"]) },
      "chat.react": { emoji: "🙂", on: this.#random.percent(60) },
      "chat.pin": { on: this.#random.percent(60) },
    };
    return commandOf(actor, name, key, { messageId, ...rest[name] }, pairId);
  }

  /** As a client would: what is UNAVAILABLE is asked again under the same key, in whatever room answers then. */
  async #ask(pairId: PairId, command: RoomCommand): Promise<void> {
    this.#timesAsked.set(command, (this.#timesAsked.get(command) ?? 0) + 1);
    for (;;) {
      const opened = await this.#roomOf(pairId);
      const ask = this.#record.length;
      this.#record.push(invoked(pairId, command, ask));
      const outcome = await opened?.room?.execute(command).catch(nameOf);
      this.#record.push(answered(pairId, command, ask, outcome ?? "unavailable"));
      if (outcome && outcome !== "unavailable") return this.#note({ pairId, command, outcome });
      await this.#scheduler.pause();
    }
  }

  #note(asked: Asked): void {
    const { pairId, command, outcome } = asked;
    if (typeof outcome === "string" && outcome !== "reused") {
      assert.ok(!this.#isWritten(pairId, command), `refused with ${outcome} what is written`);
    }
    this.#asked.push(asked);
  }

  #isWritten(pairId: PairId, { actor, key, print }: RoomCommand): boolean {
    const { rows } = this.#journal.history(pairId);
    return rows.some(({ ask }) => ask?.actor === actor && ask.key === key && ask.print === print);
  }

  /** Mostly the newest room, sometimes an older one that nobody has told that it is over. */
  async #roomOf(pairId: PairId): Promise<Opened | undefined> {
    const rooms = this.#rooms.get(pairId) ?? [];
    const zombie = rooms.at(-2);
    if (zombie && !zombie.isSuperseded && this.#random.percent(35)) return zombie;
    const newest = rooms.at(-1);
    return newest && !newest.isSuperseded ? newest : this.#move(pairId);
  }

  /** Rooms move, twins part, and some find each other again. */
  async #moveNowAndThen(pairId: PairId): Promise<void> {
    for (let move = this.#random.below(4); move > 0; move--) {
      for (let wait = this.#random.below(60); wait >= 0; wait--) await this.#scheduler.pause();
      if (this.#random.percent(20)) await this.#partAndMeet(pairId);
      else await this.#move(pairId);
    }
  }

  /** Retention takes the oldest messages, those that somebody is busy with as well; the room hears of it, or does not. */
  async #trimNowAndThen(pairId: PairId): Promise<void> {
    for (let trim = this.#random.below(3); trim > 0; trim--) {
      for (let wait = this.#random.below(80); wait >= 0; wait--) await this.#scheduler.pause();
      const { size } = this.#journal.history(pairId).messages;
      this.#journal.trim(pairId, size - this.#random.below(5));
      if (this.#random.percent(50)) this.#rooms.get(pairId)?.at(-1)?.room?.doubt();
    }
  }

  async #partAndMeet(pairId: PairId): Promise<void> {
    this.#journal.setClosed(pairId, true);
    for (let wait = this.#random.below(20); wait >= 0; wait--) await this.#scheduler.pause();
    this.#journal.setClosed(pairId, false);
  }

  async #move(pairId: PairId): Promise<Opened | undefined> {
    const epoch = this.#journal.claim(pairId);
    const [journal, committer] = [this.#faulty, this.#random.pick(this.#committers)];
    const opened: Opened = { room: undefined, epoch, since: 0, announced: [], isSuperseded: false };
    const announce = (entry: Entry<RoomEvent>, state: RoomState) => {
      opened.announced.push(this.#committed(pairId, entry));
      this.#record.push(...told(pairId, epoch, entry, state));
    };
    const superseded = () => {
      opened.isSuperseded = true;
    };
    const deps = { pairId, epoch, rules: this.#rules, journal, committer, announce, superseded };
    opened.room = await DurableRoom.open(deps).catch(() => undefined);
    if (!opened.room) return undefined;
    opened.since = opened.room.head.revision;
    this.#record.push(shown(pairId, epoch, opened.room));
    const rooms = [...(this.#rooms.get(pairId) ?? []), opened].sort((a, b) => a.epoch - b.epoch);
    this.#rooms.set(pairId, rooms);
    return opened;
  }

  /** [P5] Nothing is shown that is not committed. */
  #committed(pairId: PairId, entry: Entry<RoomEvent>): Entry<RoomEvent> {
    const row = this.#journal.history(pairId).rows.find(({ revision }) => revision === entry.revision);
    assert.deepEqual(placeOf(entry), row && placeOf(row), "announced what is not committed");
    return entry;
  }

  /** [P3] seq is dense, [P2] a key took effect once, and [P4] each room announced its rows in order, the last one all of them. */
  #checkHistory(pairId: PairId): void {
    const { rows, head, messages } = this.#journal.history(pairId);
    const seqs = rows.flatMap(({ seq }) => seq ?? []);
    const dense = seqs.map((_, n) => n + 1);
    assert.deepEqual(seqs, dense, "seq is not dense");
    assert.equal(head.lastSeq, seqs.length);
    const names = rows.flatMap(({ ask }) => (ask ? `${ask.actor}/${ask.key}` : []));
    assert.equal(new Set(names).size, names.length, "a key took effect twice");
    // What was trimmed before a room looked has no more to tell it.
    const isToTell = ({ event }: Entry<RoomEvent>) => !isOfChat(event) || messages.has(event.id);
    for (const { announced, since } of this.#rooms.get(pairId) ?? []) {
      const heard = announced.filter(isToTell);
      const written = rows.filter((row) => row.revision > since && isToTell(row)).slice(0, heard.length);
      assert.deepEqual(heard.map(placeOf), written.map(placeOf), "announced twice, not, or out of order");
    }
    const lastHeard = this.#rooms.get(pairId)?.at(-1)?.announced.at(-1)?.revision;
    assert.equal(lastHeard, rows.at(-1)?.revision, "the last word was not announced");
  }

  /** The messages are what the rows, one after the other, make of them. */
  #checkMessages(pairId: PairId): void {
    const { rows, messages } = this.#journal.history(pairId);
    const empty = this.#rules.open({ lastId: null, isClosed: false }, []);
    const { chat, twintuition } = rows.reduce((state, row) => this.#rules.evolve(state, row), empty);
    assert.deepEqual([...messages.values()], chat.recent, "rows and messages differ");
    checkFelt(twintuition, this.#journal.history(pairId));
    checkTwintuition(this.#journal.history(pairId));
  }

  /** What the last room remembers is what is written. */
  #checkMemory(pairId: PairId): void {
    const { chat, twintuition } = this.#rooms.get(pairId)?.at(-1)?.room?.state ?? {};
    checkFelt(twintuition, this.#journal.history(pairId));
    const { messages } = this.#journal.history(pairId);
    assert.deepEqual(chat?.recent, [...messages.values()].slice(-WINDOW_MESSAGES), "memory and database differ");
    for (const message of chat?.lookedUp ?? []) assert.deepEqual(message, messages.get(message.id));
  }

  /** [P1] What was answered is there, and [P2] always the same; what was refused is not, and was refused with reason. */
  #checkAnswer({ pairId, command, outcome }: Asked): void {
    const { rows, messages, head } = this.#journal.history(pairId);
    const row = rows.find(({ ask }) => ask?.actor === command.actor && ask.key === command.key);
    const same = row?.ask?.print === command.print;
    if (outcome === "reused") return assert.ok(row && !same, "called a repeat another command");
    if (typeof outcome === "string") {
      // Asked again later, when nothing spoke against it any more, it may well be there by now.
      assert.ok(!same || (this.#timesAsked.get(command) ?? 0) > 1, `${outcome}, yet done`);
      // Nobody asks for a message that never was.
      const isTrimmed = command.wish.needs.some((id) => !messages.has(id));
      return assert.ok(outcome !== "NOT_FOUND" || isTrimmed, "a message was there and not found");
    }
    assert.ok(row, "acknowledged, yet not there");
    const isTrimmed = rows.some(({ seq, event: { id } }) => id === row.event.id && seq !== null && seq < head.firstSeq);
    const isForgotten = isTrimmed || messages.get(row.event.id)?.salt === null;
    assert.ok(same || isForgotten, "took another command for a repeat");
    const { duplicate: _, ...place } = outcome;
    const { seq, version, event } = row;
    assert.deepEqual(place, { id: event.id, seq, version, at: event.at }, "acknowledged something else");
  }
}

const placeOf = ({ revision, version, seq, event: { id, at } }: Entry<RoomEvent>) => ({
  revision,
  version,
  seq,
  id,
  at,
});

function nameOf(error: unknown): Why | RefusalCode {
  if (error instanceof NotDone) return error.why;
  if (error instanceof Refusal) return error.code;
  throw error;
}
