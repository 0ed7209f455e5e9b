import type { Answered, ItemResponse } from "../schema/wire/assessments.ts";
import type { AnyMessageView, HistoryPage, MessageView, SearchPage } from "../schema/wire/chat.ts";
import type { AlertSent, AlertView, MomentView, Pressed, SendAlert } from "../schema/wire/twintuition.ts";
import type { Outgoing } from "./commands.ts";
import type { Emitter } from "./emitter.ts";
import type { Member, PairView, Tick } from "./members.ts";
import type { Command, Queued } from "./outbox.ts";
import { asStored, type Said, type Speaker } from "./own-message.ts";
import { PairConnection, type PairConnectionDeps } from "./pair-connection.ts";
import type { PairEvents } from "./pair-events.ts";
import type { Status } from "./rejoin.ts";
import { Refused } from "./retry.ts";
import { Typing, type TypingKind } from "./typing.ts";
import { isAnswered, isHistoryPage, isSearchPage } from "./wire.ts";

/** The room of two twins, as an app sees it. */
export class PairRoom {
  readonly #connection: PairConnection;
  readonly #typing: Typing;
  readonly #deps: PairConnectionDeps;

  private constructor(deps: PairConnectionDeps, connection: PairConnection) {
    this.#deps = deps;
    this.#connection = connection;
    this.#typing = new Typing(deps.platform, (typing) => connection.line.signal("chat.typing", typing));
    deps.events.on("status", () => this.#typing.forget());
  }

  /** With all that this device kept: it draws, and takes commands, before there is a connection. */
  static async open(deps: PairConnectionDeps): Promise<PairRoom> {
    return new PairRoom(deps, await PairConnection.open(deps));
  }

  get events(): Emitter<PairEvents> {
    return this.#deps.events;
  }

  get pairId(): string | undefined {
    return this.#connection.place.pairId;
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** What is loaded, oldest first and without a gap. */
  get messages(): readonly AnyMessageView[] {
    return this.#connection.timeline.messages;
  }

  /** Whether there is history before `messages`. */
  get hasMore(): boolean {
    return this.#connection.timeline.hasMore;
  }

  /** Everything this device was told is in its place. */
  get isWhole(): boolean {
    return this.#connection.timeline.isWhole;
  }

  /** Where this device would resume. */
  get version(): number {
    return this.#connection.timeline.position?.afterVersion ?? 0;
  }

  /** Commands that wait to be answered, oldest first: what an app shows with a little clock. */
  get pending(): readonly Queued[] {
    return this.#connection.commands.pending;
  }

  /** Undefined until the room has shown itself. */
  get view(): PairView | undefined {
    return this.#connection.view;
  }

  get members(): readonly Member[] {
    return this.#connection.view?.members ?? [];
  }

  /** Milliseconds since 1970 by the server's clock; `clockUncertaintyMs` says how well we know. */
  now(): number {
    return this.#connection.line.clock.now();
  }

  /** Undefined until the server has been asked once. */
  get clockUncertaintyMs(): number | undefined {
    return this.#connection.line.clock.best?.uncertaintyMs;
  }

  tickOf(message: MessageView): Tick {
    return this.#connection.watermarks.tickOf(message);
  }

  /** How far this person has read, on any device. */
  get readSeq(): number {
    return Math.max(this.#connection.marks.readUpTo, this.#connection.watermarks.of(this.#deps.me.userId).readSeq);
  }

  start(): void {
    this.#connection.start();
  }

  /** Leaves. What was not answered stays in the outbox. */
  async stop(): Promise<void> {
    this.#connection.leave();
    await this.#connection.place.keepNow();
  }

  /** The app is in front again, or the network back. */
  wake(): void {
    this.#connection.wake();
  }

  /** The pair this device is in from now on. */
  begin(pairId: string): void {
    this.#connection.place.begin(pairId);
  }

  /** Leaves, and forgets what was kept for drawing and resuming; what was not sent yet stays. */
  async forget(): Promise<void> {
    this.#connection.leave();
    await this.#connection.place.forget();
  }

  send(said: Said | string): Promise<Outgoing> {
    this.#typing.off();
    return this.#command({ name: "chat.send", payload: asStored(typeof said === "string" ? { text: said } : said) });
  }

  edit(messageId: string, text: string): Promise<Outgoing> {
    return this.#command({ name: "chat.edit", payload: { messageId, text: text.trim() } });
  }

  delete(messageId: string, whom: "everyone" | "me"): Promise<Outgoing> {
    return this.#command({ name: "chat.delete", payload: { messageId, for: whom } });
  }

  react(messageId: string, emoji: string, on = true): Promise<Outgoing> {
    return this.#command({ name: "chat.react", payload: { messageId, emoji, on } });
  }

  pin(messageId: string, on = true): Promise<Outgoing> {
    return this.#command({ name: "chat.pin", payload: { messageId, on } });
  }

  /** Tells the twin at once: `{ kind: "thinking_of_you" }`. What cannot be said within half a minute is not said. */
  alert(said: SendAlert): Promise<AlertSent> {
    return this.#connection.felt.alert(said);
  }

  /** "I feel my twin now", in one word if one likes. Secret until the twin has pressed as well; then `moment` tells. */
  press(feeling?: string): Promise<Pressed> {
    return this.#connection.felt.press(feeling);
  }

  /** The person has looked at an alert of the twin's. */
  seen(alertId: string): Promise<void> {
    return this.#connection.felt.seen(alertId);
  }

  onAlert(hear: (alert: AlertView) => void): () => void {
    return this.events.on("alert", hear);
  }

  onMoment(hear: (moment: MomentView) => void): () => void {
    return this.events.on("moment", hear);
  }

  /** Takes back what was not answered yet; if it was on its way, it may have been done. */
  discard(key: string): Promise<void> {
    return this.#connection.commands.discard(key);
  }

  /** Everything up to this seq was seen; without a seq, everything there is. */
  read(upTo: number = this.#connection.timeline.lastSeq): void {
    this.#connection.marks.read(upTo);
    this.#connection.place.keepSoon();
  }

  /** For every key that is pressed; `stopTyping` when they stop, which sending does by itself. */
  typing(kind: TypingKind = "text"): void {
    if (this.#connection.line.isOpen) this.#typing.on(kind);
  }

  stopTyping(): void {
    this.#typing.off();
  }

  /** `away` while the app is in the background. */
  presence(status: "online" | "away"): void {
    this.#connection.presence = status;
    this.#connection.line.signal("presence.set", { status });
  }

  /** The page before what is loaded; it joins `messages`. */
  async loadOlder(limit = 50): Promise<readonly AnyMessageView[]> {
    const [oldest] = this.messages;
    return this.#connection.timeline.addPage(
      await this.history({ beforeSeq: oldest?.seq ?? this.#connection.timeline.lastSeq + 1, limit }),
    );
  }

  /** Any page of history; it is handed over and not kept. */
  history(query: { beforeSeq?: number; afterSeq?: number; aroundSeq?: number; limit?: number }): Promise<HistoryPage> {
    return this.#connection.line.ask("chat.history", query, isHistoryPage);
  }

  search(q: string, more: { limit?: number; cursor?: string } = {}): Promise<SearchPage> {
    return this.#connection.line.ask("chat.search", { q, ...more }, isSearchPage);
  }

  /**
   * Answers of an assessment, live: both twins see how far it is. Said again they change nothing, so whoever gets
   * NoAnswer asks once more; over HTTP it is `POST /assessments/:id/responses`.
   */
  answerAssessment(sessionId: string, responses: readonly ItemResponse[]): Promise<Answered> {
    return this.#connection.line.ask("assessment.answer", { sessionId, responses }, isAnswered);
  }

  /** Who speaks here: as the room shows them, or as they signed in. */
  get me(): Speaker {
    return this.#connection.me;
  }

  /** A new access token: the connection lives on by it. */
  renew(accessToken: string): void {
    this.#connection.renew(accessToken);
  }

  async #command(command: Command): Promise<Outgoing> {
    if (this.pairId === undefined) throw new Refused("NOT_PAIRED", "There is no twin to say it to");
    return this.#connection.commands.add(this.pairId, command);
  }
}
