import { Client, type Room } from "@colyseus/sdk";
import { z } from "zod";

/** Something that a deployed system should do and does not, in words for whoever deployed it. */
export class Amiss extends Error {
  override readonly name = "Amiss";
}

/** Throws what is amiss unless that holds. */
export function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Amiss(otherwise);
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** undefined: it is no JSON, so it is not ours. */
  readonly body: unknown;
}

export interface Asking {
  readonly token?: string | undefined;
  /** A string goes as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who leaves may be let go by nobody. */
const LEAVING_MS = 1000;

/** Somebody before the door of a deployed system, who has nothing but its address. */
export class Visitor {
  readonly url: URL;
  readonly #patienceMs: number;

  /** @param patienceMs no answer is waited for longer. */
  constructor(url: URL, patienceMs: number) {
    this.url = url;
    this.#patienceMs = patienceMs;
  }

  async ask(method: string, path: string, { token, body, headers }: Asking = {}): Promise<Answer> {
    const answer = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(this.#patienceMs),
    });
    return { status: answer.status, headers: answer.headers, body: parsed(await answer.text()) };
  }

  /** What it must answer, in that shape. */
  async gets<T>(shape: z.ZodType<T>, method: string, path: string, asking?: Asking): Promise<T> {
    const { status, body } = await this.ask(method, path, asking);
    const read = shape.safeParse(body);
    if (status < 300 && read.success) return read.data;
    throw new Amiss(`${method} ${path} answers ${status}${codeOf(body)}`);
  }

  /** A phone that enters the room of its pair, as the stock SDK does. */
  async enter(token: string, options: object): Promise<Phone> {
    const client = new Client(this.url.href.replace(/\/$/, ""));
    client.auth.token = token;
    const room = await this.#inTime(client.joinOrCreate("pair", options), "nobody gets into the room");
    return new Phone(room, this.#patienceMs);
  }

  #inTime<T>(work: Promise<T>, otherwise: string): Promise<T> {
    return within(work, this.#patienceMs, otherwise);
  }
}

/** In a room: remembers what it hears, so that nothing is missed that comes before it is waited for. */
export class Phone {
  readonly #room: Room;
  readonly #patienceMs: number;
  readonly #heard: { readonly event: string; readonly payload: unknown }[] = [];
  #look: () => void = () => undefined;

  constructor(room: Room, patienceMs: number) {
    this.#room = room;
    this.#patienceMs = patienceMs;
    room.reconnection.enabled = false;
    room.onMessage("*", (event, payload: unknown) => {
      this.#heard.push({ event: String(event), payload });
      this.#look();
    });
  }

  async asks<T>(shape: z.ZodType<T>, command: string, payload: object): Promise<T> {
    return shape.parse(await this.#room.request(command, payload, { timeout: this.#patienceMs }));
  }

  /** The first of that event in that shape, heard already or still to come. */
  hears<T>(shape: z.ZodType<T>, event: string): Promise<T> {
    const found = new Promise<T>((resolve) => {
      this.#look = () => {
        for (const one of this.#heard) {
          const read = one.event === event ? shape.safeParse(one.payload) : undefined;
          if (read?.success) resolve(read.data);
        }
      };
      this.#look();
    });
    return within(found, this.#patienceMs, `${event} does not come`);
  }

  async leave(): Promise<void> {
    await within(this.#room.leave(), LEAVING_MS, "nobody lets go of the phone");
  }
}

async function within<T>(work: Promise<T>, ms: number, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Amiss(`${otherwise} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const Failure = z.object({ error: z.object({ code: z.string() }) });

export function codeOf(body: unknown): string {
  const read = Failure.safeParse(body);
  return read.success ? ` ${read.data.error.code}` : body === undefined ? ", and not in our words" : "";
}
