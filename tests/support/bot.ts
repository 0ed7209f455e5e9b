import {
  colyseusRooms,
  Http,
  memoryStorage,
  type PairRoom,
  type Storage,
  Twinship,
  thisDevice,
} from "../../client/index.ts";
import type { AnyMessageView } from "../../schema/wire/chat.ts";
import type { Observation } from "./history/record.ts";
import { Recorder } from "./recorder.ts";

export interface BotOptions {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly person: string;
  readonly pair: string;
  /** Its name among the person's devices. */
  readonly device: string;
  readonly storage?: Storage;
  /** Where all that it asks, hears and shows is written down. */
  readonly record?: Observation[];
}

const PATIENCE_MS = 20_000;

/** What no event tells of, as that nothing is held back any more, is looked for this often. */
const LOOK_MS = 50;

/** A phone without a screen, built on the client an app uses: for tests, faults and load. */
export class Bot {
  readonly #options: BotOptions;
  readonly #storage: Storage;
  readonly #recorder: Recorder;
  readonly #waiting = new Set<() => void>();
  #app: Twinship | undefined;
  #power = { isOn: true };
  /** What its person has seen, newest state of each, in seq order. */
  readonly screen: AnyMessageView[] = [];
  /** Mistakes of ours that nobody waited for. */
  readonly reported: unknown[] = [];

  private constructor(options: BotOptions) {
    const { record = [], pair, person, device } = options;
    this.#options = options;
    this.#storage = options.storage ?? memoryStorage();
    this.#recorder = new Recorder(record, { pair, person, device });
  }

  /** Signed in, connected, and shown what there is. */
  static async start(options: BotOptions): Promise<Bot> {
    const bot = new Bot(options);
    await bot.open();
    return bot;
  }

  get app(): Twinship {
    if (!this.#app) throw new Error(`${this.#options.device} is closed`);
    return this.#app;
  }

  get room(): PairRoom {
    const { room } = this.app;
    if (!room) throw new Error(`${this.#options.device} is signed in`);
    return room;
  }

  /** Opens the app, as after a crash: with nothing but what it had stored. */
  async open(): Promise<void> {
    const { url, email, password } = this.#options;
    const http = new Http(url, thisDevice);
    const connect = this.#recorder.wrap(colyseusRooms({ url, http, platform: thisDevice }));
    const report = (error: unknown) => this.reported.push(error);
    this.#power = { isOn: true };
    const app = await Twinship.open({ url, storage: whilePowered(this.#storage, this.#power), connect, report });
    this.#app = app;
    this.#recorder.watch(app);
    this.#watch(app);
    if (!app.account) await app.login(email, password);
    this.#draw(this.room.messages);
    app.connect();
    await this.until(() => this.room.status === "live" && this.room.pairId !== undefined, "it is in the room");
  }

  /** Closes the app. `crash`: without a word to anybody, and without putting anything away. */
  async close(how: "crash" | "in good order" = "in good order"): Promise<void> {
    const { app } = this;
    this.#app = undefined;
    if (how === "crash") this.#power.isOn = false;
    await app.close();
  }

  /** Stored, and sent as soon as that can be. */
  async say(text: string) {
    return (await this.room.send(text)).answer;
  }

  /** Waits for what is true some day. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (isSo()) end(resolve);
      };
      const looking = setInterval(check, LOOK_MS);
      const tooLate = setTimeout(
        () => end(() => reject(new Error(`${this.#options.device}: not until now that ${what}; ${this.#standing()}`))),
        PATIENCE_MS,
      );
      const end = (settle: () => void) => {
        clearTimeout(tooLate);
        clearInterval(looking);
        this.#waiting.delete(check);
        settle();
      };
      this.#waiting.add(check);
    });
  }

  /** Until everything it wanted is done, and it has heard of this version. */
  async rest(version: number): Promise<void> {
    const isAtRest = () => this.room.pending.length === 0 && this.room.isWhole && this.room.version >= version;
    await this.until(isAtRest, `version ${version} is known, and it is at rest`);
    this.#recorder.settled();
  }

  #watch({ chat }: Twinship): void {
    chat.on("window", ({ messages }) => this.#draw(messages));
    chat.on("message", (message) => this.screen.push(message));
    chat.on("changed", (message) => {
      const at = this.screen.findIndex(({ id }) => id === message.id);
      if (at !== -1) this.screen[at] = message;
    });
    for (const name of [
      "window",
      "message",
      "changed",
      "done",
      "refused",
      "pending",
      "pair",
      "status",
      "receipt",
      "closed",
    ] as const) {
      chat.on(name, () => this.#wake());
    }
  }

  /** For whoever waited in vain. */
  #standing(): string {
    const { room } = this.app;
    if (!room) return "signed out";
    const { status, version, isWhole, pending } = room;
    return `${status}, ${isWhole ? "whole" : "not whole"} at ${version}, shows ${this.screen.length}, ${pending.length} pending`;
  }

  #draw(messages: readonly AnyMessageView[]): void {
    this.screen.splice(0, this.screen.length, ...messages);
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** Once the power is gone nothing is put away any more, whatever the app may still try. */
function whilePowered(storage: Storage, power: { readonly isOn: boolean }): Storage {
  return {
    getItem: (name) => storage.getItem(name),
    setItem: (name, value) => (power.isOn ? storage.setItem(name, value) : undefined),
    removeItem: (name) => (power.isOn ? storage.removeItem(name) : undefined),
  };
}
