import { Api } from "./api.ts";
import { Emitter, type Report } from "./emitter.ts";
import { Http } from "./http.ts";
import type { PairEvents } from "./pair-events.ts";
import { PairRoom } from "./pair-room.ts";
import { type Platform, thisDevice } from "./platform.ts";
import type { Ending } from "./rejoin.ts";
import { Refused } from "./retry.ts";
import { type Account, type Registration, Session, type SessionEvents } from "./session.ts";
import { type Connect, colyseusRooms } from "./socket.ts";
import { memoryStorage } from "./storage/memory.ts";
import type { Storage } from "./storage/port.ts";
import { type WaitingEvents, WaitingRoom } from "./waiting-room.ts";

export interface TwinshipOptions {
  /** Of any server: `https://api.example.org`. */
  readonly url: string;
  /** Where tokens, the outbox and the newest messages are kept; without it they go with the process. */
  readonly storage?: Storage | undefined;
  /** Shown in the list of sign-ins. */
  readonly deviceName?: string | undefined;
  /** Where mistakes go that nobody waits for: a listener that threw, a storage that is full. */
  readonly report?: Report | undefined;
  /** For tests. */
  readonly platform?: Platform | undefined;
  readonly connect?: Connect | undefined;
}

export interface TwinshipEvents {
  /** Who is signed in on this device by now, and has a room; undefined: nobody. */
  readonly account: Account | undefined;
  /** There is a twin, and a room with them. */
  readonly paired: { readonly pairId: string; readonly twinProfile?: unknown };
  /** There is none (any more); this device waits to hear of one. */
  readonly unpaired: { readonly why: "closed" | "not paired" };
  /** Not connected, and no longer trying; `connect` tries again. */
  readonly stopped: Ending;
}

/** One device of one person: signed in or not, with a twin or waiting for one. */
export class Twinship {
  readonly session: Session;
  readonly api: Api;
  readonly events: Emitter<TwinshipEvents>;
  readonly sessionEvents: Emitter<SessionEvents>;
  /** Of the room, whoever is signed in. */
  readonly chat: Emitter<PairEvents>;
  readonly #deps: Parts;
  readonly #waiting: WaitingRoom;
  #room: PairRoom | undefined;
  #ending: Ending | undefined;
  #left: Promise<unknown> | undefined;

  private constructor(session: Session, deps: Parts) {
    const { report, connect, platform, waitingEvents } = deps;
    this.session = session;
    this.api = new Api(session, platform);
    this.#deps = deps;
    this.events = deps.events;
    this.sessionEvents = deps.sessionEvents;
    this.chat = deps.chat;
    const { deviceId } = session;
    this.#waiting = new WaitingRoom({ deviceId, tokens: session, connect, platform, events: waitingEvents, report });
    this.#follow();
  }

  /** Signed in at once if this device was; then `room` is there, with what it kept. */
  static async open(options: TwinshipOptions): Promise<Twinship> {
    const parts = partsOf(options);
    const session = await Session.restore({ ...parts, events: parts.sessionEvents });
    const twinship = new Twinship(session, parts);
    if (session.account) await twinship.#openRoom(session.account);
    return twinship;
  }

  get account(): Account | undefined {
    return this.session.account;
  }

  /** Undefined while nobody is signed in. */
  get room(): PairRoom | undefined {
    return this.#room;
  }

  /** Why this device is not connected, and no longer tries; undefined while it does, or was never asked to. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** There is no twin yet, or no more; this device hears of one. */
  get isWaiting(): boolean {
    return this.#waiting.isRunning;
  }

  async register(registration: Registration): Promise<PairRoom> {
    return this.#openRoom(await this.session.register(registration));
  }

  async login(email: string, password: string): Promise<PairRoom> {
    return this.#openRoom(await this.session.login(email, password));
  }

  /** Forgets what this device knows, but for what was never sent: that waits for the same person to come back. */
  async logout(options?: { everywhere?: boolean }): Promise<void> {
    await this.session.logout(options);
    await this.#left;
  }

  /** Stays in the room of the pair from now on, or waits for one. Throws Refused if nobody is signed in. */
  connect(): void {
    if (!this.#room) throw new Refused("AUTH_REQUIRED", "Sign in first");
    this.#ending = undefined;
    this.#room.start();
  }

  /** With the code the twin gave. */
  async redeem(code: string): Promise<string> {
    const opened = await this.api.redeem(code);
    this.#enter(opened);
    return opened.pairId;
  }

  /** The app is in front again, or the network back. */
  wake(): void {
    this.#room?.wake();
    this.#waiting.wake();
  }

  /** Lets go of everything; what is stored stays. */
  async close(): Promise<void> {
    this.#waiting.stop();
    this.session.close();
    await this.#room?.stop();
  }

  async #openRoom(me: Account): Promise<PairRoom> {
    const { session } = this;
    await this.#room?.stop();
    const accentColor = typeof me["accentColor"] === "string" ? me["accentColor"] : "";
    this.#room = await PairRoom.open({
      ...this.#deps,
      me: { userId: me.id, name: me.name, accentColor },
      deviceId: session.deviceId,
      tokens: session,
      events: this.chat,
    });
    this.events.emit("account", me);
    return this.#room;
  }

  #follow(): void {
    const { waitingEvents } = this.#deps;
    this.chat.on("ended", (ending) => {
      if (ending.why === "closed" || ending.why === "not paired") this.#wait(ending.why);
      else this.#stop(ending);
    });
    waitingEvents.on("opened", (opened) => this.#enter(opened));
    waitingEvents.on("ended", (ending) => this.#stop(ending));
    this.sessionEvents.on("renewed", (accessToken) => this.#room?.renew(accessToken));
    this.sessionEvents.on("signedOut", ({ why }) => this.#leave(why));
  }

  #stop(ending: Ending): void {
    this.#ending = ending;
    this.events.emit("stopped", ending);
  }

  #wait(why: "closed" | "not paired"): void {
    this.#waiting.start();
    this.events.emit("unpaired", { why });
  }

  #enter(opened: WaitingEvents["opened"]): void {
    this.#waiting.stop();
    const room = this.#room;
    if (!room) return;
    const isNews = room.status === "away";
    room.begin(opened.pairId);
    room.start();
    if (isNews) this.events.emit("paired", opened);
  }

  #leave(why: "asked" | "refused"): void {
    this.#waiting.stop();
    const room = this.#room;
    this.#room = undefined;
    // Who is only asked for the password again finds everything as it was.
    const left = why === "asked" ? room?.forget() : room?.stop();
    this.#left = left?.catch(this.#deps.report);
    this.events.emit("account", undefined);
  }
}

interface Parts {
  readonly http: Http;
  readonly connect: Connect;
  readonly storage: Storage;
  readonly platform: Platform;
  readonly deviceName: string | undefined;
  readonly report: Report;
  readonly events: Emitter<TwinshipEvents>;
  readonly sessionEvents: Emitter<SessionEvents>;
  readonly waitingEvents: Emitter<WaitingEvents>;
  readonly chat: Emitter<PairEvents>;
}

function partsOf(options: TwinshipOptions): Parts {
  const { url, platform = thisDevice, report = console.error, storage = memoryStorage(), deviceName } = options;
  const http = new Http(url, platform);
  return {
    http,
    connect: options.connect ?? colyseusRooms({ url, http, platform }),
    storage,
    platform,
    deviceName,
    report,
    events: new Emitter(report),
    sessionEvents: new Emitter(report),
    waitingEvents: new Emitter(report),
    chat: new Emitter(report),
  };
}
