import { z } from "zod";
import type { Caller } from "../domain/ports.ts";
import { parse, Refusal } from "../domain/refusal.ts";
import type { StaffCaller } from "../domain/staff-permissions.ts";
import type { Locale } from "../schema/wire/assessments.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/**
 * What becomes of an Idempotency-Key. `kept`: the answer is kept with the effect and given again. `command`: it is the
 * key of the room's command, and the journal keeps it. `none`: it is passed over.
 */
export type Repeats = "kept" | "command" | "none";

/** Who may call: only who is signed in; anybody, known if signed in; anybody; only who works here and is signed in so. */
export type SignIn = "required" | "optional" | "none" | "staff";

/** For calls that ask for nothing. */
export const nothing = z.object({});

const noFields = z.strictObject({});

const takesBody = (asks: z.ZodType): boolean => asks instanceof z.ZodObject && "body" in asks.shape;

interface Spec<Asks, Reply> {
  readonly method: Method;
  /** Below /api/v1. */
  readonly path: string;
  readonly summary: string;
  /** Any of `params`, `query` and `body`, each as its schema. */
  readonly asks: Asks;
  /** Without the envelope. */
  readonly reply: Reply;
  /** The type of a file that it answers with; JSON unless said otherwise. */
  readonly produces?: string;
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** `kept` for all but GET, unless said otherwise. */
  readonly repeats?: Repeats;
  /** The longest body; 64 KiB unless said otherwise. */
  readonly bodyBytes?: number;
}

/** What every handler may know beside what it asks for. */
export interface Circumstances {
  /** The client's address, as limits count it. */
  readonly ip: string;
  /** As it came, for who passes it on. */
  readonly accessToken: string | undefined;
  /** Of a `command` route. */
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** Of the languages that texts are kept in, the one that is understood best; answers that heed it vary by it. */
  readonly locale: Locale;
}

/** An answer that is not just its reply: another status, or headers. */
export class Answer<Reply> {
  readonly reply: Reply;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(reply: Reply, { status, headers = {} }: { status?: number; headers?: Record<string, string> } = {}) {
    this.reply = reply;
    this.status = status;
    this.headers = headers;
  }
}

/** An answer too long to be held: JSON in pieces, whole by its last one. */
export class Streamed {
  readonly pieces: AsyncIterable<string>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(pieces: AsyncIterable<string>, headers: Record<string, string> = {}) {
    this.pieces = pieces;
    this.headers = headers;
  }
}

/** An answer that is no JSON: a file, as it is. */
export class Filed {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;

  constructor(bytes: Uint8Array, headers: Record<string, string>) {
    this.bytes = bytes;
    this.headers = headers;
  }
}

export type Said<Reply> = Answer<Reply> | Streamed | Filed;

interface Sent {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** One call of the interface: all that a server, a document and a test need to know of it. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly signIn: SignIn;
  readonly repeats: Repeats;
  readonly status: number;
  readonly produces: string | undefined;
  readonly bodyBytes?: number;
  readonly asks: z.ZodType;
  readonly reply: z.ZodType;
  handle(caller: Caller | undefined, sent: Sent, circumstances: Circumstances): Promise<Said<unknown>>;
}

type Handle<Who, Asks extends z.ZodType, Reply extends z.ZodType> = (
  asked: z.output<Asks> & Circumstances & { readonly caller: Who },
) => Promise<z.input<Reply> | Said<z.input<Reply>>>;

/** For who is signed in. A route can neither take nor leak a field it did not declare. */
export function route<Asks extends z.ZodType<object>, Reply extends z.ZodType>(
  spec: Spec<Asks, Reply>,
  handle: Handle<Caller, Asks, Reply>,
): Route {
  return made("required", spec, async (caller, asked, circumstances) => {
    if (!caller) throw new Refusal("AUTH_REQUIRED", "Sign in first");
    return handle({ ...asked, ...circumstances, caller });
  });
}

/** For who works here. What they may do there is asked by who does it. */
export function staffRoute<Asks extends z.ZodType<object>, Reply extends z.ZodType>(
  spec: Spec<Asks, Reply>,
  handle: Handle<StaffCaller, Asks, Reply>,
): Route {
  return made("staff", spec, async (caller, asked, circumstances) => {
    if (!caller || !isStaff(caller)) throw new Refusal("AUTH_REQUIRED", "Sign in first, as one of those who work here");
    return handle({ ...asked, ...circumstances, caller });
  });
}

const isStaff = (caller: Caller | StaffCaller): caller is StaffCaller => "grants" in caller;

/** For anybody. With `optional`, who is signed in is known, and a bad token is refused. */
export function openRoute<Asks extends z.ZodType<object>, Reply extends z.ZodType>(
  signIn: "optional" | "none",
  spec: Spec<Asks, Reply>,
  handle: Handle<Caller | undefined, Asks, Reply>,
): Route {
  return made(signIn, spec, async (caller, asked, circumstances) => handle({ ...asked, ...circumstances, caller }));
}

function made<Asks extends z.ZodType<object>, Reply extends z.ZodType>(
  signIn: SignIn,
  { status = 200, repeats, produces, ...spec }: Spec<Asks, Reply>,
  handle: (
    caller: Caller | undefined,
    asked: z.output<Asks>,
    circumstances: Circumstances,
  ) => Promise<z.input<Reply> | Said<z.input<Reply>>>,
): Route {
  const takesNoBody = spec.method !== "get" && !takesBody(spec.asks);
  return {
    ...spec,
    status,
    produces,
    signIn,
    repeats: repeats ?? (spec.method === "get" ? "none" : "kept"),
    async handle(caller, sent, circumstances) {
      if (takesNoBody) parse(noFields, sent.body);
      const said = await handle(caller, parseSent(spec.asks, sent), circumstances);
      return isSaid(said) ? said : new Answer(said);
    },
  };
}

const isSaid = <Reply>(said: Reply | Said<Reply>): said is Said<Reply> =>
  said instanceof Answer || said instanceof Streamed || said instanceof Filed;

/** A client knows its fields by their names, not by the part of the request they came in. */
function parseSent<Asks extends z.ZodType>(asks: Asks, sent: Sent): z.output<Asks> {
  try {
    return parse(asks, sent);
  } catch (error) {
    if (!(error instanceof Refusal) || !error.details) throw error;
    const details = error.details.map(({ path, message }) => ({
      path: path.replace(/^(?:params|query|body)\.?/, ""),
      message,
    }));
    const [first] = details;
    const message = first?.path ? `${first.path}: ${first.message}` : (first?.message ?? "invalid");
    throw new Refusal(error.code, message, { details, cause: error.cause });
  }
}
