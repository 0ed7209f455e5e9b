import type { UserId } from "../schema/wire/ids.ts";
import type { Emitter } from "./emitter.ts";
import type { Call, Http, Reply } from "./http.ts";
import type { Platform } from "./platform.ts";
import { isAboutToken, NoAnswer, persevere, Refused, within } from "./retry.ts";
import { readItem, type Storage, writeItem } from "./storage/port.ts";
import { isRecord, isTokenPair, type TokenPair } from "./wire.ts";

export interface Account {
  readonly id: UserId;
  readonly email: string;
  readonly name: string;
  /** What else the profile holds. */
  readonly [field: string]: unknown;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

export interface SessionEvents {
  readonly signedIn: Account;
  /** A new access token; the one before may end any moment. */
  readonly renewed: string;
  /** `refused`: the server wants to see the password again. */
  readonly signedOut: { readonly account: Account; readonly why: "asked" | "refused" };
}

interface SignedIn {
  readonly account: Account;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** By this device's clock, which may be wrong by years but does not jump: in milliseconds since 1970. */
  readonly accessUntil: number;
  readonly lifeMs: number;
}

export interface SessionDeps {
  readonly http: Http;
  readonly storage: Storage;
  readonly platform: Platform;
  readonly events: Emitter<SessionEvents>;
  readonly deviceName?: string | undefined;
}

const SIGNED_IN = "twinship.session";
const DEVICE = "twinship.device";

/** A person waits for it. */
const PATIENCE_MS = 30_000;

/** The server gives a lost answer again for 10 s; three tries of this length fit. */
const REFRESH_LIMIT_MS = 2500;

/** A fifth of the token's life before it ends, two minutes at most: time for a bad network to let a refresh through. */
const earlyMs = ({ lifeMs }: SignedIn): number => Math.min(120_000, lifeMs / 5);

/** Whoever signs out wants to be gone. */
const FAREWELL_MS = 5000;

/** Nobody waits for the refresh that runs by itself. */
const AGAIN_MS = 15_000;

/** Who is signed in on this device. Tokens are stored before they are used, and renewed without anybody noticing. */
export class Session {
  readonly #deps: SessionDeps;
  #signedIn: SignedIn | undefined;
  #deviceId = "";
  #renewing: Promise<SignedIn> | undefined;
  #cancelTimer: () => void = () => undefined;

  private constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  /** Signed in at once if this device was when the app was closed. */
  static async restore(deps: SessionDeps): Promise<Session> {
    const session = new Session(deps);
    session.#deviceId = await deviceIdIn(deps);
    const stored = await readItem(deps.storage, SIGNED_IN);
    if (isSignedIn(stored)) session.#adopt(stored);
    return session;
  }

  get account(): Account | undefined {
    return this.#signedIn?.account;
  }

  get deviceId(): string {
    return this.#deviceId;
  }

