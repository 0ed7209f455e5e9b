import { Subscription as Row } from "../../schema/entities/subscription.ts";
import { SubscriptionEvent } from "../../schema/entities/subscription-event.ts";
import { User } from "../../schema/entities/user.ts";
import { emailKey } from "../../schema/wire/email.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { SubscriptionView, TestQuery } from "../../schema/wire/subscriptions.ts";
import type { Clock, Database } from "../ports.ts";
import { viewOf } from "./rows.ts";

/** More than anybody scrolls through. */
const NEWEST = 50;

export interface Customer {
  readonly userId: UserId;
  readonly name: string;
  readonly email: string;
  readonly subscription: SubscriptionView;
}

export interface ToldOf {
  readonly type: string;
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Who there is to buy for, and what happened to the one that is looked at, the last thing first. */
export interface TestStoreWindow {
  look(query: TestQuery): Promise<{
    readonly customers: readonly Customer[];
    readonly chosen: Customer | undefined;
    readonly events: readonly ToldOf[];
  }>;
}

/** For whoever tries it out; where people pay, nobody can look through it. */
export function testStoreWindow({ database, clock }: { database: Database; clock: Clock }): TestStoreWindow {
  return {
    look: ({ email, user }) =>
      database.read(async (em) => {
        const address = email?.trim() ? { emailKey: emailKey(email) ?? "" } : {};
        const where = { status: "active" as const, ...address };
        const people = await em.find(User, where, { orderBy: { createdAt: "desc", id: "desc" }, limit: NEWEST });
        const rows = await em.find(Row, { userId: { $in: people.map(({ id }) => id) } });
        const customers = people.map(({ id: userId, name, email: to }) => ({
          ...{ userId, name, email: to },
          subscription: viewOf(
            rows.filter((row) => row.userId === userId),
            clock.now(),
          ),
        }));
        const chosen = customers.find(({ userId }) => userId === user) ?? customers[0];
        const of = { $or: [{ userId: chosen?.userId ?? null }, { toUserId: chosen?.userId ?? null }] };
        const told = chosen ? await em.find(SubscriptionEvent, of, { orderBy: { at: "desc" }, limit: NEWEST }) : [];
        return {
          ...{ customers, chosen },
          events: told.map(({ type, facts, at }) => ({ type, reason: facts.reason, at: at.getTime() })),
        };
      }),
  };
}
