import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Consent } from "../schema/entities/consent.ts";
import {
  type ChangeConsents,
  CONSENT_VERSION,
  ConsentItem,
  type Consents as ConsentsHeld,
  type ConsentsView,
} from "../schema/wire/consents.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { auditing } from "./audit.ts";
import type { Caller, Chance, Clock, Database } from "./ports.ts";
import { findPerson } from "./profiles.ts";

/** The last words about anything; all of them are in a copy of one's data. */
const SHOWN = 50;

export interface ConsentsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
}

export type Consents = ReturnType<typeof consents>;

/** What somebody agreed to, each word kept: nothing is agreed to before it was said, and no longer than it holds. */
export function consents({ database, ...means }: ConsentsDeps) {
  return {
    look: ({ userId }: Caller): Promise<ConsentsView> => database.read((em) => viewOf(em, userId)),

    /** What is left out stays as it is; saying what holds already changes nothing. */
    change: ({ userId }: Caller, change: ChangeConsents): Promise<ConsentsView> =>
      database.transaction(async (em) => {
        await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const before = await consentsOf(em, userId);
        for (const item of ConsentItem.options) {
          const granted = change[item] ?? before[item];
          if (granted !== before[item]) say(means, em, userId, { item, granted });
        }
        await em.flush();
        return viewOf(em, userId);
      }),
  };
}

type Means = Pick<ConsentsDeps, "clock" | "chance">;

type Word = Pick<Consent, "item" | "granted">;

function say({ clock, chance }: Means, em: EntityManager, userId: UserId, { item, granted }: Word): void {
  em.create(Consent, { userId, item, granted, version: CONSENT_VERSION, at: new Date(clock.now()) });
  const action = granted ? "consent.given" : "consent.withdrawn";
  auditing({ clock, chance })(em, { action, subject: userId });
}

/** What was agreed to with one twin says nothing of another: who parts, has agreed to nothing. */
export async function withdrawWhenParting(means: Means, em: EntityManager, userIds: readonly UserId[]): Promise<void> {
  const item: ConsentItem = "twinDataMerging";
  for (const userId of userIds)
    if ((await consentsOf(em, userId))[item]) say(means, em, userId, { item, granted: false });
  await em.flush();
}

/** The last word about each item; to other words than are shown now nobody has agreed. */
export async function consentsOf(em: EntityManager, userId: UserId): Promise<ConsentsHeld> {
  const item: ConsentItem = "twinDataMerging";
  const last = await em.findOne(Consent, { userId, item }, { orderBy: { id: "desc" }, refresh: true });
  return { twinDataMerging: last?.version === CONSENT_VERSION && last.granted };
}

async function viewOf(em: EntityManager, userId: UserId): Promise<ConsentsView> {
  const found = await em.find(Consent, { userId }, { orderBy: { id: "desc" }, limit: SHOWN });
  const history = found.map(({ item, granted, version, at }) => ({ item, granted, version, at: at.toISOString() }));
  return { consents: await consentsOf(em, userId), history };
}
