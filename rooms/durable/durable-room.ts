import { type Answer, Answers, isOf } from "./answers.ts";
import type { Committer } from "./committer.ts";
import { type Ask, type Entry, type Happening, type Head, type Journal, NotDone, type Recalled } from "./journal.ts";
import { Mailbox } from "./mailbox.ts";
import { appendOf, type DueOf, entriesFor, fitting, type Pending, placeOf } from "./pending.ts";
import { type Rules, type Standing, standingAfter } from "./rules.ts";

export interface RoomDeps<State, Command extends Ask, Event extends Happening, Fact> {
  readonly pairId: string;
  readonly epoch: number;
  readonly rules: Rules<State, Command, Event, Fact>;
  readonly journal: Journal<Event, Fact>;
  readonly committer: Pick<Committer<Event, Fact>, "submit">;
  /** Hears each committed row once, in order, with the state it made; `command` is unknown if its answer was lost. */
  readonly announce: (entry: Entry<Event>, state: State, command: Command | undefined) => void;
  /** Who is to be told of an event outside the room; nobody by default. */
  readonly due?: DueOf<Event>;
  /** Somebody else owns the pair now, or its history was closed. */
  readonly superseded: (isClosed: boolean) => void;
}

const nobody = () => undefined;

/** A row that others keep taking: better to say so than to go on for ever. */
const MAX_TRIES = 5;

/**
 * A room whose history outlives it. Commands are decided one at a time, each on the state the earlier ones will have
 * made; what is decided while a write is under way goes into the next write together; what is written is applied,
 * announced and answered, in that order. Nothing is seen that could be lost.
 *
 * An append that did not get in, or was not heard of, leaves the room unsure. It then writes nothing until it has fenced
 * the pair's row: under another epoch it steps down; under its own it announces what it did not hear, answers what has
 * been done before, and decides the rest again.
 */
export class DurableRoom<State, Command extends Ask, Event extends Happening, Fact> {
  readonly #deps: RoomDeps<State, Command, Event, Fact>;
  readonly #mailbox = new Mailbox();
  readonly #answers = new Answers();
  /** As committed … */
  #now: Standing<State>;
  /** … and as it will be once the queue is written. */
  #ahead: Standing<State>;
  #queue: Pending<Command, Event>[] = [];
  #writing: Promise<void> | undefined;
  #isUnsure = false;
  #isClosed = false;
  /** How many commands are still to be written alone, to find the one that poisons the others. */
  #alone = 0;

  private constructor(deps: RoomDeps<State, Command, Event, Fact>, standing: Standing<State>) {
    this.#deps = deps;
    this.#now = standing;
    this.#ahead = standing;
  }

  /** Throws NotDone if the pair is under another epoch than `deps.epoch` by now. */
  static async open<State, Command extends Ask, Event extends Happening, Fact>(
    deps: RoomDeps<State, Command, Event, Fact>,
  ): Promise<DurableRoom<State, Command, Event, Fact>> {
    const { head, facts } = await reading(deps.journal.newest(deps.pairId));
    if (head.epoch !== deps.epoch) throw new NotDone("unavailable");
    return new DurableRoom(deps, { head, state: deps.rules.open(head, facts) });
  }

  /** What devices may see: committed, and announced. */
  get state(): State {
    return this.#now.state;
  }

  get head(): Head {
    return this.#now.head;
  }

  /** Commands decided and not yet written. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves once the command's rows are safe; rejects with NotDone, or with what the rules threw. */
  async execute(command: Command): Promise<Answer> {
    const { answer } = await this.#mailbox.run(() => this.#accept(command));
    return answer;
  }

