import { type EntityManager, LockMode } from "@mikro-orm/core";
import { User } from "../schema/entities/user.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { UnsubscribeWish } from "../schema/wire/unsubscribes.ts";
import { addressKeyOf } from "./address-keys.ts";
import type { Links } from "./links.ts";
import type { Clock, Database } from "./ports.ts";
import { settingsOf } from "./profile-views.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";
import { suppress } from "./suppressions.ts";

export interface UnsubscribesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly secrets: Pick<Secrets, "seal" | "open" | "sign">;
  readonly links: Pick<Links, "unsubscribe">;
}

export type Unsubscribes = ReturnType<typeof unsubscribes>;

/** Who is tired of news of studies says so by a link in each: it is good for ever, by whomever it is opened. */
export function unsubscribes({ database, clock, secrets, links }: UnsubscribesDeps) {
  function wishOf(token: string): UnsubscribeWish {
    const text = secrets.open("unsubscribe", token);
    if (text === undefined) throw new Refusal("NOT_FOUND", "This link leads nowhere");
    return UnsubscribeWish.parse(JSON.parse(text));
  }

  return {
    /** For a letter to that person, at that address. */
    linkFor(userId: UserId, address: string): string {
      const wish: UnsubscribeWish = { userId, addressKey: addressKeyOf(secrets, "email", address) };
      return links.unsubscribe(secrets.seal("unsubscribe", JSON.stringify(wish)));
    },

    /** Whether there is anything to be said by that link; looking changes nothing. */
    isKnown: (token: string): boolean => secrets.open("unsubscribe", token) !== undefined,

    /**
     * They get no news of studies any more. It is a setting of theirs, which they may change again; of whoever has no
     * account any more the address is noted instead. Said again, it changes nothing. Throws NOT_FOUND.
     */
    unsubscribe: (token: string): Promise<void> =>
      database.transaction(async (em) => {
        const { userId, addressKey } = wishOf(token);
        const user = await em.findOne(User, { id: userId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
        if (user) return refuseResearch(em, user, new Date(clock.now()));
        await suppress(em, { channel: "email", addressKeys: [addressKey] }, "unsubscribe", clock.now());
      }),
  };
}

async function refuseResearch(em: EntityManager, user: User, at: Date): Promise<void> {
  const settings = settingsOf(user);
  if (!settings.privacy.allowResearchContact) return;
  user.updatedAt = at;
  const changed: object = { ...settings, privacy: { ...settings.privacy, allowResearchContact: false } };
  user.settings = changed;
  user.settingsVersion++;
  await em.flush();
}
