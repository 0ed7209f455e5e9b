import { type AuthContext, matchMaker, Room } from "@colyseus/core";
import { z } from "zod";
import type { Authenticate, Caller } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import { WaitingState } from "../schema/state/pair-state.ts";
import { CLOSE } from "../schema/wire/errors.ts";
import { UserId } from "../schema/wire/ids.ts";
import type { JoinOptions } from "../schema/wire/room.ts";
import type { InvitationUpdated } from "../schema/wire/twins.ts";
import type { Attendance } from "./attendance.ts";
import { Device, type Seated } from "./device.ts";
import { listenWith, noListeners } from "./listeners.ts";
import { admit, attempt, type Report } from "./replies.ts";
import { type SeatedClient, seatedBy } from "./seated.ts";
import { SharedSerializer } from "./shared-serializer.ts";

const NEVER_MS = 0x7fffffff;

/** Long enough to read a code aloud on the phone, and to find the other phone first. */
const WAIT_MS = 30 * 60_000;

/** As many places as a twin has devices. */
const WAITING_A_PERSON = 8;

/** What a person who waits is told: the pair they are in by now, as they may see it. */
export type NewsOf = (userId: UserId) => Promise<object | null>;

export interface WaitingRoomsDeps {
  readonly authenticate: Authenticate;
  readonly attendance: Attendance;
  readonly newsOf: NewsOf;
  readonly now: () => number;
  readonly report: Report;
}

/** Everybody who has no pair yet, each in a room of their own. */
export class WaitingRooms {
  readonly deps: WaitingRoomsDeps;
  readonly #rooms = new Map<UserId, Set<WaitingRoom>>();

  constructor(deps: WaitingRoomsDeps) {
    this.deps = deps;
  }

  async reserve({ userId, sessionId, expiresAt }: Caller, { deviceId, deviceName = null }: JoinOptions) {
    if ((this.#rooms.get(userId)?.size ?? 0) >= WAITING_A_PERSON) {
      throw new Refusal("TOO_MANY_DEVICES", "Eight devices are waiting already");
    }
    const listing = await matchMaker.handleCreateRoom("waiting", { userId });
    const seat: Seated = { userId, sid: sessionId, expiresAt, deviceId: deviceId ?? sessionId, deviceName };
    return matchMaker.reserveSeatFor(listing, {}, seat);
  }

  arrive(room: WaitingRoom): void {
    const rooms = this.#rooms.get(room.userId) ?? new Set();
    this.#rooms.set(room.userId, rooms.add(room));
  }

  depart(room: WaitingRoom): void {
    const rooms = this.#rooms.get(room.userId);
    rooms?.delete(room);
    if (rooms?.size === 0) this.#rooms.delete(room.userId);
  }

  get size(): number {
    return [...this.#rooms.values()].reduce((sum, rooms) => sum + rooms.size, 0);
  }

  /** Those of the two who wait hear that they have a twin. */
  pairOpened(userIds: readonly UserId[]): void {
    for (const userId of userIds) for (const room of this.#rooms.get(userId) ?? []) room.tellNews();
  }

  /** Whoever made it hears what became of it. */
  invitationUpdated(userId: UserId, invitation: InvitationUpdated): void {
    for (const room of this.#rooms.get(userId) ?? []) room.tell("invitation.updated", invitation);
  }

  drain(reconnectAfterMs: () => number): Promise<unknown> {
    const rooms = [...this.#rooms.values()].flatMap((own) => [...own]);
    return Promise.all(rooms.map((room) => room.drain(reconnectAfterMs())));
  }
}

/** A place to wait for a twin: it says nothing until there is one. */
export abstract class WaitingRoom extends Room<{ state: WaitingState; client: SeatedClient }> {
  protected abstract readonly rooms: WaitingRooms;
  override state = new WaitingState();
  override patchRate = NEVER_MS;
  override maxClients = 1;
  #device: Device | undefined;
  #enough: NodeJS.Timeout | undefined;

  override setSerializer(): void {
    super.setSerializer(new SharedSerializer());
  }

  override onCreate(options: unknown): void {
    const { userId } = z.object({ userId: UserId }).parse(options);
    this.state.userId = userId;
    listenWith(this, noListeners);
    this.rooms.arrive(this);
  }

  override onAuth(client: SeatedClient, _options: unknown, context: AuthContext): Promise<Seated> {
    const { authenticate, report } = this.rooms.deps;
    return admit(() => seatedBy(authenticate, client, context), report);
  }

  override onJoin(client: SeatedClient): void {
    const { auth } = client;
    if (!auth) return client.leave(CLOSE.signedOut);
    const { attendance, now } = this.rooms.deps;
    this.#device = new Device(client, auth, { now });
    attendance.arrive(this.#device);
    this.#enough = setTimeout(() => this.#device?.close(CLOSE.moved), WAIT_MS).unref();
    // The twin may have been faster than this phone.
    this.tellNews();
  }

  override onLeave(): void {
    if (this.#device) this.rooms.deps.attendance.depart(this.#device);
    clearTimeout(this.#enough);
  }

  override onDispose(): void {
    clearTimeout(this.#enough);
    attempt(() => this.rooms.depart(this), this.rooms.deps.report);
  }

  get userId(): UserId {
    return UserId.parse(this.state.userId);
  }

  tellNews(): void {
    const tell = async () => {
      const news = await this.rooms.deps.newsOf(this.userId);
      if (news) this.#device?.tell("pair.opened", news);
    };
    void tell().catch(this.rooms.deps.report);
  }

  tell(event: string, what: object): void {
    this.#device?.tell(event, what);
  }

  /** The node that its socket came by goes. */
  depart(_socketId: string, reconnectAfterMs: number): void {
    this.#device?.depart(reconnectAfterMs);
  }

  drain(reconnectAfterMs: number): Promise<unknown> {
    this.#device?.sayDraining(reconnectAfterMs);
    return this.disconnect(CLOSE.draining);
  }
}

export function defineWaitingRoom(rooms: WaitingRooms): new () => WaitingRoom {
  return class extends WaitingRoom {
    protected override get rooms() {
      return rooms;
    }
  };
}
