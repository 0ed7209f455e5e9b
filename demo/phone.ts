import type { PairEvents } from "../client/index.ts";
import { Twinship } from "../client/index.ts";
import type { AnyMessageView, MessageView } from "../schema/wire/chat.ts";
import { type Screen, TICKS } from "./screen.ts";

const PASSWORD = "Correct-horse-1";

/** One twin's phone, whose owner does as the script says, and on whose screen everything shows. */
export class Phone {
  readonly name: string;
  readonly #app: Twinship;
  readonly #screen: Screen;
  /** What was shown to its owner, in the order in which it was. */
  readonly shown: MessageView[] = [];

  private constructor(name: string, app: Twinship, screen: Screen) {
    this.name = name;
    this.#app = app;
    this.#screen = screen;
    app.chat.on("message", (message) => this.#show(message));
    app.chat.on("status", (status) => screen.note(name, `is ${status}`));
    app.chat.on("pair", ({ members }) => this.#showTyping(members));
    app.chat.on("receipt", (receipt) => this.#showTicks(receipt));
    app.events.on("paired", () => screen.note(name, "hears that there is a twin"));
  }

  static async signUp(name: string, url: string, screen: Screen): Promise<Phone> {
    const app = await Twinship.open({ url, deviceName: `${name}'s phone`, report: () => undefined });
    await app.register({ email: `${name.toLowerCase()}@example.org`, password: PASSWORD, name });
    screen.note(name, "signed up");
    return new Phone(name, app, screen);
  }

  get app(): Twinship {
    return this.#app;
  }

  get room() {
    if (!this.#app.room) throw new Error(`${this.name} is signed in`);
    return this.#app.room;
  }

  /** Resolves once it is in the room. */
  async comeBack(): Promise<void> {
    const here = this.hears("status", (status) => status === "live");
    this.#app.connect();
    await here;
  }

  goAway = (): Promise<void> => this.room.stop();

  async say(text: string) {
    const { answer } = await this.room.send(text);
    this.#screen.said(this.name, text);
    return answer;
  }

  /** The next event of that name that fits. */
  hears<Name extends keyof PairEvents>(
    name: Name,
    fits: (event: PairEvents[Name]) => boolean,
  ): Promise<PairEvents[Name]> {
    return new Promise((resolve) => {
      const stop = this.#app.chat.on(name, (event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
    });
  }

  /** Until the screen holds so many messages. */
  async holds(count: number): Promise<void> {
    while (this.shown.length < count) await this.hears("message", () => true);
  }

  ticks(): string {
    const own = this.room.messages.filter((message): message is MessageView => !("hidden" in message));
    return own
      .filter(({ senderId }) => senderId === this.#app.account?.id)
      .map((message) => TICKS[this.room.tickOf(message)])
      .join(" ");
  }

  #show(message: AnyMessageView): void {
    if ("hidden" in message) return;
    this.shown.push(message);
    if (message.senderId !== this.#app.account?.id) this.#screen.heard(this.name, message);
    this.room.read(message.seq);
  }

  #showTicks({ userId, deliveredSeq, readSeq }: PairEvents["receipt"]): void {
    if (userId === this.#app.account?.id) return;
    const own = this.shown.filter(({ senderId }) => senderId !== userId);
    const read = own.filter(({ seq }) => seq <= readSeq).pop();
    const delivered = own.filter(({ seq }) => seq <= deliveredSeq).pop();
    const newest = delivered ?? read;
    if (newest) this.#screen.ticked(this.name, newest.seq, newest === read ? "read" : "delivered");
  }

  #showTyping(members: readonly { readonly userId: string; readonly name: string; readonly typing: boolean }[]): void {
    const twin = members.find(({ userId, typing }) => typing && userId !== this.#app.account?.id);
    if (twin) this.#screen.typing(this.name, twin.name);
  }
}
