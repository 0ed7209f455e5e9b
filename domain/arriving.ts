import type { SessionId } from "../schema/wire/ids.ts";
import type { AccessTokens, Caller, Clock, LiveSession, SessionCopies } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { refuse, type SessionFacts, type SessionStandings, standingAt } from "./session-standings.ts";

/** What one look at the database tells of somebody who comes: of their sign-in, and where they belong. */
export interface Seen<Place> {
  /** null: there is no such session. */
  readonly session: (SessionFacts & Pick<LiveSession, "rotation">) | null;
  /** null: they have no pair. */
  readonly place: Place | null;
}

/** Somebody at the door of the rooms. */
export interface Arrival<Place> extends Caller {
  /** What was seen of it in the look at their sign-in; asked for when it is needed if nobody had to look. */
  readonly place?: Place | null;
}

export interface ArrivingDeps<Place> {
  readonly accessTokens: Pick<AccessTokens, "verify">;
  readonly standings: Pick<SessionStandings, "known" | "learn">;
  readonly copies?: SessionCopies | undefined;
  readonly clock: Clock;
  readonly look: (caller: Caller) => Promise<Seen<Place>>;
}

export type Arriving<Place> = ReturnType<typeof arriving<Place>>;

/**
 * Who comes to a room is asked two things, whether their sign-in counts and where they belong, and one look answers both.
 * Where they belong is never remembered: nobody is to sit with a twin they have left.
 */
export function arriving<Place>({ accessTokens, standings, copies, clock, look }: ArrivingDeps<Place>) {
  /** As after any look at a session: this node knows from now on, and the others are told. */
  function settle(id: SessionId, session: Seen<Place>["session"], seenAt: number): void {
    const standing = standings.learn(id, session ? standingAt(session, clock.now()) : "revoked", seenAt);
    if (session && standing === "live") {
      void copies?.live({ id, seenAt, expiresAt: session.expiresAt, rotation: session.rotation });
    }
    refuse(standing);
  }

  async function placeOf(caller: Caller): Promise<Place | null> {
    const seenAt = clock.now();
    const { session, place } = await look(caller);
    settle(caller.sessionId, session, seenAt);
    return place;
  }

  return {
    /** As far as one can tell without asking anybody. */
    isOurs(accessToken: string | undefined): boolean {
      try {
        return accessToken !== undefined && accessTokens.verify(accessToken, clock.now()) !== undefined;
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },

    /** Throws what `Authenticate` does. */
    async arrive(accessToken: string | undefined): Promise<Arrival<Place>> {
      if (!accessToken) throw new Refusal("AUTH_REQUIRED", "Sign in first");
      const caller = accessTokens.verify(accessToken, clock.now());
      const known = standings.known(caller.sessionId);
      if (known === undefined) return { ...caller, place: await placeOf(caller) };
      refuse(known);
      return caller;
    },

    /** Throws what `Authenticate` does: a look that finds the sign-in ended says so. */
    placeOf,
  };
}
