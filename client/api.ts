import type { AnyMessageView } from "../schema/wire/chat.ts";
import type { MediaView } from "../schema/wire/media.ts";
import type { Call, Reply } from "./http.ts";
import { type Platform, thisDevice } from "./platform.ts";
import { NoAnswer } from "./retry.ts";
import type { Session } from "./session.ts";
import { type MediaFile, upload } from "./uploads.ts";
import { isMessage, isRecord } from "./wire.ts";

/** One's own pair, as its twin may know it. */
export interface Pair {
  readonly id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

export interface MessagePage {
  /** As `GET /messages` orders them. */
  readonly messages: readonly AnyMessageView[];
  readonly nextCursor: string | null;
}

export interface MessageQuery {
  readonly limit?: number;
  /** Seqs, or ISO times. */
  readonly before?: number | string;
  readonly after?: number | string;
  readonly cursor?: string;
  /** An earlier pair, whose history stays readable. */
  readonly pairId?: string;
  readonly [field: string]: string | number | undefined;
}

/** What an app asks of the server outside the room. Each call throws Refused or NoAnswer. */
export class Api {
  readonly #session: Session;

  readonly #platform: Platform;

  constructor(session: Session, platform: Platform = thisDevice) {
    this.#session = session;
    this.#platform = platform;
  }

  /** Any other route under /api/v1. */
  call(
    method: Call["method"],
    path: string,
    more: Pick<Call, "body" | "query" | "ifMatch" | "key"> = {},
  ): Promise<Reply> {
    return this.#session.call({ method, path: `/api/v1${path}`, ...more });
  }

  profile = async (): Promise<Reply> => recordIn(await this.call("GET", "/users/profile"), "profile");

  async updateProfile(changes: object, ifMatch?: string): Promise<Reply> {
    return recordIn(await this.call("PATCH", "/users/profile", { body: changes, ifMatch }), "profile");
  }

  settings = async (): Promise<Reply> => recordIn(await this.call("GET", "/users/settings"), "settings");

  async updateSettings(settings: object, ifMatch?: string): Promise<Reply> {
    return recordIn(await this.call("PUT", "/users/settings", { body: settings, ifMatch }), "settings");
  }

  /** Null for who has none. */
  async pair(): Promise<Pair | null> {
    const { pair } = await this.call("GET", "/twins");
    if (pair === null) return null;
    if (!isPair(pair)) throw strange("pair");
    return pair;
  }

  async formerPairs(): Promise<readonly unknown[]> {
    return listIn(await this.call("GET", "/twins/former"), "pairs");
  }

  /** A code to tell the twin; single use. */
  async newCode(): Promise<{ readonly code: string; readonly expiresAt: string }> {
    const { code, expiresAt } = await this.call("POST", "/twins/code");
    if (typeof code !== "string" || typeof expiresAt !== "string") throw strange("code");
    return { code, expiresAt };
  }

  /** With the code, or the token of an invitation, that the twin gave. */
  async redeem(code: string): Promise<{ readonly pairId: string; readonly twinProfile: unknown }> {
    const { pairId, twinProfile } = await this.call("POST", "/twins/pair", { body: { code } });
    if (typeof pairId !== "string") throw strange("pairId");
    return { pairId, twinProfile };
  }

  async unpair(): Promise<void> {
    await this.call("DELETE", "/twins");
  }

  async messages(query: MessageQuery = {}): Promise<MessagePage> {
    const { messages, nextCursor = null } = await this.call("GET", "/messages", { query });
    if (!Array.isArray(messages) || !messages.every(isMessage)) throw strange("messages");
    return { messages, nextCursor: typeof nextCursor === "string" ? nextCursor : null };
  }

  /** Sends a picture or a recording; resolves with it once it can be used. */
  upload(file: MediaFile): Promise<MediaView> {
    const call: Api["call"] = (...asked) => this.call(...asked);
    return upload({ call }, this.#platform, file);
  }

  async sessions(): Promise<readonly unknown[]> {
    return listIn(await this.call("GET", "/auth/sessions"), "sessions");
  }

  async endSession(id: string): Promise<void> {
    await this.call("DELETE", `/auth/sessions/${encodeURIComponent(id)}`);
  }
}

const strange = (what: string): NoAnswer => new NoAnswer(`An answer without ${what}`);

const isPair = (value: unknown): value is Pair =>
  isRecord(value) && typeof value["id"] === "string" && typeof value["status"] === "string";

function recordIn(reply: Reply, name: string): Reply {
  const value = reply[name];
  if (!isRecord(value)) throw strange(name);
  return value;
}

function listIn(reply: Reply, name: string): readonly unknown[] {
  const value = reply[name];
  if (!Array.isArray(value)) throw strange(name);
  return value;
}
