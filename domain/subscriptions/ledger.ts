import type { EntityManager } from "@mikro-orm/core";
import type { Provider } from "../../schema/entities/subscription.ts";
import { type EventFate, SubscriptionEvent } from "../../schema/entities/subscription-event.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import { NOBODY, type StoreEvent } from "./timeline.ts";

/** An event as it was heard, of whomever and whatever it tells. */
export type Heard = Omit<StoreEvent, "userId"> & { readonly userId: UserId | null };

const INSERT = `
insert into subscription_events (provider, id, at, heard_at, type, fate, user_id, to_user_id, transaction, product_id,
  store, is_sandbox, facts)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`;

/** Whether it was not heard before. */
export async function isNews(
  em: EntityManager,
  provider: Provider,
  event: Heard,
  fate: EventFate,
  heardAt: number,
): Promise<boolean> {
  const { id, type, userId, toUserId, transaction, productId, store, isSandbox, facts } = event;
  const [at, heard] = [event.at, heardAt].map((time) => new Date(time).toISOString());
  const what = [transaction, productId, store, isSandbox, JSON.stringify(facts)];
  const values = [provider, id, at, heard, type, fate, userId, toUserId, ...what];
  const { affectedRows } = await em.getConnection().execute(INSERT, values, "run", em.getTransactionContext());
  return affectedRows === 1;
}

/** All that was told of these people and of whomever they had something from or gave something to, however far it leads. */
export async function eventsAround(em: EntityManager, provider: Provider, people: readonly UserId[]) {
  const users = new Set(people);
  const transactions = new Set<string>();
  for (;;) {
    const size = users.size + transactions.size;
    const rows = await rowsOf(em, provider, [...users], [...transactions]);
    for (const { userId, toUserId, transaction } of rows) {
      for (const one of [userId, toUserId]) if (one !== null && one !== NOBODY) users.add(one);
      if (transaction !== null) transactions.add(transaction);
    }
    if (users.size + transactions.size === size) return { people: [...users], events: rows.flatMap(eventOf) };
  }
}

const rowsOf = (em: EntityManager, provider: Provider, users: readonly UserId[], transactions: readonly string[]) =>
  em.find(
    SubscriptionEvent,
    {
      ...{ provider, fate: "counted" },
      $or: [
        { userId: { $in: [...users] } },
        { toUserId: { $in: [...users] } },
        { transaction: { $in: [...transactions] } },
      ],
    },
    { refresh: true },
  );

function eventOf({ userId, at, provider: _provider, heardAt: _heardAt, fate: _fate, ...rest }: SubscriptionEvent) {
  return userId === null ? [] : [{ ...rest, userId, at: at.getTime() }];
}

/** One new number for all that was theirs, so that what belongs together stays so. */
const DISOWN = `
with nobody as materialized (select gen_random_uuid() as id)
update subscription_events
set user_id = case when user_id = ? then nobody.id else user_id end,
  to_user_id = case when to_user_id = ? then nobody.id else to_user_id end
from nobody where user_id = ? or to_user_id = ?`;

/** What was told of somebody is from now on told of a number that leads to nobody. */
export const disownEvents = (em: EntityManager, userId: UserId): Promise<unknown> =>
  em.getConnection().execute(DISOWN, [userId, userId, userId, userId], "run", em.getTransactionContext());
