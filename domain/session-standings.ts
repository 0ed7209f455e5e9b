import type { SessionId } from "../schema/wire/ids.ts";
import { KeptUntil } from "./kept-until.ts";
import type { SessionCopies } from "./ports.ts";

/** How a session stands: whether its access tokens still count. */
export type Standing = "live" | "expired" | "revoked" | "suspended";

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
