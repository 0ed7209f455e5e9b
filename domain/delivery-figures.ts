import type { EntityManager } from "@mikro-orm/core";
import type { DeliveryStatus } from "../schema/entities/delivery.ts";
import type { DeliveryFigures } from "../schema/wire/delivery-figures.ts";
import type { Channel } from "../schema/wire/letters.ts";
import type { DeliveryDay } from "../schema/wire/staff-operations.ts";
import type { Database } from "./ports.ts";

const FIGURES = `
select template, channel,
  count(*) filter (where sent_at is not null)::int as sent,
  count(*) filter (where delivered_at is not null)::int as delivered,
  count(*) filter (where status = 'bounced')::int as bounced,
  count(*) filter (where opened_at is not null)::int as opened,
  count(*) filter (where clicked_at is not null)::int as clicked,
  count(*) filter (where answered_at is not null and sent_at is not null)::int as answered,
  count(*) filter (where status = 'failed')::int as failed,
  count(*) filter (where status = 'suppressed')::int as suppressed,
  count(*) filter (where status in ('queued', 'sending'))::int as waiting
from deliveries where created_at >= ? group by template, channel order by template, channel`;

const DAYS = `
select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD') as day, channel,
  count(*) filter (where sent_at is not null)::int as sent,
  count(*) filter (where delivered_at is not null)::int as delivered,
  count(*) filter (where status = 'bounced')::int as bounced,
  count(*) filter (where opened_at is not null)::int as opened,
  count(*) filter (where clicked_at is not null)::int as clicked,
  count(*) filter (where answered_at is not null and sent_at is not null)::int as answered
from deliveries where created_at >= ? group by day, channel order by day, channel`;

const COUNTS = `
select channel, status, count(*)::int as count from deliveries where created_at >= ? group by channel, status`;

export interface DeliveryCount {
  readonly channel: Channel;
  readonly status: DeliveryStatus;
  readonly count: number;
}

/** Of all that was asked for since then (milliseconds since 1970), by how it goes and how far it came. */
export const deliveryCounts = (database: Pick<Database, "read">, since: number): Promise<readonly DeliveryCount[]> =>
  asked(database, COUNTS, since);

/** Of all that was asked for since then (milliseconds since 1970), by what it is and how it goes. */
export const deliveryFigures = (database: Pick<Database, "read">, since: number): Promise<readonly DeliveryFigures[]> =>
  asked(database, FIGURES, since);

/** The same for a chart: day by day, in UTC. */
export const deliveryDays = (database: Pick<Database, "read">, since: number): Promise<readonly DeliveryDay[]> =>
  asked(database, DAYS, since);

const asked = <Row>(database: Pick<Database, "read">, sql: string, since: number): Promise<Row[]> =>
  database.read((em: EntityManager) =>
    em.getConnection().execute(sql, [new Date(since).toISOString()], "all", em.getTransactionContext()),
  );
