import { type EntityManager, LockMode } from "@mikro-orm/core";
import { type Provider, Subscription as Row } from "../../schema/entities/subscription.ts";
import { User } from "../../schema/entities/user.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { auditing } from "../audit.ts";
import { noticing } from "../notices.ts";
import type { AfterCommit, Chance, Clock, Notices } from "../ports.ts";
import { eventsAround } from "./ledger.ts";
import { columnsOf, factsOf, standingOf, viewOf } from "./rows.ts";
import { bridgedUntil, givesPremium, type Subscription } from "./subscription.ts";
import { timeline } from "./timeline.ts";

export interface HoldingsDeps {
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly notices: Notices;
}

export type Holdings = ReturnType<typeof holdings>;

/** Whoever writes subscriptions does so one after the other: a purchase may be one person's now and another's then. */
const LOCK = "select pg_advisory_xact_lock(hashtextextended('subscriptions', 0))";

/** So many are looked at at once by the clock. */
const AT_ONCE = 500;

/** What everybody has, as it is written down; and whoever has premium from now on, or no more, hears of it. */
export function holdings({ clock, chance, notices }: HoldingsDeps) {
  const note = auditing({ clock, chance });
  const tell = noticing({ clock, chance, notices });

  const lock = (em: EntityManager) => em.getConnection().execute(LOCK, [], "all", em.getTransactionContext());

  /** Those of them that are there, and stay while this transaction lasts. */
  async function alive(em: EntityManager, people: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const where = { id: { $in: [...people] }, status: { $ne: "deleted" as const } };
    const found = await em.find(User, where, {
      ...{ fields: ["id"], orderBy: { id: "asc" }, refresh: true },
      lockMode: LockMode.PESSIMISTIC_READ,
    });
    return new Set(found.map(({ id }) => id));
  }

  /** Does the work on all rows of these people, and tells whoever sees something else by it. */
  async function changing(
    em: EntityManager,
    afterCommit: AfterCommit,
    people: readonly UserId[],
    work: (rows: Row[]) => Promise<unknown>,
  ): Promise<void> {
    const now = clock.now();
    const theirs = async () => {
      const rows = await em.find(Row, { userId: { $in: [...people] } }, { refresh: true });
      return new Map(people.map((userId) => [userId, rows.filter((row) => row.userId === userId)]));
    };
    const before = await theirs();
    const seen = new Map([...before].map(([userId, rows]) => [userId, seenIn(rows, now)]));
    await work([...before.values()].flat());
    await em.flush();
    for (const [userId, rows] of await theirs()) {
      const [had, has] = [seen.get(userId) ?? seenIn([], now), seenIn(rows, now)];
      if (had.isPremium !== has.isPremium)
        note(em, { action: has.isPremium ? "premium.given" : "premium.ended", subject: userId, actor: null });
      if (had.text === has.text) continue;
      const { isActive, entitlements } = viewOf(rows, now);
      tell(em, afterCommit, { what: "subscription.changed", userId, isActive, entitlements });
    }
  }

  /** From now on these people have that from that provider, and nothing else. What is nobody's any more is left out. */
  async function settle(
    em: EntityManager,
    afterCommit: AfterCommit,
    of: { readonly provider: Provider; readonly people: readonly UserId[] },
    all: readonly Subscription[],
  ): Promise<void> {
    const { provider } = of;
    const people = await alive(em, of.people);
    await changing(em, afterCommit, [...people], async (rows) => {
      const own = rows.filter((row) => row.provider === provider);
      const known = new Map(own.map((row) => [row.transaction, row]));
      for (const one of all.filter(({ holder }) => people.has(holder))) {
        const columns = { ...columnsOf(one), ...standingOf(one, clock.now()) };
        const row = known.get(one.transaction);
        if (row) Object.assign(row, columns);
        else em.create(Row, { id: chance.newId(clock.now()), provider, ...columns });
        known.delete(one.transaction);
      }
      for (const row of known.values()) em.remove(row);
    });
  }

  return {
    lock,
    alive,
    settle,

    /** Makes what people have of everything that was told of them. */
    async recount(em: EntityManager, afterCommit: AfterCommit, provider: Provider, named: readonly UserId[]) {
      const { people, events } = await eventsAround(em, provider, named);
      await settle(em, afterCommit, { provider, people }, timeline(events));
    },

    /** [RV6] The provider could not be asked about them: what should have renewed by then is taken to have, for a while. */
    async bridge(em: EntityManager, afterCommit: AfterCommit, userId: UserId, beforeMs: number): Promise<void> {
      await lock(em);
      const now = clock.now();
      await changing(em, afterCommit, [userId], async (rows) => {
        for (const row of rows) {
          const until = bridgedUntil(factsOf(row), now, beforeMs);
          if (until === null || row.provider !== "revenuecat") continue;
          row.graceEndsAt = new Date(until);
          Object.assign(row, standingOf(factsOf(row), now));
        }
      });
    },

    /** What the clock has made of subscriptions meanwhile; to be called every now and then. Returns of how many. */
    async sweep(em: EntityManager, afterCommit: AfterCommit): Promise<number> {
      await lock(em);
      const now = clock.now();
      const due = { changesAt: { $lte: new Date(now) } };
      const found = await em.find(Row, due, { orderBy: { changesAt: "asc" }, limit: AT_ONCE });
      const people = [...new Set(found.map(({ userId }) => userId))];
      await changing(em, afterCommit, people, async (rows) => {
        for (const row of rows) Object.assign(row, standingOf(factsOf(row), now));
      });
      return found.length;
    },
  };
}

/** What was noted of them, and what they could see by it. */
function seenIn(rows: readonly Row[], now: number): { readonly isPremium: boolean; readonly text: string } {
  const statuses = rows.map(({ status }) => status).toSorted();
  return { isPremium: statuses.some(givesPremium), text: JSON.stringify([viewOf(rows, now), statuses]) };
}