  async register(registration: Registration): Promise<Account> {
    return this.#enter("/api/v1/auth/register", registration, async (refusal, tries) => {
      // The answer of the first try may have been lost: then the account is ours, and the password fits.
      if (tries === 1 || refusal.code !== "AUTH_EMAIL_ALREADY_EXISTS") throw refusal;
      const { email, password } = registration;
      return this.#ask("/api/v1/auth/login", { email, password }).catch(() => Promise.reject(refusal));
    });
  }

  async login(email: string, password: string): Promise<Account> {
    return this.#enter("/api/v1/auth/login", { email, password });
  }

  /** Even without a network nobody is signed in here afterwards. Never throws for the server's sake. */
  async logout({ everywhere = false } = {}): Promise<void> {
    if (!this.#signedIn) return;
    const { platform } = this.#deps;
    const told = this.#authorised({ method: "POST", path: "/api/v1/auth/logout", body: { everywhere } });
    await within(platform, FAREWELL_MS, told).catch(() => undefined);
    await this.#forget("asked");
  }

  /** An access token with some life left. Throws Refused if somebody has to sign in first. */
  async token(): Promise<string> {
    const signedIn = this.#required();
    if (signedIn.accessUntil - this.#deps.platform.now() > earlyMs(signedIn) / 2) return signedIn.accessToken;
    return (await this.#renew()).accessToken;
  }

  /** After `rejected` was refused: the token that has taken its place, or will have. */
  async tokenInsteadOf(rejected: string): Promise<string> {
    const signedIn = this.#required();
    return signedIn.accessToken === rejected ? (await this.#renew()).accessToken : signedIn.accessToken;
  }

  /** A signed-in call, repeated under one key for as long as that makes sense. Throws Refused or NoAnswer. */
  async call(call: Omit<Call, "token">, patienceMs = PATIENCE_MS): Promise<Reply> {
    const { platform } = this.#deps;
    const key = call.key ?? (call.method === "GET" ? undefined : platform.newKey());
    return persevere(() => this.#authorised({ ...call, key }), { platform, patienceMs });
  }

  /** Stops renewing by itself; tokens stay where they are stored. */
  close(): void {
    this.#cancelTimer();
  }

  async #authorised(call: Call): Promise<Reply> {
    const token = await this.token();
    try {
      return await this.#deps.http.once({ ...call, token });
    } catch (error) {
      if (!isAboutToken(error)) throw error;
      return this.#deps.http.once({ ...call, token: await this.tokenInsteadOf(token) });
    }
  }

  async #enter(
    path: string,
    fields: object,
    otherwise: (refusal: Refused, tries: number) => Promise<Reply> = Promise.reject.bind(Promise),
  ): Promise<Account> {
    const reply = await persevere(
      (tries) =>
        this.#ask(path, fields).catch((error) =>
          error instanceof Refused ? otherwise(error, tries) : Promise.reject(error),
        ),
      { platform: this.#deps.platform, patienceMs: PATIENCE_MS },
    );
    const { user, tokens } = reply;
    if (!isAccount(user) || !isTokenPair(tokens)) throw new NoAnswer("A sign-in without a user or tokens");
    await this.#keep(user, tokens);
    this.#deps.events.emit("signedIn", user);
    return user;
  }

  #ask(path: string, fields: object): Promise<Reply> {
    const { deviceName } = this.#deps;
    const body = { ...fields, deviceId: this.#deviceId, ...(deviceName && { deviceName }) };
    return this.#deps.http.once({ method: "POST", path, body });
  }

  /** One refresh at a time: two with the same token would look like a thief's. */
  #renew(): Promise<SignedIn> {
    this.#renewing ??= this.#refresh().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #refresh(): Promise<SignedIn> {
    const { storage, events } = this.#deps;
    // Another tab shares the storage, and may have been quicker.
    const stored = await readItem(storage, SIGNED_IN);
    const ours = this.#required();
    if (isSignedIn(stored) && this.#isNewer(stored, ours)) return this.#adopt(stored);

    const renewed = await this.#keep(ours.account, await this.#newTokens(ours));
    events.emit("renewed", renewed.accessToken);
    return renewed;
  }

  #isNewer(stored: SignedIn, ours: SignedIn): boolean {
    const isOther = stored.account.id === ours.account.id && stored.refreshToken !== ours.refreshToken;
    return isOther && stored.accessUntil - this.#deps.platform.now() > earlyMs(stored);
  }

  async #newTokens({ refreshToken, account }: SignedIn): Promise<TokenPair> {
    const { http, platform } = this.#deps;
    const call: Call = {
      method: "POST",
      path: "/api/v1/auth/refresh",
      body: { refreshToken, deviceId: this.#deviceId },
    };
    const ask = async () => {
      const { tokens } = await http.once(call, REFRESH_LIMIT_MS);
      if (!isTokenPair(tokens)) throw new NoAnswer("A refresh without tokens");
      return tokens;
    };
    try {
      const tokens = await persevere(ask, { platform, patienceMs: PATIENCE_MS });
      if (this.#signedIn?.account.id !== account.id) throw signInFirst();
      return tokens;
    } catch (error) {
      if (isTheEnd(error)) await this.#forget("refused");
      throw error;
    }
  }

  async #keep(account: Account, { accessToken, refreshToken, expiresIn }: TokenPair): Promise<SignedIn> {
    const lifeMs = expiresIn * 1000;
    const signedIn = { account, accessToken, refreshToken, lifeMs, accessUntil: this.#deps.platform.now() + lifeMs };
    await writeItem(this.#deps.storage, SIGNED_IN, signedIn);
    return this.#adopt(signedIn);
  }

  #adopt(signedIn: SignedIn): SignedIn {
    this.#signedIn = signedIn;
    this.#renewIn(signedIn.accessUntil - this.#deps.platform.now() - earlyMs(signedIn));
    return signedIn;
  }

  #renewIn(ms: number): void {
    this.#cancelTimer();
    const renew = () => {
      if (this.#signedIn) this.#renew().catch(() => this.#signedIn && this.#renewIn(AGAIN_MS));
    };
    this.#cancelTimer = this.#deps.platform.after(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), renew);
  }

  async #forget(why: "asked" | "refused"): Promise<void> {
    const account = this.#signedIn?.account;
    this.#signedIn = undefined;
    this.#cancelTimer();
    await this.#deps.storage.removeItem(SIGNED_IN);
    if (account) this.#deps.events.emit("signedOut", { account, why });
  }

  #required(): SignedIn {
    if (!this.#signedIn) throw signInFirst();
    return this.#signedIn;
  }
}

/** Timers take 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const signInFirst = (): Refused => new Refused("AUTH_REQUIRED", "Sign in first");

/** The refresh token is worth nothing any more, whatever is tried. A server's own bug says nothing about it. */
const isTheEnd = (error: unknown): boolean =>
  error instanceof Refused && (/^(AUTH|ACCOUNT)_/.test(error.code) || error.code === "VALIDATION_ERROR");

async function deviceIdIn({ storage, platform }: SessionDeps): Promise<string> {
  const stored = await storage.getItem(DEVICE);
  if (stored) return stored;
  const made = platform.newKey();
  await storage.setItem(DEVICE, made);
  return made;
}

const isAccount = (value: unknown): value is Account =>
  isRecord(value) && typeof value["id"] === "string" && typeof value["name"] === "string";

const isSignedIn = (value: unknown): value is SignedIn =>
  isRecord(value) &&
  isAccount(value["account"]) &&
  typeof value["accessToken"] === "string" &&
  typeof value["refreshToken"] === "string" &&
  typeof value["accessUntil"] === "number" &&
  typeof value["lifeMs"] === "number";
