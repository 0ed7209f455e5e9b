import type { Pairing } from "../../domain/pairing.ts";
import type { Twin } from "../../domain/ports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { PairId, UserId } from "../../schema/wire/ids.ts";

/** Which pair a call is about. */
export function whosePair(pairing: Pick<Pairing, "activePair" | "isMember">) {
  const own = ({ userId, pairId }: { userId: UserId; pairId: PairId | null }): Twin => {
    if (pairId === null) throw new Refusal("NOT_PAIRED", "You have no twin here yet");
    return { userId, pairId };
  };

  return {
    /** To look at, or to take back from: the pair that is asked for, as it is or as it was; without a word, the present one. */
    async twinOf(userId: UserId, asked: PairId | undefined): Promise<Twin> {
      if (asked === undefined) return own({ userId, pairId: await pairing.activePair(userId) });
      // Somebody else's pair is not told from one that never was.
      if (!(await pairing.isMember(asked, userId))) throw new Refusal("NOT_FOUND", "There is no such pair");
      return { userId, pairId: asked };
    },

    /** To add to. What was written for a pair that is over reaches nobody, least of all the next twin. */
    async activeTwinOf(userId: UserId, meant: PairId | undefined): Promise<Twin> {
      const pairId = await pairing.activePair(userId);
      if (meant !== undefined && meant !== pairId) throw new Refusal("GONE", "This was written for another twin");
      return own({ userId, pairId });
    },
  };
}
