import type { Emitter, Report } from "./emitter.ts";
import { Line } from "./line.ts";
import type { Platform } from "./platform.ts";
import { type Ending, Rejoin, type Tokens } from "./rejoin.ts";
import { CLOSE } from "./retry.ts";
import type { Connect } from "./socket.ts";
import { isOpened } from "./wire.ts";

export interface WaitingEvents {
  /** There is a twin now. */
  readonly opened: { readonly pairId: string; readonly twinProfile?: unknown };
  readonly ended: Ending;
  /** Invitations, and what this client has no words for (yet). */
  readonly other: { readonly event: string; readonly payload: unknown };
}

export interface WaitingRoomDeps {
  readonly deviceId: string;
  readonly tokens: Tokens;
  readonly connect: Connect;
  readonly platform: Platform;
  readonly events: Emitter<WaitingEvents>;
  readonly report: Report;
}

/** Where somebody without a pair hears of it the moment there is one. */
export class WaitingRoom {
  readonly #line: Line;
  readonly #rejoin: Rejoin;

  constructor({ deviceId, tokens, connect, platform, events, report }: WaitingRoomDeps) {
    this.#line = new Line(platform, report);
    this.#rejoin = new Rejoin({
      room: "waiting",
      platform,
      tokens,
      connect,
      options: () => ({ deviceId }),
      live: (socket, token) => this.#line.open(socket, token),
      heard: (event, payload) => {
        if (event === "pair.opened" && isOpened(payload)) events.emit("opened", payload);
        else if (event !== "server.draining") events.emit("other", { event, payload });
      },
      state: () => undefined,
      lost: () => this.#line.lose(),
      ended: (ending) => events.emit("ended", ending),
      status: () => undefined,
      report,
    });
  }

  get isRunning(): boolean {
    return this.#rejoin.isRunning;
  }

  start(): void {
    this.#rejoin.start();
  }

  stop(): void {
    this.#rejoin.stop(CLOSE.left);
    this.#line.lose();
  }

  wake(): void {
    this.#rejoin.wake();
    if (this.#line.isOpen) void this.#line.probe();
  }
}
