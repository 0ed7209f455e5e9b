import { ColyseusSDK, type Room } from "@colyseus/sdk";
import { type Http, refusedBy } from "./http.ts";
import type { Platform } from "./platform.ts";
import { NoAnswer, type Refused, within } from "./retry.ts";
import { isRecord, isSeat } from "./wire.ts";

/** Who listens to a connection, from its first word to its close. */
export interface Listener {
  heard(event: string, payload: unknown): void;
  /** The shared state as plain data, after each change of it. */
  state(state: unknown): void;
  /** Once; nothing is heard afterwards. */
  closed(code: number): void;
}

/** One connection to a room. */
export interface RoomSocket {
  /** Throws Refused or NoAnswer. */
  request(name: string, payload: object, limitMs: number): Promise<unknown>;
  /** Said and forgotten. */
  signal(name: string, payload: object): void;
  /** The listener hears `closed` at once, with this code, however dead the line is. */
  close(code: number): void;
}

export type RoomName = "pair" | "waiting";

/** Takes a seat in a room and connects. Throws Refused or NoAnswer. */
export type Connect = (name: RoomName, options: object, token: string, listener: Listener) => Promise<RoomSocket>;

/** A seat is asked for, and a connection made, within this each. */
const SEAT_MS = 8000;
const CONNECT_MS = 8000;

/** The stock Colyseus kit underneath, without its own way of coming back: it never asks for a new seat. */
export function colyseusRooms({ url, http, platform }: { url: string; http: Http; platform: Platform }): Connect {
  const kit = new Kit(url.replace(/^http/, "ws"));
  return async (name, options, token, listener) => {
    const seat = await http.once(
      { method: "POST", path: `/matchmake/joinOrCreate/${name}`, body: options, token },
      SEAT_MS,
    );
    if (!isSeat(seat)) throw new NoAnswer("A seat without a place");
    const socket = new KitSocket(listener);
    kit.auth.token = token;
    kit.prepare = (room) => socket.listenTo(room);
    const joining = kit.consumeSeatReservation(seat).catch((cause) => {
      throw new NoAnswer("The room did not let us in", { cause });
    });
    await within(platform, CONNECT_MS, joining, () => socket.abandon());
    return socket;
  };
}

/** As if the line had broken. */
export const ABNORMAL = 1006;

class Kit extends ColyseusSDK {
  prepare: (room: Room) => void = () => undefined;

  /** Before it connects, so that no first word is missed and no second life begun. */
  protected override createRoom<State>(name: string): Room<unknown, State> {
    const room = super.createRoom<State>(name);
    room.reconnection.enabled = false;
    this.prepare(room);
    return room;
  }
}

class KitSocket implements RoomSocket {
  readonly #listener: Listener;
  #room: Room | undefined;
  #isClosed = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  listenTo(room: Room): void {
    this.#room = room;
    room.onMessage("*", (type, payload: unknown) => {
      if (!this.#isClosed) this.#listener.heard(String(type), payload);
    });
    room.onStateChange((state: unknown) => {
      if (!this.#isClosed) this.#listener.state(plain(state));
    });
    room.onLeave((code) => this.#over(code));
  }

  async request(name: string, payload: object, limitMs: number): Promise<unknown> {
    if (!this.#room || this.#isClosed) throw new NoAnswer("Not connected");
    try {
      return await this.#room.request(name, payload, { timeout: limitMs });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  signal(name: string, payload: object): void {
    // The kit would keep it and say it later, to somebody else.
    if (!this.#isClosed && this.#room?.connection.isOpen) this.#room.send(name, payload);
  }

  close(code: number): void {
    this.#over(code);
    this.abandon();
  }

  /** Ends it, and tells nobody. */
  abandon(): void {
    this.#isClosed = true;
    this.#room?.connection?.close();
  }

  #over(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.closed(code);
  }
}

/** The room's own refusal; whatever else went wrong, nobody knows whether the command was done. */
function refusalOf(error: unknown): Refused | NoAnswer {
  const isRefusal = isRecord(error) && error["name"] === "rejected";
  const refused = isRefusal ? refusedBy(error["reason"]) : undefined;
  return refused ?? new NoAnswer("No answer", { cause: error });
}

function plain(state: unknown): unknown {
  return isRecord(state) && typeof state["toJSON"] === "function" ? state["toJSON"]() : undefined;
}
