import { type AuthContext, Room } from "@colyseus/core";
import type { Receipt, Twin } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import { type Arrival, unmeasured } from "../domain/room/fair-time.ts";
import { roomCommand } from "../domain/room/rules.ts";
import { PairState } from "../schema/state/pair-state.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { JoinOptions, PairClosed } from "../schema/wire/room.ts";
import { catchUp } from "./catch-up.ts";
import { type Mine, Ticket } from "./claims.ts";
import { answerOf } from "./command-answers.ts";
import { Device, type Seated } from "./device.ts";
import { Devices } from "./devices.ts";
import { dueOf } from "./dues.ts";
import type { Head } from "./durable/journal.ts";
import { Lingering } from "./lingering.ts";
import { type Listeners, listenWith } from "./listeners.ts";
import { Members } from "./members.ts";
import { roomIdOf } from "./open-rooms.ts";
import { type AnnouncedEntry, type PairHistory, tellEntry } from "./pair-history.ts";
import { membersDeps, type Opened, type PairRoomDeps } from "./pair-room-deps.ts";
import { Patches } from "./patches.ts";
import { admit, answersSaid, attempt, type Report } from "./replies.ts";
import { dropReservedSeats } from "./reserved-seats.ts";
import { type SeatedClient, seatedBy } from "./seated.ts";
import { SharedSerializer } from "./shared-serializer.ts";
import { Tail } from "./tail.ts";

/** Only `broadcastPatch` sends patches: a patch loop costs an idle room a third of a core per 4,000 of them. */
const NEVER_MS = 0x7fffffff;

/** The room two twins share, as far as sockets go: who may sit and who hears what. What twins may do is in domain/room. */
export abstract class PairRoom extends Room<{ state: PairState; client: SeatedClient }> {
  protected abstract readonly deps: PairRoomDeps;
  protected abstract readonly listeners: Listeners;
  override state = new PairState();
  override patchRate = NEVER_MS;
  override autoDispose = false;
  readonly #patches = new Patches(() => this.#sendPatch());
  #opened: Opened | undefined;
  #mine: Mine | undefined;
  readonly #lingering = new Lingering(() => this.devices === 0 && this.#retire(CLOSE.moved));
  #isRetiring = false;

  override setSerializer(): void {
    super.setSerializer(new SharedSerializer());
  }

  /** Made by seats.ts only, with a claim; no client's options come this far. */
  override async onCreate(options: unknown): Promise<void> {
    const ticket = Ticket.parse(options);
    try {
      await this.#openAs(ticket);
    } catch (error) {
      this.deps.seats.fail(ticket, error);
      throw error;
    }
  }

  async #openAs({ pairId, epoch, isUnknown }: Ticket): Promise<void> {
    this.roomId = roomIdOf({ pairId, epoch });
    this.#mine = { pairId, epoch };
    Object.assign(this.state, { pairId, unpaired: false });
    const [people, marksOf, history] = await Promise.all([
      this.deps.people.of(pairId),
      this.deps.marks.of(pairId),
      this.#openHistory({ pairId, epoch }),
    ]);
    const patch = () => this.#patches.request();
    const members = new Members(
      membersDeps(this.deps, { pairId, state: this.state, patch }),
      people,
      marksOf,
      isUnknown,
    );
    const devices = new Devices(this.deps.attendance, (device) => this.#left(device));
    this.#opened = { history, members, devices, tail: new Tail(history.head.version) };
    members.showMoments(history.state.twintuition);
    this.#showHead(history.head);
    listenWith(this, this.listeners);
    this.#lingering.renew();
    this.deps.seats.arrive(this);
  }

