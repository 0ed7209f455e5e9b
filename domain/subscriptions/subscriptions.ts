import type { EntityManager } from "@mikro-orm/core";
import type { Provider } from "../../schema/entities/subscription.ts";
import { type EventFate, SubscriptionEvent } from "../../schema/entities/subscription-event.ts";
import { User } from "../../schema/entities/user.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { RevenuecatHook } from "../../schema/wire/store-events.ts";
import type { Purchase, Restore, SubscriptionsView, SubscriptionView } from "../../schema/wire/subscriptions.ts";
import type { AfterCommit, Caller, Clock, Database } from "../ports.ts";
import { parse } from "../refusal.ts";
import type { Holdings } from "./holdings.ts";
import { type Heard, isNews } from "./ledger.ts";
import { plans } from "./plans.ts";
import { rowsOf } from "./premium.ts";
import type { Readings } from "./readings.ts";
import { type Told, toldBy } from "./revenuecat-events.ts";
import { viewOf } from "./rows.ts";
import type { Store, StoreRecord } from "./store.ts";
import { asked } from "./store-answers.ts";
import type { TestStore } from "./test-store.ts";
import { NOBODY } from "./timeline.ts";

export interface SubscriptionsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly holdings: Holdings;
  readonly readings: Readings;
  /** Whose records are the truth; undefined: what events tell is. */
  readonly store: Store | undefined;
  /** The one that is built in; undefined where people pay. */
  readonly testStore: TestStore | undefined;
  readonly takesSandbox: boolean;
  /** Whose events are ours; empty: anybody's that tells of products of ours. */
  readonly appIds: readonly string[];
}

export type Subscriptions = ReturnType<typeof subscriptions>;

/** What a purchase comes to: what they have by now, and whether the store has said so yet. */
export interface Claimed {
  readonly subscription: SubscriptionView;
  readonly isConfirmed: boolean;
}

/** What people subscribe to: each for themselves, whatever their twin has. */
export function subscriptions(deps: SubscriptionsDeps) {
  const { database, clock, holdings, readings, store, testStore, takesSandbox, appIds } = deps;

  const look = (userId: UserId): Promise<SubscriptionView> =>
    database.read(async (em) => viewOf(await rowsOf(em, userId, takesSandbox), clock.now()));

  const isKnown = (id: string): Promise<boolean> =>
    database.read(async (em) => (await em.count(SubscriptionEvent, { provider: PROVIDER, id })) > 0);

  /** The first of them that is somebody of ours. */
  const knownOf = (people: readonly UserId[]): Promise<UserId | null> =>
    database.read(async (em) => {
      const where = { id: { $in: [...people] }, status: { $ne: "deleted" as const } };
      const found = await em.find(User, where, { fields: ["id"], refresh: true });
      return people.find((one) => found.some(({ id }) => id === one)) ?? null;
    });

  function fateOf({ type, productId, isSandbox, appId }: Told, people: readonly UserId[]): EventFate {
    if (appIds.length > 0 && !appIds.includes(appId ?? "")) return "other_app";
    if (people.length === 0) return "unknown_person";
    if (isSandbox && !takesSandbox) return "sandbox";
    return productId === null && type !== "TRANSFER" ? "unknown_product" : "counted";
  }

  /** Before anything is held open: who does not answer keeps nobody waiting but whoever tells us. */
  async function readAll({ record }: Store, people: readonly UserId[]) {
    const read = async (userId: UserId) =>
      [userId, await record(userId).catch(() => undefined)] satisfies [UserId, StoreRecord | undefined];
    return Promise.all(people.map(read));
  }

  /** What follows from an event that counts. */
  async function count(
    em: EntityManager,
    afterCommit: AfterCommit,
    people: readonly UserId[],
    records: readonly (readonly [UserId, StoreRecord | undefined])[],
  ): Promise<void> {
    if (!store) return holdings.recount(em, afterCommit, PROVIDER, people);
    for (const [userId, record] of records) {
      if (record) await readings.take(em, afterCommit, userId, record);
      else await readings.putOff(em, userId);
    }
  }

  return {
    /** One's own subscription, and what there is to be had. */
    look: async ({ userId }: Caller): Promise<SubscriptionsView> => ({
      subscription: await look(userId),
      availablePlans: plans,
    }),

    /** A purchase counts once its store says so. Throws VALIDATION_ERROR if it says no, UNAVAILABLE if it says nothing. */
    async purchase(
      { userId }: Caller,
      { productId, purchaseToken, platform, receiptData }: Purchase,
    ): Promise<Claimed> {
      if (testStore) await testStore.claim(userId, purchaseToken, productId);
      const proof = { productId, purchaseToken, platform, receiptData: receiptData ?? undefined };
      if (store) await readings.taken(userId, await asked(() => store.claim(userId, proof)));
      return { subscription: await look(userId), isConfirmed: Boolean(testStore ?? store) };
    },

    /** What one has, as the store says now; with a token also what was bought under another account, which loses it. */
    async restore({ userId }: Caller, { purchaseToken, platform, receiptData }: Restore): Promise<SubscriptionView> {
      if (testStore && purchaseToken) await testStore.claim(userId, purchaseToken, undefined);
      if (store) {
        const proof = { productId: undefined, platform: platform ?? "ios", receiptData: receiptData ?? undefined };
        const record = await asked(() =>
          purchaseToken ? store.claim(userId, { ...proof, purchaseToken }) : store.record(userId),
        );
        await readings.taken(userId, record);
      }
      return look(userId);
    },

    /** What RevenueCat tells: each event once, whatever order they come in. Throws VALIDATION_ERROR for what is no event. */
    async hear(body: unknown): Promise<void> {
      const told = toldBy(parse(RevenuecatHook, body).event, clock.now());
      if (told.type === "TEST" || (await isKnown(told.id))) return;
      const userId = await knownOf(told.people);
      const toUserId = told.toPeople && ((await knownOf(told.toPeople)) ?? NOBODY);
      const people = [userId, toUserId].flatMap((one) => (one === null || one === NOBODY ? [] : [one]));
      const fate = fateOf(told, people);
      const isCounted = fate === "counted";
      const records = store && isCounted ? await readAll(store, people) : [];
      await database.transaction(async (em, afterCommit) => {
        await holdings.lock(em);
        const heard = { ...told, userId, toUserId } satisfies Heard;
        if ((await isNews(em, PROVIDER, heard, fate, clock.now())) && isCounted)
          await count(em, afterCommit, people, records);
      });
    },
  };
}

const PROVIDER: Provider = "revenuecat";
