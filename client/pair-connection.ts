import type { AnyMessageView } from "../schema/wire/chat.ts";
import { Commands } from "./commands.ts";
import type { Emitter, Report } from "./emitter.ts";
import { Felt } from "./felt.ts";
import { hearing } from "./hearing.ts";
import { Line } from "./line.ts";
import { Marks } from "./marks.ts";
import { type PairView, pairViewOf, Watermarks } from "./members.ts";
import type { Queued } from "./outbox.ts";
import type { Speaker } from "./own-message.ts";
import type { PairEvents } from "./pair-events.ts";
import { Place } from "./place.ts";
import type { Platform } from "./platform.ts";
import { Rejoin, type Status, type Tokens } from "./rejoin.ts";
import { CLOSE, isForNow } from "./retry.ts";
import type { Connect, RoomSocket } from "./socket.ts";
import type { StoredList } from "./storage/list.ts";
import type { Storage } from "./storage/port.ts";
import { Timeline } from "./timeline.ts";
import { isMarked, isSyncPage } from "./wire.ts";

export interface PairConnectionDeps {
  readonly me: Speaker;
  readonly deviceId: string;
  readonly deviceName?: string | undefined;
  readonly tokens: Tokens;
  readonly connect: Connect;
  readonly platform: Platform;
  readonly storage: Storage;
  readonly events: Emitter<PairEvents>;
  readonly report: Report;
}

/** The window, or what changed since, is the first thing a room says. */
const OPENING_MS = 10_000;

/** A device's place in the room of its pair, held through lost networks, moved rooms and closed apps. */
export class PairConnection {
  readonly line: Line;
  readonly timeline: Timeline;
  readonly commands: Commands;
  readonly place: Place;
  readonly marks = new Marks();
  readonly watermarks = new Watermarks();
  readonly felt: Felt;
  readonly #deps: PairConnectionDeps;
  readonly #rejoin: Rejoin;
  /** Said anew to each room that opens. */
  presence: "online" | "away" = "online";
  #status: Status = "away";
  #view: PairView | undefined;
  #cancelOpening: () => void = () => undefined;

  private constructor(deps: PairConnectionDeps, list: StoredList<Queued>) {
    const { platform, storage, report } = deps;
    this.#deps = deps;
    this.line = new Line(platform, report);
    this.timeline = this.#newTimeline();
    this.commands = this.#newCommands(list);
    const { timeline, marks, watermarks } = this;
    const keeping = { storage, name: nameFor(deps, "place"), platform, report };
    this.place = new Place({ timeline, marks, watermarks, keeping });
    this.felt = new Felt({ platform, line: this.line, pairId: () => this.place.pairId });
    this.#rejoin = this.#newRejoin();
    this.#reportDelivery();
  }

  /** With all that this device kept. */
  static async open(deps: PairConnectionDeps): Promise<PairConnection> {
    const connection = new PairConnection(deps, await Commands.listIn(deps.storage, nameFor(deps, "outbox")));
    await connection.place.restore();
    return connection;
  }

  get status(): Status {
    return this.#status;
  }

  get view(): PairView | undefined {
    return this.#view;
  }

  start(): void {
    this.#rejoin.start();
  }

  leave(): void {
    this.#rejoin.stop(CLOSE.left);
    this.#lost();
  }

  wake(): void {
    this.#rejoin.wake();
    if (this.line.isOpen) void this.line.probe();
  }

  /** A new access token: the connection lives on by it. */
  renew(accessToken: string): void {
    this.line.renew(accessToken).catch((error) => {
      // A line that lost its breath over it is made anew, with the new token.
      if (!isForNow(error)) this.line.drop(CLOSE.signedOut);
    });
  }

