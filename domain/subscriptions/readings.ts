import type { EntityManager } from "@mikro-orm/core";
import { StoreReading } from "../../schema/entities/store-reading.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { AfterCommit, Clock, Database } from "../ports.ts";
import type { Holdings } from "./holdings.ts";
import type { Store, StoreRecord } from "./store.ts";
import { isPremium, premiumEndsAt, type Subscription } from "./subscription.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Who was not heard of for so long is asked about. */
const SILENT_MS = 7 * DAY_MS;

/** Stores renew shortly before a period ends, and tell of it when they come to it. */
const BEFORE_END_MS = 10 * MINUTE_MS;

/** Between two looks while a period that should renew has ended. */
const LOOK_MS = 15 * MINUTE_MS;

/** Stores try for so long to be paid after all. */
const TRYING_MS = 60 * DAY_MS;

/** Whoever is at a reading has it for so long. */
const LEASE_MS = 2 * MINUTE_MS;

const LONGEST_WAIT_MS = HOUR_MS;

/** Of so many at a time the provider is asked; the others when it is looked again. */
const AT_ONCE = 20;

/** When a person's record is to be read again, with nothing heard until then; null: not before something is heard. */
export function nextReading(all: readonly Subscription[], now: number): number | null {
  const times = all.map((one) => nextOf(one, now)).filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function nextOf(one: Subscription, now: number): number | null {
  const end = premiumEndsAt(one);
  if (isPremium(one, now)) return one.renews ? soonest(end - BEFORE_END_MS, end, now) : now + SILENT_MS;
  if (one.refundedAt !== null || now - end > TRYING_MS) return null;
  return one.renews && now - end < DAY_MS ? now + LOOK_MS : now + SILENT_MS;
}

/** Once before the end, and once it is there; but never later than in a week. */
function soonest(before: number, end: number, now: number): number {
  return Math.min(now < before ? before : end, now + SILENT_MS);
}

/** Twice as long after each failure. */
const waitAfter = (failures: number): number => Math.min(LONGEST_WAIT_MS, MINUTE_MS * 2 ** Math.min(failures, 10));

const CLAIM = `
update store_readings set due_at = ?
where user_id in (
  select user_id from store_readings where due_at <= ? order by due_at limit ${AT_ONCE} for update skip locked
)
returning user_id`;

const PUT_OFF = `
insert into store_readings (user_id, due_at, failures) values (?, ?, 0)
on conflict (user_id) do update set due_at = least(store_readings.due_at, excluded.due_at)`;

export interface ReadingsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly store: Store | undefined;
  readonly holdings: Holdings;
  /** [SB12] What was bought for trying out counts. */
  readonly takesSandbox: boolean;
}

export type Readings = ReturnType<typeof readings>;

/** The provider's own records, read when somebody is heard of, about to end or silent; what they say is so. */
export function readings({ database, clock, store, holdings, takesSandbox }: ReadingsDeps) {
  /** A record that was made before the one we know changes nothing: answers overtake each other. */
  async function take(em: EntityManager, afterCommit: AfterCommit, userId: UserId, record: StoreRecord) {
    await holdings.lock(em);
    if (!(await holdings.alive(em, [userId])).has(userId)) return;
    const known = await em.findOne(StoreReading, { userId }, { refresh: true });
    if (known?.recordAt && known.recordAt.getTime() > record.at) return;
    const all = record.subscriptions.filter(({ isSandbox }) => takesSandbox || !isSandbox);
    await holdings.settle(em, afterCommit, { provider: "revenuecat", people: [userId] }, all);
    const due = nextReading(all, clock.now());
    const read = { recordAt: new Date(record.at), dueAt: due === null ? null : new Date(due), failures: 0 };
    if (known) Object.assign(known, read);
    else em.create(StoreReading, { userId, ...read });
  }

  const taken = (userId: UserId, record: StoreRecord): Promise<void> =>
    database.transaction((em, afterCommit) => take(em, afterCommit, userId, record));

  const failed = (userId: UserId): Promise<void> =>
    database.transaction(async (em, afterCommit) => {
      await holdings.bridge(em, afterCommit, userId, BEFORE_END_MS);
      const reading = await em.findOne(StoreReading, { userId }, { refresh: true });
      if (!reading) return;
      reading.failures++;
      reading.dueAt = new Date(clock.now() + waitAfter(reading.failures));
    });

  const claimed = (): Promise<readonly UserId[]> =>
    database.transaction(async (em) => {
      const times = [clock.now() + LEASE_MS, clock.now()].map((at) => new Date(at).toISOString());
      const rows = await em.getConnection().execute(CLAIM, times, "all", em.getTransactionContext());
      return rows.map(({ user_id }: { user_id: UserId }) => user_id);
    });

  return {
    take,
    taken,

    /** It could not be read now, and is as soon as may be. */
    async putOff(em: EntityManager, userId: UserId): Promise<void> {
      if (!(await holdings.alive(em, [userId])).has(userId)) return;
      const values = [userId, new Date(clock.now()).toISOString()];
      await em.getConnection().execute(PUT_OFF, values, "run", em.getTransactionContext());
    },

    /**
     * Reads whoever is due; to be called every few seconds. Nothing is held open meanwhile, so several may be at it.
     * One that fails is tried again later, and keeps nobody else waiting. Returns how many were read.
     */
    async round(): Promise<number> {
      if (!store) return 0;
      for (let read = 0; ; ) {
        const due = await claimed();
        const before = read;
        for (const userId of due) {
          const record = await store.record(userId).catch(() => undefined);
          if (record) await taken(userId, record);
          else await failed(userId);
          read += Number(record !== undefined);
        }
        // Whoever does not answer is not asked about everybody else as well.
        if (due.length < AT_ONCE || read - before < due.length) return read;
      }
    },
  };
}
