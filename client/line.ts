import { ServerClock } from "./clock.ts";
import type { Report } from "./emitter.ts";
import type { Platform } from "./platform.ts";
import { CLOSE, NoAnswer, Refused, within } from "./retry.ts";
import { ABNORMAL, type RoomSocket } from "./socket.ts";
import { isRecord, isTimed } from "./wire.ts";

/** A request that is not answered by then will not be: the line is dead, however open it looks. */
const LIMIT_MS = 10_000;

/** Shorter than most networks forget a silent connection in, and with the limit shorter than the 45 s of a lost twin. */
const HEARTBEAT_MS = 25_000;

/** After the app slept, or the network changed, nobody wants to wait that long for the truth. */
const PROBE_MS = 3000;

interface Connected {
  readonly socket: RoomSocket;
  /** Ends those who still wait for an answer, once none can come any more. */
  readonly waiting: Set<() => void>;
  token: string;
}

/** The connection there is, if there is one: asks with a time limit, and notices when nobody is there any more. */
export class Line {
  readonly clock: ServerClock;
  readonly #platform: Platform;
  readonly #report: Report;
  #connected: Connected | undefined;
  #cancelHeartbeat: () => void = () => undefined;

  constructor(platform: Platform, report: Report) {
    this.#platform = platform;
    this.#report = report;
    this.clock = new ServerClock(platform);
  }

  get isOpen(): boolean {
    return this.#connected !== undefined;
  }

  open(socket: RoomSocket, token: string): void {
    this.#connected = { socket, token, waiting: new Set() };
    this.#beat();
  }

  lose(): void {
    const connected = this.#connected;
    this.#connected = undefined;
    this.#cancelHeartbeat();
    for (const giveUp of connected?.waiting ?? []) giveUp();
  }

  /** Ends the connection, as if the line had broken: whoever keeps it up makes another. */
  drop(code: number = ABNORMAL): void {
    this.#connected?.socket.close(code);
  }

  /** Throws Refused, or NoAnswer also for an answer without what it must have. */
  async ask<T>(
    name: string,
    payload: object,
    isAnswer: (answer: unknown) => answer is T,
    limitMs: number = LIMIT_MS,
  ): Promise<T> {
    const connected = this.#connected;
    if (!connected) throw new NoAnswer("Not connected");
    const { socket } = connected;
    const asked = whileOpen(connected, socket.request(name, payload, limitMs));
    const answer = await within(this.#platform, limitMs, asked, () => socket.close(ABNORMAL)).catch((error) => {
      throw this.#understood(error, socket);
    });
    if (!isAnswer(answer)) throw new NoAnswer(`An answer to ${name} that says nothing`);
    return answer;
  }

  signal(name: string, payload: object): void {
    this.#connected?.socket.signal(name, payload);
  }

  /** Finds out whether anybody is there. */
  async probe(limitMs: number = PROBE_MS): Promise<void> {
    const t0 = this.#platform.now();
    try {
      this.clock.learn(await this.ask("clock.sync", { t0 }, isTimed, limitMs), this.#platform.now());
    } catch (error) {
      // A refusal is a sign of life; silence has already closed the line.
      if (!(error instanceof Refused) && !(error instanceof NoAnswer)) this.#report(error);
    }
  }

  /** The token this connection lives by. */
  get token(): string | undefined {
    return this.#connected?.token;
  }

  /** The connection outlives its token if it hears of the next one in time. */
  async renew(accessToken: string): Promise<void> {
    const connected = this.#connected;
    if (!connected || connected.token === accessToken) return;
    await this.ask("auth.refresh", { accessToken }, isRecord);
    connected.token = accessToken;
  }

  /** That somebody is not signed in says nothing about what they asked for: it is asked again with a new token. */
  #understood(error: unknown, socket: RoomSocket): unknown {
    if (!(error instanceof Refused) || !error.code.startsWith("AUTH_")) return error;
    socket.close(CLOSE.signedOut);
    return new NoAnswer("The token is not good any more", { cause: error });
  }

  #beat(): void {
    this.#cancelHeartbeat();
    void this.probe(LIMIT_MS);
    this.#cancelHeartbeat = this.#platform.after(HEARTBEAT_MS, () => this.#beat());
  }
}

/** A socket that is given up may take its time to close; whoever asked on it does not wait for that. */
function whileOpen<T>({ waiting }: Connected, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NoAnswer("The connection ended"));
    waiting.add(giveUp);
    answer.then(resolve, reject).finally(() => waiting.delete(giveUp));
  });
}
