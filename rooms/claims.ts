import { z } from "zod";
import { Refusal } from "../domain/refusal.ts";
import { PairId } from "../schema/wire/ids.ts";
import { NotDone } from "./durable/journal.ts";
import type { Neighbours, Owner } from "./neighbours.ts";

/** Who owns a pair, as its row has it. */
export interface Claim {
  readonly epoch: number;
  readonly owner: Owner | null;
}

export interface Mine {
  readonly pairId: PairId;
  readonly epoch: number;
}

/** The rows that say who owns which pair. */
export interface Claims {
  look(pairId: string): Promise<Claim | undefined>;
  /** Makes `owner` the owner under the next epoch, which it returns; undefined if another came first. */
  claim(pairId: string, epoch: number, owner: string): Promise<number | undefined>;
  /** Nobody owns the pair any more; does nothing if somebody else does by now. */
  giveBack(pairId: string, epoch: number): Promise<void>;
  /** Those of ours that are another's by now, or closed. */
  lost(mine: readonly Mine[]): Promise<readonly { readonly pairId: string; readonly isClosed: boolean }[]>;
}

/** What a room is made with. `isUnknown`: its last owner died, and nobody can tell who was there. */
export const Ticket = z.object({ pairId: PairId, epoch: z.int(), isUnknown: z.boolean() }).readonly();
export type Ticket = z.infer<typeof Ticket>;

/** Whose a pair is: ours from now on, or another's who lives. */
export type Ownership =
  | { readonly isOurs: true; readonly ticket: Ticket }
  | { readonly isOurs: false; readonly owner: Owner };

export interface OwnershipDeps {
  readonly claims: Claims;
  readonly neighbours: Pick<Neighbours, "judge">;
  /** This process, as the rows name it. */
  readonly self: () => string;
  /** Hears of every claim that was won; a take-over is one from somebody who died. */
  readonly claimed: (claim: { readonly isTakeOver: boolean }) => void;
}

/** Others may claim the same pair at the same time; whoever loses looks again. */
const MAX_CLAIMS = 5;

/**
 * Claims the pair if nobody who lives has it. Throws NOT_FOUND without such a pair, UNAVAILABLE if its owner lives where
 * we cannot reach it: to take it from there would be to fight over it for ever. `seen`: the row as it was just now.
 */
export async function ownership(deps: OwnershipDeps, pairId: PairId, seen?: Claim): Promise<Ownership> {
  const { claims, neighbours, self, claimed } = deps;
  for (let tries = 0; tries < MAX_CLAIMS; tries++) {
    const row = tries === 0 && seen ? seen : await claims.look(pairId);
    if (!row) throw new Refusal("NOT_FOUND", "There is no such pair");
    const { owner } = row;
    if (owner && owner.processId !== self()) {
      const verdict = await neighbours.judge(owner);
      if (verdict === "alive") return { isOurs: false, owner };
      if (verdict === "out of reach") throw outOfReach();
    }
    const epoch = await claims.claim(pairId, row.epoch, self());
    if (epoch === undefined) continue;
    claimed({ isTakeOver: owner !== null });
    return { isOurs: true, ticket: { pairId, epoch, isUnknown: owner !== null } };
  }
  throw new NotDone("unavailable");
}

const outOfReach = () =>
  new Refusal("UNAVAILABLE", "Your room is on a server that cannot be reached from here at the moment", {
    retryAfterMs: 500,
  });
