import { Migration } from "@mikro-orm/migrations";

/** Who belongs to whom, and how they found each other. */
export class M0002Pairs extends Migration {
  override up(): void {
    this.addSql(PAIRS);
    this.addSql(PAIR_MEMBERS);
    this.addSql(INVITATIONS);
  }

  override down(): void {
    for (const table of ["invitations", "pair_members", "pairs"]) this.addSql(`drop table ${table}`);
  }
}

const PAIRS = `
create table pairs (
  id           uuid primary key,
  low_user_id  uuid not null references users (id),
  high_user_id uuid not null references users (id),
  status       text not null default 'open' check (status in ('open', 'closed')),
  paired_at    timestamptz not null,
  unpaired_at  timestamptz,
  constraint pairs_of_two unique (low_user_id, high_user_id),
  check (low_user_id < high_user_id)
)`;

/** One active pair a person, whatever anybody's code believes. */
const PAIR_MEMBERS = `
create table pair_members (
  pair_id   uuid not null references pairs (id),
  user_id   uuid not null references users (id),
  is_active boolean not null,
  primary key (pair_id, user_id)
);
create unique index pair_members_one_active on pair_members (user_id) where is_active;
create index pair_members_of_user on pair_members (user_id)`;

/** A code is given out once, ever, so that an old one is told from one that never was. */
const INVITATIONS = `
create table invitations (
  id          uuid primary key,
  inviter_id  uuid not null references users (id),
  code        text not null,
  status      text not null default 'pending' check (status in ('pending', 'accepted', 'cancelled')),
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  accepted_by uuid references users (id),
  accepted_at timestamptz,
  pair_id     uuid references pairs (id),
  constraint invitations_code unique (code)
);
create unique index invitations_one_pending on invitations (inviter_id) where status = 'pending'`;