  #newTimeline(): Timeline {
    const { platform, events } = this.#deps;
    const tell =
      <Name extends "window" | "message" | "changed" | "trimmed">(name: Name) =>
      (payload: PairEvents[Name]) => {
        this.place.keepSoon();
        events.emit(name, payload);
      };
    return new Timeline({
      platform,
      sync: (afterVersion, limit, history) => this.line.ask("chat.sync", { afterVersion, limit, history }, isSyncPage),
      reload: () => this.line.drop(CLOSE.moved),
      tell: { window: tell("window"), message: tell("message"), changed: tell("changed"), trimmed: tell("trimmed") },
    });
  }

  #newCommands(list: StoredList<Queued>): Commands {
    const { platform, events, report } = this.#deps;
    const deps = {
      platform,
      line: this.line,
      timeline: this.timeline,
      me: () => this.me,
      done: (command, answer) => {
        this.place.keepSoon();
        events.emit("done", { command, answer });
      },
      refused: (command, refusal) => events.emit("refused", { command, refusal }),
      changed: () => events.emit("pending", this.commands.pending),
      report,
    } satisfies ConstructorParameters<typeof Commands>[0];
    return new Commands(deps, list);
  }

  #newRejoin(): Rejoin {
    const { deviceId, deviceName, tokens, connect, platform, events, report } = this.#deps;
    return new Rejoin({
      room: "pair",
      platform,
      tokens,
      connect,
      options: () => ({ deviceId, ...(deviceName && { deviceName }), ...this.place.known }),
      refusedOptions: () => this.place.lose(),
      live: (socket, token) => this.#live(socket, token),
      heard: hearing({
        timeline: this.timeline,
        events,
        marked: (marks) => this.#learnMarks(marks),
        opened: (readSeq) => this.#opened(readSeq),
        reload: () => this.#reload(),
        renewToken: () => void this.#renewToken(),
        report,
      }),
      state: (state) => this.#showState(state),
      lost: () => this.#lost(),
      ended: (ending) => events.emit("ended", ending),
      // Connected is not enough: a room that has not said where we stand may be about to say that we stand nowhere.
      status: (status) => status !== "live" && this.#setStatus(status),
      report,
    });
  }

  #live(socket: RoomSocket, token: string): void {
    this.timeline.connected();
    this.line.open(socket, token);
    this.#cancelOpening = this.#deps.platform.after(OPENING_MS, () => this.line.drop());
  }

  /** The room has said where we stand: now it may hear from us. */
  #opened(readSeq: number): void {
    this.#cancelOpening();
    this.watermarks.learn({ userId: this.#deps.me.userId, deliveredSeq: readSeq, readSeq });
    this.marks.connected((name, upTo) => this.line.ask(name, { upTo }, isMarked));
    if (this.presence === "away") this.line.signal("presence.set", { status: "away" });
    this.#setStatus("live");
    this.commands.start();
    void this.felt.measure();
    this.place.keepSoon();
  }

  #lost(): void {
    this.#cancelOpening();
    this.line.lose();
    this.marks.disconnected();
    this.commands.stop();
  }

  #setStatus(status: Status): void {
    if (status === this.#status) return;
    this.#status = status;
    this.#deps.events.emit("status", status);
  }

  get me(): Speaker {
    const { me } = this.#deps;
    const shown = this.#view?.members.find(({ userId }) => userId === me.userId);
    return shown ? { userId: me.userId, name: shown.name, accentColor: shown.accentColor } : me;
  }

  #showState(state: unknown): void {
    const view = pairViewOf(state);
    if (!view) return;
    this.#view = view;
    this.place.found(view.pairId);
    for (const { userId, deliveredSeq, readSeq } of view.members) this.#learnMarks({ userId, deliveredSeq, readSeq });
    this.#deps.events.emit("pair", view);
  }

  /** Receipts and the state say the same, in either order; each step is told once. */
  #learnMarks(marks: PairEvents["receipt"]): void {
    if (this.watermarks.learn(marks)) this.#deps.events.emit("receipt", marks);
  }

  #reload(): void {
    this.timeline.forget();
    this.line.drop(CLOSE.moved);
  }

  async #renewToken(): Promise<void> {
    const { token } = this.line;
    if (token === undefined) return;
    // Without a new one the room will close the connection, and joining again asks once more.
    const renewed = await this.#deps.tokens.tokenInsteadOf(token).catch(() => undefined);
    if (renewed !== undefined) this.renew(renewed);
  }

  /** What the twin has said and this device has shown, the twin may know. */
  #reportDelivery(): void {
    const { events, me } = this.#deps;
    const arrived = (messages: readonly AnyMessageView[]) => {
      const theirs = messages.filter((message) => "hidden" in message || message.senderId !== me.userId).pop();
      if (theirs) this.marks.delivered(theirs.seq);
    };
    events.on("window", ({ messages }) => arrived(messages));
    events.on("message", (message) => arrived([message]));
  }
}

/** What a device keeps belongs to one person: somebody else may sign in on it. */
function nameFor({ me }: PairConnectionDeps, what: string): string {
  return `twinship.${me.userId}.${what}`;
}