  #openHistory(of: { pairId: PairId; epoch: number }): Promise<PairHistory> {
    return this.deps.openHistory({
      ...of,
      // Whatever keeps a device from hearing must not keep the history from going on.
      announce: (entry, state, command) =>
        attempt(() => this.#tell({ entry, state, from: command?.from ?? null }), this.report),
      due: (event) => dueOf(event, this.#opened?.members),
      superseded: (isClosed) => this.superseded(isClosed),
    });
  }

  /** Colyseus asks before the socket may say anything. */
  override onAuth(client: SeatedClient, _options: unknown, context: AuthContext): Promise<Seated> {
    return admit(() => seatedBy(this.deps.authenticate, client, context), this.report);
  }

  override onJoin(client: SeatedClient, known: Pick<JoinOptions, "afterVersion" | "history">): Promise<void> {
    return admit(async () => {
      const { auth } = client;
      if (!auth || this.#isRetiring) throw new Refusal("UNAVAILABLE", "The room is about to move");
      client.userData = this;
      const device = new Device(client, auth, this.deps);
      this.#open.devices.arrive(device, this.deps.now());
      this.#lingering.stop();
      this.members.arrive(device);
      device.link.measure();
      const { readSeq } = this.members.marksOf(device.userId);
      await catchUp({ ...this.deps, ...this.#whatHappened }, device, this.eyesOf(device.userId), readSeq, known);
    }, this.report);
  }

  override onLeave(client: SeatedClient): void {
    attempt(() => {
      const device = this.deviceOf(client);
      if (device) this.#opened?.devices.forget(device);
    }, this.report);
  }

  override async onDispose(): Promise<void> {
    this.#lingering.stop();
    this.#patches.stop();
    this.#opened?.members.stop();
    await this.deps.seats.giveBack(this.pairId, this.epoch).catch(this.report);
  }

  get pairId(): PairId {
    return this.mine.pairId;
  }

  /** What it was opened for. */
  get mine(): Mine {
    if (!this.#mine) throw new Error("A room is opened for a pair");
    return this.#mine;
  }

  get isRetiring(): boolean {
    return this.#isRetiring;
  }

  get epoch(): number {
    return this.mine.epoch;
  }

  /** What goes wrong in it is kept for whoever looks at it. */
  get report(): Report {
    return (error) => this.deps.seats.report(this.pairId, error);
  }

  get members(): Members {
    return this.#open.members;
  }

  get head(): Head {
    return this.#open.history.head;
  }

  get devices(): number {
    return this.#open.devices.size;
  }

  /** Commands that are decided and not written yet. */
  get queue(): number {
    return this.#open.history.waiting;
  }

  /** Unless it is about to go. */
  deviceOf(client: { readonly sessionId: string }): Device | undefined {
    return this.#opened?.devices.find(client.sessionId);
  }

  eyesOf(reader: UserId) {
    return this.members.eyesOf(reader);
  }

  /** A durable command of one of its devices. */
  async obey(device: Device, name: string, payload: unknown): Promise<object> {
    const twin = { userId: device.userId, pairId: this.pairId };
    const receipt = await this.execute(twin, name, payload, device.id, device.link.arrival());
    return answerOf(this.deps.twintuition, twin, name, receipt);
  }

  /** A durable command, by whichever door; `from` is the socket that asked, and hears the answer instead of the news. */
  execute(twin: Twin, name: string, payload: unknown, from: string | null, arrival?: Arrival): Promise<Receipt> {
    return this.deps.measured(name, async () => {
      const command = roomCommand(twin, name, payload, from, {
        arrival: arrival ?? unmeasured(this.deps.now()),
        agreed: this.members.agreed,
      });
      if (from === null) this.#lingering.renew();
      await this.deps.allow(twin.userId, name);
      const borne = await this.deps.bearing(twin, command);
      return this.#open.history.execute(borne).catch((error) => this.deps.seats.notDone(this.pairId, error));
    });
  }

  /** Moves a watermark and tells whom it concerns. Answers with where it stands. */
  mark(userId: UserId, what: "delivered" | "read", upTo: number, from: string | null): number {
    const { members } = this;
    const hasMoved = members.mark(userId, what, upTo, this.head.lastSeq);
    const marks = members.marksOf(userId);
    if (hasMoved) this.#open.devices.tellReceipt(userId, marks, from);
    return what === "read" ? marks.readSeq : marks.deliveredSeq;
  }

  /** Somebody wrote into its history beside it. */
  lookAgain(): void {
    this.#open.history.doubt();
  }

  async refreshPeople(): Promise<void> {
    this.#open.devices.tellProgress(this.members.update(await this.deps.people.of(this.pairId)));
  }

  /** The pair is over: everybody hears why, and goes. */
  end(reason: PairClosed["reason"]): void {
    if (this.#isRetiring) return;
    this.state.unpaired = true;
    this.#open.devices.tell("pair.closed", { reason });
    this.#retire(CLOSE.unpaired);
  }

  /** Somebody else owns the pair by now, or it was closed. */
  superseded(isClosed: boolean): void {
    if (isClosed) this.end("unpaired");
    else void this.#retire(CLOSE.moved);
  }

  /** Gives the pair up: its devices join again, wherever it is then. */
  move(code: number): Promise<void> {
    this.#opened?.devices.dismissAll(code);
    return this.#retire(code);
  }

  /** The process goes: each device is told when to come again, what was accepted is written, and then all go. */
  drain(reconnectAfterMs: () => number): Promise<void> {
    for (const device of this.#open.devices.all()) device.sayDraining(reconnectAfterMs());
    return this.#retire(CLOSE.draining);
  }

  /** The node that a socket came by goes. */
  depart(socketId: string, reconnectAfterMs: number): void {
    this.#opened?.devices.find(socketId)?.depart(reconnectAfterMs);
  }

  get #open() {
    if (!this.#opened) throw new Error("A room opens its history before it takes anybody in");
    return this.#opened;
  }

  #left(device: Device): void {
    this.#opened?.members.leave(device);
    if (this.devices === 0) this.#lingering.renew();
  }

  get #whatHappened() {
    const { history, tail } = this.#open;
    return { pairId: this.pairId, tail, standing: () => ({ head: history.head, chat: history.state.chat }) };
  }

  #tell(announced: AnnouncedEntry): void {
    const { tail, history, members, devices } = this.#open;
    const { revision, version, event, ask } = announced.entry;
    tail.add({ revision, version, subjectId: event.id, type: event.type, actor: ask?.actor ?? null });
    // First, so that the state's step leaves in one write with what is told.
    members.showMoments(history.state.twintuition);
    this.#showHead(history.head);
    tellEntry(announced, devices.all(), (userId) => members.eyesOf(userId));
  }

  #showHead({ version, firstSeq, lastSeq }: Head): void {
    Object.assign(this.state, { version, firstSeq, lastSeq });
    this.#patches.request();
  }

  #sendPatch(): void {
    this.broadcastPatch();
    this.#opened?.devices.heed();
  }

  /** Whoever comes now opens the next room; this one finishes what it was given. */
  async #retire(code: number): Promise<void> {
    if (this.#isRetiring) return;
    this.#isRetiring = true;
    const finish = async () => {
      await this.#opened?.history.close();
      await answersSaid();
      this.#opened?.devices.dismissAll(code);
      await this.deps.marks.flush();
      dropReservedSeats(this);
      await this.disconnect(code);
    };
    await this.deps.seats.retire(this, finish).catch(this.report);
  }
}