  /** Lets what was accepted be written, and takes nothing more. */
  close(): Promise<void> {
    return this.#mailbox.run(async () => {
      // Whoever could not be served has been told.
      if (!this.#isClosed) await this.#quiet().catch(() => undefined);
      this.#isClosed = true;
    });
  }

  /** Ends with the command queued or answered; the answer is wrapped, for the next command need not wait for it. */
  async #accept(command: Command): Promise<{ answer: Promise<Answer> }> {
    await this.#recover();

    const again = this.#answers.again(command);
    if (again) return { answer: again };
    try {
      return { answer: this.#decide(command) };
    } catch {
      return await this.#decideAtRest(command);
    }
  }

  /**
   * Something speaks against the command, or what it is about is not in memory. But what is under way may yet fail:
   * nobody is refused for something that did not happen, nor is anything read that is about to change.
   */
  async #decideAtRest(command: Command): Promise<{ answer: Promise<Answer> }> {
    await this.#quiet();
    try {
      await this.#lookUp(command);
      return { answer: this.#decide(command) };
    } catch (refusal) {
      return { answer: this.#hadBeenDone(command, refusal) };
    }
  }

  /**
   * A rule may refuse today what it granted yesterday; whoever asks again gets yesterday's answer. And a room that has
   * lost its pair knows too little to refuse anything.
   */
  async #hadBeenDone(command: Command, refusal: unknown): Promise<Answer> {
    const { epoch, done } = await reading(this.#deps.journal.recall(this.#deps.pairId, [command]));
    const [earlier] = done;
    if (earlier && !earlier.same) throw new NotDone("reused");
    if (earlier) return { ...earlier.place, duplicate: true };
    if (epoch === this.#deps.epoch) throw refusal;
    this.doubt();
    throw new NotDone("unavailable");
  }

  async #lookUp(command: Command): Promise<void> {
    const { rules, journal, pairId } = this.#deps;
    const missing = rules.missing(this.#now.state, command);
    if (missing.length === 0) return;

    const facts = await reading(journal.facts(pairId, missing));
    this.#now = { ...this.#now, state: rules.learn(this.#now.state, facts) };
    this.#ahead = this.#now;
  }

  /** Until nothing is under way any more: what is committed, what we know and what we read are the same then. */
  async #quiet(): Promise<void> {
    do {
      await this.#writing;
      await this.#recover();
    } while (this.#writing || this.#isUnsure);
  }

  #decide(command: Command): Promise<Answer> {
    const entries = entriesFor(this.#deps.rules, this.#ahead, command);
    const { promise: answer, resolve, reject } = Promise.withResolvers<Answer>();
    this.#answers.expect(command, answer);
    this.#enqueue({ command, entries, tries: 1, resolve, reject });
    this.#write();
    return answer;
  }

  #enqueue(pending: Pending<Command, Event>): void {
    this.#queue.push(pending);
    this.#ahead = pending.entries.reduce((standing, entry) => this.#after(standing, entry), this.#ahead);
  }

  #after(standing: Standing<State>, entry: Entry<Event>): Standing<State> {
    return standingAfter(this.#deps.rules, standing, entry);
  }

  #write(): void {
    if (!this.#writing && !this.#isUnsure && this.#queue.length > 0) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isUnsure) await this.#writeSome(this.#take());
    this.#writing = undefined;
  }

  #take(): Pending<Command, Event>[] {
    if (this.#alone > 0) {
      this.#alone -= 1;
      return this.#queue.splice(0, 1);
    }
    return this.#queue.splice(0, fitting(this.#queue));
  }

  async #writeSome(batch: readonly Pending<Command, Event>[]): Promise<void> {
    const { rules, pairId, committer, due = nobody } = this.#deps;
    const outcome = await committer.submit(appendOf(rules, pairId, this.#now, batch, due));
    if (outcome === "written") return this.#settle(batch);

    if (outcome === "poisoned" && batch.length === 1) this.#fail(batch, new NotDone("poisoned"));
    else this.#queue.unshift(...batch);
    if (outcome === "poisoned" && batch.length > 1) this.#alone = batch.length;
    this.doubt();
  }

  /** What it knows may not be all there is: a write was not heard of, or somebody wrote beside it. */
  doubt(): void {
    this.#isUnsure = true;
    // Whoever was waiting has been told if this fails, and the next command will try again.
    void this.#mailbox.run(() => this.#recover()).catch(() => undefined);
  }

  #settle(batch: readonly Pending<Command, Event>[]): void {
    for (const { command, entries, resolve } of batch) {
      for (const entry of entries) this.#apply(entry, command);
      resolve({ ...placeOf(entries), duplicate: false });
      this.#answers.settled(command);
    }
  }

  #apply(entry: Entry<Event>, command?: Command): void {
    this.#now = this.#after(this.#now, entry);
    this.#deps.announce(entry, this.#now.state, command);
  }

  #fail(batch: readonly Pending<Command, Event>[], reason: unknown): void {
    for (const { command, reject } of batch) {
      this.#answers.forget(command);
      reject(reason);
    }
  }

  /** Finds out where the pair's history really stands. Runs in the mailbox only, so nothing is decided meanwhile. */
  async #recover(): Promise<void> {
    if (this.#isClosed) throw new NotDone("unavailable");
    if (!this.#isUnsure) return;
    await this.#writing;
    const waiting = this.#queue.splice(0);
    try {
      await this.#catchUp(waiting);
    } catch (error) {
      this.#fail(waiting, error);
      throw error;
    }
    this.#write();
  }

  async #catchUp(waiting: readonly Pending<Command, Event>[]): Promise<void> {
    const { journal, pairId, epoch } = this.#deps;
    const commands = waiting.map(({ command }) => command);
    const fenced = await reading(journal.fence(pairId, epoch, this.#now.head.revision));
    if (!fenced.isOurs) return this.#stepDown(fenced.isClosed);
    // A revision was taken, and it is none above ours: the database lost its tail, and what we know may never have been.
    if (fenced.head.revision <= this.#now.head.revision) return this.#stepDown(false);
    const { done } = await reading(journal.recall(pairId, commands));

    this.#isUnsure = false;
    this.#now = { ...this.#now, head: { ...this.#now.head, firstSeq: fenced.head.firstSeq } };
    const named = <T extends { actor: string; key: string }>(all: readonly T[], ask: Ask) => all.find(isOf(ask));
    for (const entry of fenced.entries) this.#apply(entry, entry.ask ? named(commands, entry.ask) : undefined);
    this.#now = { ...this.#now, head: fenced.head };
    this.#ahead = this.#now;
    for (const pending of waiting) this.#again(pending, named(done, pending.command));
  }

  #again(pending: Pending<Command, Event>, earlier: Recalled | undefined): void {
    if (earlier && !earlier.same) return this.#fail([pending], new NotDone("reused"));
    if (earlier) {
      pending.resolve({ ...earlier.place, duplicate: true });
      return this.#answers.settled(pending.command);
    }
    if (pending.tries === MAX_TRIES) return this.#fail([pending], new NotDone("unavailable"));
    try {
      const entries = entriesFor(this.#deps.rules, this.#ahead, pending.command);
      this.#enqueue({ ...pending, entries, tries: pending.tries + 1 });
    } catch {
      this.#reconsider(pending);
    }
  }

  /** It was refused on what others before it are about to make, and they may yet fail: it is asked again at rest. */
  #reconsider(pending: Pending<Command, Event>): void {
    const answer = this.#mailbox.run(() => this.#decideAtRest(pending.command)).then((decided) => decided.answer);
    answer.then(pending.resolve, (reason) => this.#fail([pending], reason));
  }

  #stepDown(isClosed: boolean): never {
    this.#isClosed = true;
    this.#deps.superseded(isClosed);
    throw new NotDone("unavailable");
  }
}

/** A database that does not answer is a reason to ask again, not an error of the command. */
async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new NotDone("unavailable", { cause });
  }
}
