import type { Report } from "./emitter.ts";
import type { Platform } from "./platform.ts";
import { afterClose, CLOSE, isAboutToken, isForNow, type Next, Refused, waitAfter } from "./retry.ts";
import type { Connect, Listener, RoomName, RoomSocket } from "./socket.ts";
import { isDraining } from "./wire.ts";

/** Why there is no connection, and will be none until somebody asks for it. */
export type Ending =
  | { readonly why: "left" | "closed" | "replaced" | "signed out" | "not paired" }
  | { readonly why: "refused"; readonly refusal: Refused };

/** `live`: the room has said where this device stands, and hears it. */
export type Status = "away" | "joining" | "live";

export interface Tokens {
  token(): Promise<string>;
  tokenInsteadOf(rejected: string): Promise<string>;
}

export interface RejoinDeps {
  readonly room: RoomName;
  readonly platform: Platform;
  readonly tokens: Tokens;
  readonly connect: Connect;
  /** What to join with; asked before each join. */
  readonly options: () => object;
  /** The room refused what we joined with. True: `options` will say less, so another try makes sense. */
  readonly refusedOptions?: (refusal: Refused) => boolean;
  /** Connected, with this token. */
  readonly live: (socket: RoomSocket, token: string) => void;
  readonly heard: (event: string, payload: unknown) => void;
  readonly state: (state: unknown) => void;
  readonly lost: (code: number) => void;
  readonly ended: (ending: Ending) => void;
  readonly status: (status: Status) => void;
  readonly report: Report;
}

/** A connection that lived this long was a working one. */
const WORKING_MS = 5000;

/** The room refused because of who we are, or that we are too many: not because of what we know. */
const ABOUT_US = /^(AUTH|ACCOUNT)_|^(NOT_PAIRED|TOO_MANY_DEVICES)$/;

/**
 * Stays connected to a room. The kit's own reconnection is not used: it knocks at the same door fifteen times and never
 * asks where the room is by now. Each join here takes a new seat, with what the device knows by then.
 */
export class Rejoin {
  readonly #deps: RejoinDeps;
  /** Counts starts and stops: whoever comes back to another number has nothing to do here any more. */
  #run = 0;
  #socket: RoomSocket | undefined;
  #wakeUp: (() => void) | undefined;
  #shortLived = 0;
  #failedJoins = 0;

  constructor(deps: RejoinDeps) {
    this.#deps = deps;
  }

  get isRunning(): boolean {
    return this.#run % 2 === 1;
  }

  start(): void {
    if (this.isRunning) return;
    this.#run += 1;
    this.#shortLived = 0;
    this.#failedJoins = 0;
    void this.#stay(this.#run).catch(this.#deps.report);
  }

  /** Leaves without a word to `ended`. */
  stop(code: number): void {
    if (this.isRunning) this.#run += 1;
    this.#wakeUp?.();
    this.#socket?.close(code);
    this.#deps.status("away");
  }

  /** The network is back, or the app: no reason to wait any longer. */
  wake(): void {
    this.#failedJoins = 0;
    this.#shortLived = 0;
    this.#wakeUp?.();
  }

  /** Gives this connection up and makes another. */
  drop(code: number): void {
    this.#socket?.close(code);
  }

  async #stay(run: number): Promise<void> {
    let rejected: string | undefined;
    while (run === this.#run) {
      this.#deps.status("joining");
      const next = await this.#visit(run, rejected);
      if (run !== this.#run) return;
      if (next.go === "stay away") return this.#end({ why: next.why });
      if (next.go === "end") return this.#end(next.ending);
      rejected = next.withNewToken ? next.token : undefined;
      this.#deps.status("joining");
      await this.#wait(next.inMs);
    }
  }

  /** Joins, and stays as long as it lasts. */
  async #visit(run: number, rejected: string | undefined): Promise<AfterVisit> {
    const { tokens, platform } = this.#deps;
    let token = "";
    try {
      token = await (rejected === undefined ? tokens.token() : tokens.tokenInsteadOf(rejected));
      const visit = new Visit(this.#deps);
      const socket = await this.#join(run, token, visit);
      if (!socket) return { go: "rejoin", inMs: 0, withNewToken: false, token };
      this.#failedJoins = 0;
      const joinedAt = platform.now();
      const code = await this.#remain(socket, visit, token);
      this.#shortLived = platform.now() - joinedAt < WORKING_MS ? this.#shortLived + 1 : 0;
      const closed = { code, reconnectAfterMs: visit.reconnectAfterMs, shortLived: this.#shortLived };
      return { ...afterClose(closed, platform.random), token };
    } catch (error) {
      return this.#afterRefusal(error, token);
    }
  }

  /** Undefined if nobody wants to be there any more. */
  async #join(run: number, token: string, visit: Visit): Promise<RoomSocket | undefined> {
    const { connect, room, options } = this.#deps;
    if (run !== this.#run) return undefined;
    const socket = await connect(room, options(), token, visit);
    if (run === this.#run) return socket;
    socket.close(CLOSE.left);
    return undefined;
  }

  async #remain(socket: RoomSocket, visit: Visit, token: string): Promise<number> {
    this.#socket = socket;
    this.#deps.status("live");
    this.#deps.live(socket, token);
    const code = await visit.over;
    if (this.#socket === socket) this.#socket = undefined;
    this.#deps.lost(code);
    return code;
  }

  #afterRefusal(error: unknown, token: string): AfterVisit {
    const { random } = this.#deps.platform;
    const tries = ++this.#failedJoins;
    if (isForNow(error)) {
      return { go: "rejoin", inMs: waitAfter(error, tries, random), withNewToken: false, token };
    }
    if (!(error instanceof Refused)) throw error;
    // With a token that has just been made, it is not the token.
    if (isAboutToken(error) && tries < 3) return { go: "rejoin", inMs: 0, withNewToken: true, token };
    if (error.code.startsWith("AUTH_")) return { go: "end", ending: { why: "signed out" } };
    if (error.code === "NOT_PAIRED") return { go: "end", ending: { why: "not paired" } };
    if (!ABOUT_US.test(error.code) && this.#deps.refusedOptions?.(error)) {
      return { go: "rejoin", inMs: 0, withNewToken: false, token };
    }
    return { go: "end", ending: { why: "refused", refusal: error } };
  }

  #end(ending: Ending): void {
    this.#run += 1;
    this.#deps.status("away");
    this.#deps.ended(ending);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.platform.after(ms, () => this.#wakeUp?.());
      this.#wakeUp = () => {
        cancel();
        this.#wakeUp = undefined;
        resolve();
      };
    });
  }
}

type AfterVisit = (Next & { readonly token: string }) | { readonly go: "end"; readonly ending: Ending };

/** What is heard on one connection. */
class Visit implements Listener {
  readonly #deps: RejoinDeps;
  readonly over: Promise<number>;
  readonly #close: (code: number) => void;
  reconnectAfterMs: number | undefined;

  constructor(deps: RejoinDeps) {
    this.#deps = deps;
    let close: (code: number) => void = () => undefined;
    this.over = new Promise((resolve) => {
      close = resolve;
    });
    this.#close = close;
  }

  heard(event: string, payload: unknown): void {
    if (event === "server.draining" && isDraining(payload)) this.reconnectAfterMs = payload.reconnectAfterMs;
    this.#deps.heard(event, payload);
  }

  state(state: unknown): void {
    this.#deps.state(state);
  }

  closed(code: number): void {
    this.#close(code);
  }
}
