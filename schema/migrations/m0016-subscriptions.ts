import { Migration } from "@mikro-orm/migrations";

/** What the stores told us, and what subscriptions people have by it. */
export class M0016Subscriptions extends Migration {
  override up(): void {
    this.addSql(EVENTS);
    this.addSql(SUBSCRIPTIONS);
    this.addSql(READINGS);
  }

  override down(): void {
    for (const table of ["store_readings", "subscriptions", "subscription_events"]) this.addSql(`drop table ${table}`);
  }
}

/** It refers to nobody: what was paid stays on record when whoever paid is gone, under a number that leads to nobody. */
const EVENTS = `
create table subscription_events (
  provider    text not null check (provider in ('revenuecat', 'test')),
  id          text not null,
  at          timestamptz not null,
  heard_at    timestamptz not null,
  type        text not null,
  fate        text not null,
  user_id     uuid,
  to_user_id  uuid,
  transaction text,
  product_id  text,
  store       text not null,
  is_sandbox  boolean not null,
  facts       jsonb not null,
  primary key (provider, id)
);
create index subscription_events_user on subscription_events (user_id);
create index subscription_events_to_user on subscription_events (to_user_id) where to_user_id is not null;
create index subscription_events_transaction on subscription_events (transaction)`;

const SUBSCRIPTIONS = `
create table subscriptions (
  id               uuid primary key,
  user_id          uuid not null references users (id) on delete cascade,
  provider         text not null check (provider in ('revenuecat', 'test')),
  transaction      text not null,
  product_id       text not null,
  store            text not null,
  is_sandbox       boolean not null,
  is_trial         boolean not null,
  started_at       timestamptz not null,
  purchased_at     timestamptz not null,
  expires_at       timestamptz,
  grace_ends_at    timestamptz,
  renews           boolean not null,
  billing_issue_at timestamptz,
  pauses           boolean not null,
  refunded_at      timestamptz,
  ended_at         timestamptz,
  status           text not null,
  changes_at       timestamptz,
  lost_at          timestamptz
);
create unique index subscriptions_once on subscriptions (provider, transaction);
create index subscriptions_user on subscriptions (user_id);
create index subscriptions_changing on subscriptions (changes_at) where changes_at is not null;
create index subscriptions_lost on subscriptions (lost_at) where lost_at is not null`;

const READINGS = `
create table store_readings (
  user_id   uuid primary key references users (id) on delete cascade,
  record_at timestamptz,
  due_at    timestamptz,
  failures  integer not null default 0
);
create index store_readings_due on store_readings (due_at) where due_at is not null`;
