import pg from "pg";
import { staffPeople } from "../domain/staff-people.ts";
import { chance } from "../server/chance.ts";
import { StaffWorld } from "../tests/support/staff-world.ts";
import { type Figures, figuresOf } from "./figures.ts";

const ACCOUNTS = 1_000_000;
const REPORTS = 100_000;

/** As many wait as in a bad week; the others were decided. */
const OPEN = 20_000;

const CALLS = 200;
const DEEP_PAGES = 50;

/** With addresses such as people have, and pairs, sign-ins and deliveries for one in ten. */
const PEOPLE = `
insert into users (id, email, email_key, password_hash, name, created_at, updated_at)
select gen_random_uuid(), 'person.' || n || '@example.org', 'person.' || n || '@example.org', repeat('h', 97), 'Person', now(), now()
from generate_series(1, $1) n`;

const DELIVERED = `
insert into deliveries (id, channel, template, user_id, address_key, status, attempts, created_at, updated_at)
select gen_random_uuid(), 'email', 'verify_address', id, md5(id::text), 'delivered', 1, now(), now() from users limit $1`;

const REPORTED = `
insert into reports (id, reporter_id, reported_id, pair_id, reason, details, messages, status, created_at, due_at, decided_at, decision)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'harassment', repeat('word ', 20),
  jsonb_build_array(
    jsonb_build_object('id', '01900000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'seq', 1, 'senderId', gen_random_uuid(),
      'type', 'text', 'text', repeat('what was said ', 20), 'mediaId', null, 'isEncrypted', false, 'sentAt', '2026-06-01T00:00:00.000Z',
      'editedAt', null, 'deletedAt', null)),
  case when n <= $2 then 'open' else 'decided' end, now() - n * interval '1 second', now() + interval '1 day',
  case when n > $2 then now() end, case when n > $2 then 'dismiss' end
from generate_series(1, $1) n`;

export interface StaffFigures {
  /** Pages of 50 that this sign-in has not read yet: each report is noted, for both of the two. */
  readonly unread: Figures;
  /** The first page, looked at again. */
  readonly queue: Figures;
  /** The fiftieth page. */
  readonly deep: Figures;
  readonly search: Figures;
  readonly decide: Figures;
}

/** What staff wait for, with many accounts and reports. */
export async function measureStaff(): Promise<StaffFigures> {
  const world = await StaffWorld.open();
  try {
    const { people, suspensions, clock } = world;
    // A line of its own, which may take its time.
    const client = new pg.Client({ connectionString: people.world.opened.url });
    await client.connect();
    const fill = (sql: string, ...values: number[]) => client.query(sql, values);
    await fill(PEOPLE, ACCOUNTS);
    await fill(DELIVERED, ACCOUNTS / 10);
    await fill(REPORTED, REPORTS, OPEN);
    await fill("analyze");
    await client.end();
    const desk = staffPeople({
      ...{ database: people.world.opened.database, clock, chance, secrets: people.secrets, suspensions },
      entitlements: { of: async () => new Set() },
      ...{ sessions: people.world.sessions, addresses: people.world.addresses },
      ...{ exports: people.exports, deletion: people.deletion },
    });
    const mo = await world.signedInAs("moderator");
    const page = (cursor?: string) =>
      world.moderation.list(mo, { status: "open", limit: 50, ...(cursor === undefined ? {} : { cursor }) });
    clock.advance(1);
    let next: string | undefined;
    let last: string | undefined;
    const unread = await timed(DEEP_PAGES, async () => {
      last = next;
      next = (await page(next)).nextCursor ?? undefined;
    });
    return {
      unread,
      queue: await timed(CALLS, () => page()),
      deep: await timed(CALLS, () => page(last)),
      search: await timed(CALLS, (n) => desk.find(mo, { q: `person.${n * 4999 + 1}@example.org`, reason: "measured" })),
      decide: await timed(50, async () => {
        const [{ id } = { id: undefined }] = (await page()).items;
        if (id) await world.moderation.decide(mo, id, { action: "dismiss", note: "measured" });
      }),
    };
  } finally {
    await world.close();
  }
}

async function timed(calls: number, work: (n: number) => Promise<unknown>): Promise<Figures> {
  const times: number[] = [];
  const start = performance.now();
  for (let n = 0; n < calls; n++) {
    const before = performance.now();
    await work(n);
    times.push(performance.now() - before);
  }
  return figuresOf(times, (performance.now() - start) / 1000);
}
