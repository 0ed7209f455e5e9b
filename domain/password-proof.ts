import type { UserId } from "../schema/wire/ids.ts";
import { type From, guessesAt } from "./accounts.ts";
import type { Database, Limits, PasswordHasher } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";

export interface ProofDeps {
  readonly database: Pick<Database, "read">;
  readonly hasher: Pick<PasswordHasher, "matches">;
  readonly limits: Limits;
}

/**
 * Proves that who holds a token knows the password too: a phone that was found knows the one and not the other. Guesses
 * count with those of signing in. Answers with the hash it was compared with.
 */
export function passwordProof({ database, hasher, limits }: ProofDeps) {
  const guesses = guessesAt(limits);
  return async (userId: UserId, password: string, { ip }: From): Promise<string> => {
    const { emailKey, passwordHash } = await database.read((em) => findPerson(em, userId));
    await guesses.refuseSpent(emailKey, ip);
    if (!(await hasher.matches(passwordHash, password))) {
      await guesses.count(emailKey, ip);
      throw new Refusal("AUTH_INVALID_CREDENTIALS", "The password is not right");
    }
    await guesses.refuseSpent(emailKey, ip);
    await guesses.forget(emailKey);
    return passwordHash;
  };
}
