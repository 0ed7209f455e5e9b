import type { SessionId } from "../schema/wire/ids.ts";
import { KeptUntil } from "./kept-until.ts";
import type { SessionCopies } from "./ports.ts";
import { Refusal } from "./refusal.ts";

/** How a session stands: whether its access tokens still count. */
export type Standing = "live" | "expired" | "revoked" | "suspended";

/** What of a session and its person decides. */
export interface SessionFacts {
  readonly isRevoked: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly userStatus: string;
}

export function standingAt({ isRevoked, expiresAt, userStatus }: SessionFacts, now: number): Standing {
  if (isRevoked || userStatus === "deleted") return "revoked";
  if (userStatus === "suspended") return "suspended";
  return expiresAt <= now ? "expired" : "live";
}

/** What a token is told whose session does not live. */
export function refuse(standing: Standing): void {
  switch (standing) {
    case "live":
      return;
    case "expired":
      throw new Refusal("AUTH_TOKEN_EXPIRED", "This session has expired: sign in again");
    case "revoked":
      throw new Refusal("AUTH_TOKEN_REVOKED", "This session was ended: sign in again");
    case "suspended":
      throw new Refusal("ACCOUNT_SUSPENDED", "This account is suspended");
  }
}

/** An end on another node that we have not been told of is honoured for that long at most. */
const FRESH_MS = 2000;

/** No access token lives longer, so nobody asks for an ended session after that. */
const ENDED_MS = 86_400_000;

/** Enough for every phone one process can hold. */
const MAX_KNOWN = 50_000;

interface Known {
  readonly standing: Standing;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * What this process knows of sessions, so that most requests ask nobody. What it does not know it hears from the copies
 * that nodes share, if they say so, and else from the database. Ends that happen here, or that other nodes tell of, count
 * at once.
 */
export class SessionStandings {
  readonly #look: (id: SessionId) => Promise<Standing>;
  readonly #now: () => number;
  readonly #copies: SessionCopies | undefined;
  readonly #known = new KeptUntil<SessionId, Standing>(MAX_KNOWN);
  /** Apart: among what is good for seconds, what is good for a day would be in the way. */
  readonly #ended = new KeptUntil<SessionId, Standing>(MAX_KNOWN);
  readonly #looking = new Map<SessionId, Promise<Standing>>();

  constructor(look: (id: SessionId) => Promise<Standing>, now: () => number, copies?: SessionCopies) {
    this.#look = look;
    this.#now = now;
    this.#copies = copies;
  }

  async of(id: SessionId): Promise<Standing> {
    const known = this.#remembered(id);
    if (known) return known;
    const looking = this.#looking.get(id) ?? this.#lookUp(id);
    this.#looking.set(id, looking);
    return looking;
  }

  /** What is known by now, of a look that is recent enough. */
  known(id: SessionId): Standing | undefined {
    return this.#remembered(id);
  }

  /** Until when a session that is known to live may be taken to do so, in milliseconds since 1970. */
  liveUntil(id: SessionId): number | undefined {
    const known = this.#known.find(id, this.#now());
    return known?.value === "live" ? known.until : undefined;
  }

  /**
   * Somebody looked at `seenAt` who had more to look at. An end that we know of stays one: they may have looked before it.
   * Answers with how the session stands after all.
   */
  learn(id: SessionId, standing: Standing, seenAt: number): Standing {
    if (this.#remembered(id) === "revoked") return "revoked";
    this.#known.put(id, standing, { now: this.#now(), until: seenAt + FRESH_MS });
    return standing;
  }

  /** Another node took it to live until then. It counts for no longer than a look of our own, and for nothing once we know more. */
  vouched(id: SessionId, until: number): void {
    if (this.#remembered(id) !== undefined) return;
    const now = this.#now();
    this.#known.put(id, "live", { now, until: Math.min(until, now + FRESH_MS) });
  }

  /** For good. */
  ended(ids: readonly SessionId[]): void {
    const now = this.#now();
    for (const id of ids) this.#ended.put(id, "revoked", { now, until: now + ENDED_MS });
    void this.#copies?.ended(ids);
  }

  async #lookUp(id: SessionId): Promise<Standing> {
    try {
      const found = (await this.#heard(id)) ?? (await this.#asked(id));
      // Who looked before the session ended may be answered after it.
      const meanwhile = this.#remembered(id);
      if (meanwhile === "revoked") return meanwhile;
      this.#known.put(id, found.standing, { now: this.#now(), until: found.until });
      return found.standing;
    } finally {
      this.#looking.delete(id);
    }
  }

  /** Never longer than the copy itself counts. */
  async #heard(id: SessionId): Promise<Known | undefined> {
    const until = await this.#copies?.liveUntil(id);
    return until === undefined ? undefined : { standing: "live", until: Math.min(until, this.#now() + FRESH_MS) };
  }

  async #asked(id: SessionId): Promise<Known> {
    const until = this.#now() + FRESH_MS;
    return { standing: await this.#look(id), until };
  }

  #remembered(id: SessionId): Standing | undefined {
    const now = this.#now();
    return this.#ended.get(id, now) ?? this.#known.get(id, now);
  }
}
