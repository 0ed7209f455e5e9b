import type { Sent } from "../schema/wire/chat.ts";
import type { Report } from "./emitter.ts";
import type { Line } from "./line.ts";
import { type Command, isQueued, Outbox, type Queued } from "./outbox.ts";
import { ownMessage, type Speaker } from "./own-message.ts";
import type { Platform } from "./platform.ts";
import { CLOSE, isForNow, type Refused } from "./retry.ts";
import { StoredList } from "./storage/list.ts";
import type { Storage } from "./storage/port.ts";
import type { Timeline } from "./timeline.ts";
import { isChanged, isSent } from "./wire.ts";

/** The answer to a command: its place in history. */
export type Done = Sent | { readonly version: number };

/** A command on its way: stored on this device, done some day. */
export interface Outgoing {
  readonly key: string;
  readonly command: Queued;
  /** Rejects with Refused only; without a network it waits. */
  readonly answer: Promise<Done>;
}

export interface CommandsDeps {
  readonly platform: Platform;
  readonly line: Line;
  readonly timeline: Timeline;
  readonly me: () => Speaker;
  readonly done: (command: Queued, answer: Done) => void;
  readonly refused: (command: Queued, refusal: Refused) => void;
  readonly changed: () => void;
  readonly report: Report;
}

interface Waiting {
  readonly answer: Promise<Done>;
  readonly resolve: (answer: Done) => void;
  readonly reject: (refusal: Refused) => void;
}

/** Commands of this device, from the moment they are wanted until they have their place in the timeline. */
export class Commands {
  readonly #deps: CommandsDeps;
  readonly #outbox: Outbox<Done>;
  readonly #waiting = new Map<string, Waiting>();

  constructor(deps: CommandsDeps, list: StoredList<Queued>) {
    const { platform, report, changed } = deps;
    this.#deps = deps;
    this.#outbox = new Outbox({
      platform,
      list,
      done: (command, answer) => this.#done(command, answer),
      refused: (command, refusal) => this.#refused(command, refusal),
      changed,
      report,
    });
  }

  static listIn(storage: Storage, name: string): Promise<StoredList<Queued>> {
    return StoredList.open(storage, name, isQueued);
  }

  get pending(): readonly Queued[] {
    return this.#outbox.waiting;
  }

  /** Resolves once it is stored on this device. */
  async add(pairId: string, command: Command): Promise<Outgoing> {
    const { platform } = this.#deps;
    const queued = { ...command, key: platform.newKey(), pairId, at: platform.now() };
    const { key } = queued;
    const waiting = promised();
    this.#waiting.set(key, waiting);
    try {
      await this.#outbox.add(queued);
    } catch (error) {
      this.#waiting.delete(key);
      throw error;
    }
    return { key, command: queued, answer: waiting.answer };
  }

  /** The room is there and has said where we stand. */
  start(): void {
    this.#outbox.start((command) => this.#deliver(command));
  }

  stop(): void {
    this.#outbox.stop();
  }

  discard(key: string): Promise<void> {
    this.#deps.timeline.settle(key);
    this.#waiting.delete(key);
    return this.#outbox.discard(key);
  }

  async #deliver(command: Queued): Promise<Done> {
    const { line, timeline, me } = this.#deps;
    const { key, pairId, name, payload } = command;
    timeline.expect(key);
    const asked = { ...payload, key, pairId };
    if (name !== "chat.send") {
      const answer = await line.ask(name, asked, isChanged);
      await this.#see(payload.messageId, answer.version);
      return answer;
    }
    const answer = await line.ask(name, asked, isSent);
    // One that was done before may have been changed since.
    if (answer.duplicate) await this.#see(answer.id, answer.version);
    else timeline.hearSent(ownMessage(payload, key, answer, me()));
    return answer;
  }

  /** If the line breaks meanwhile, the command is asked again, and seen then. */
  async #see(messageId: string, version: number): Promise<void> {
    const { timeline, line } = this.#deps;
    try {
      await timeline.hearDone(messageId, version);
    } catch (error) {
      if (isForNow(error)) throw error;
      // The command is done; that we may not look at it is no refusal of it.
      timeline.forget();
      line.drop(CLOSE.moved);
    }
  }

  #done(command: Queued, answer: Done): void {
    this.#deps.timeline.settle(command.key);
    this.#take(command)?.resolve(answer);
    this.#deps.done(command, answer);
  }

  #refused(command: Queued, refusal: Refused): void {
    this.#deps.timeline.settle(command.key);
    this.#take(command)?.reject(refusal);
    this.#deps.refused(command, refusal);
  }

  #take({ key }: Queued): Waiting | undefined {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }
}

function promised(): Waiting {
  let resolve: Waiting["resolve"] = () => undefined;
  let reject: Waiting["reject"] = () => undefined;
  const answer = new Promise<Done>((done, refused) => {
    resolve = done;
    reject = refused;
  });
  // Whoever does not wait for it hears of a refusal by the event.
  answer.catch(() => undefined);
  return { answer, resolve, reject };
}
