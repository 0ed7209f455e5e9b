import assert from "node:assert/strict";
import type { Room } from "@colyseus/sdk";
import type { Entrance, SignedUp } from "./entrance.ts";

/** What came over the wire: a test asserts what it looks at. */
type Loose = ReturnType<typeof JSON.parse>;

interface Heard {
  readonly event: string;
  readonly payload: Loose;
}

const PATIENCE_MS = 8000;

/** A phone with nothing but the stock SDK: remembers all it hears, and can wait for what it has not heard yet. */
export class Phone {
  readonly room: Room;
  readonly heard: Heard[] = [];
  readonly closed: Promise<number>;
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  private constructor(room: Room) {
    this.room = room;
    room.reconnection.enabled = false;
    room.onMessage("*", (event, payload) => {
      this.heard.push({ event: String(event), payload });
      this.#wake();
    });
    room.onStateChange(() => this.#wake());
    this.closed = new Promise((resolve) => {
      room.onLeave((code) => {
        this.#isClosed = true;
        resolve(code);
        this.#wake();
      });
    });
  }

  static async join(server: Entrance, who: Pick<SignedUp, "accessToken">, options: object = {}): Promise<Phone> {
    return new Phone(await server.clientOf(who).joinOrCreate("pair", options));
  }

  static async wait(server: Entrance, who: Pick<SignedUp, "accessToken">): Promise<Phone> {
    return new Phone(await server.clientOf(who).joinOrCreate("waiting", { deviceId: "phone" }));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async ask(name: string, payload?: unknown): Promise<Loose> {
    return this.room.request(name, payload, { timeout: PATIENCE_MS });
  }

  say(text: string, key = `${text}-${Math.random()}`) {
    return this.ask("chat.send", { key, text });
  }

  /** The code it is refused with. */
  async refusal(name: string, payload?: unknown): Promise<string> {
    try {
      const answer = await this.ask(name, payload);
      return `answered ${JSON.stringify(answer)}`;
    } catch (error) {
      const { reason } = Object(error);
      return String(reason?.code ?? error);
    }
  }

  /** What was heard under that name, the oldest first. */
  all(event: string): Loose[] {
    return this.heard.filter((one) => one.event === event).map(({ payload }) => payload);
  }

  /** The first of that name that fits, heard already or still to come. */
  async hears(event: string, fits: (payload: Loose) => boolean = () => true): Promise<Loose> {
    return this.until(() => this.all(event).find(fits), `${event} was not heard`);
  }

  /** Waits until the state, as it is synchronised, shows something. */
  async sees<T>(look: (state: Loose) => T | undefined | false, what = "it was not seen"): Promise<T> {
    return this.until(() => look(this.room.state) || undefined, what);
  }

  member(userId: string): Loose {
    const { members } = Object(this.room.state);
    return members?.get(userId);
  }

  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const found = look();
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const check = () => {
      const now = look();
      if (now !== undefined) resolve(now);
    };
    this.#waiting.add(check);
    const tooLate = setTimeout(() => reject(new assert.AssertionError({ message: what })), PATIENCE_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(tooLate);
      this.#waiting.delete(check);
    }
  }

  async leave(): Promise<void> {
    if (!this.#isClosed) await this.room.leave();
  }

  #wake(): void {
    for (const check of this.#waiting) check();
  }
}
