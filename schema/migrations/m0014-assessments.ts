import { Migration } from "@mikro-orm/migrations";

/** Each category's ids begin with two letters; the numbers are of the items that are worded against it. */
const CATEGORIES: readonly (readonly [category: string, prefix: string, reversed: readonly number[]])[] = [
  ["identity_fusion", "IF", [3, 7]],
  ["autonomy", "AU", [2, 5, 7, 9]],
  ["boundaries", "BO", [2, 4, 6, 8, 10]],
  ["communication", "CO", [3, 5, 7, 9]],
  ["codependency", "CD", []],
  ["differentiation", "DI", [3, 6, 8, 10]],
  ["attachment", "AT", [2, 4, 6, 8, 10]],
  ["conflict_resolution", "CR", [2, 4, 6, 8, 10]],
  ["partner_inclusion", "PI", [2, 4, 6, 8, 10]],
  ["power_dynamics", "PD", [2, 4, 6, 8, 10]],
  ["openness", "OP", [3, 6, 9]],
  ["conscientiousness", "CN", [3, 6, 9]],
  ["extraversion", "EX", [3, 6, 9]],
  ["agreeableness", "AG", [3, 6, 9]],
  ["neuroticism", "NE", [2, 4, 6, 8, 10]],
];

const VERSION = "1.0.0";

/** The bank's items by their keys, people's ways through them, and what people agree to. */
export class M0014Assessments extends Migration {
  override up(): void {
    this.addSql(BANKS);
    this.addSql(ITEMS);
    this.addSql(`insert into assessment_banks (version) values ('${VERSION}')`);
    this.addSql(
      `insert into assessment_items (bank_version, item_id, position, category, is_reversed) values ${rows()}`,
    );
    this.addSql(SESSIONS);
    this.addSql(
      "create unique index assessment_sessions_one_open on assessment_sessions (user_id) where status = 'in_progress'",
    );
    this.addSql("create index assessment_sessions_person on assessment_sessions (user_id, id)");
    this.addSql(
      "create index assessment_sessions_idle on assessment_sessions (updated_at) where status = 'in_progress'",
    );
    this.addSql(ANSWERS);
    this.addSql(CONSENTS);
    this.addSql("create index consents_person on consents (user_id, item, id)");
    this.addSql(
      "create trigger consents_are_not_rewritten before update on consents for each row execute function refuse_rewriting()",
    );
  }

  override down(): void {
    for (const table of [
      "consents",
      "assessment_answers",
      "assessment_sessions",
      "assessment_items",
      "assessment_banks",
    ]) {
      this.addSql(`drop table ${table}`);
    }
  }
}

/** A bank that was once answered is kept: answers mean something under its keys only. */
const BANKS = "create table assessment_banks (version text primary key)";

const ITEMS = `
create table assessment_items (
  bank_version text not null references assessment_banks (version),
  item_id      text not null,
  position     smallint not null,
  category     text not null,
  is_reversed  boolean not null,
  primary key (bank_version, item_id)
)`;

const SESSIONS = `
create table assessment_sessions (
  id           uuid primary key,
  user_id      uuid not null,
  bank_version text not null references assessment_banks (version),
  status       text not null check (status in ('in_progress', 'completed', 'abandoned')),
  answered     smallint not null default 0 check (answered between 0 and 150),
  started_at   timestamptz not null,
  updated_at   timestamptz not null,
  completed_at timestamptz check ((completed_at is not null) = (status = 'completed')),
  results      jsonb check ((results is not null) = (status = 'completed'))
)`;

const ANSWERS = `
create table assessment_answers (
  session_id       uuid not null references assessment_sessions (id) on delete cascade,
  item_id          text not null,
  value            smallint not null check (value between 1 and 7),
  response_time_ms integer check (response_time_ms >= 0),
  answered_at      timestamptz not null,
  primary key (session_id, item_id)
)`;

/** The last word about an item holds; every earlier one stays. */
const CONSENTS = `
create table consents (
  id      bigint generated always as identity primary key,
  user_id uuid not null,
  item    text not null,
  granted boolean not null,
  version text not null,
  at      timestamptz not null
)`;

function rows(): string {
  const items = CATEGORIES.flatMap(([category, prefix, reversed]) =>
    Array.from({ length: 10 }, (_, index) => ({
      id: prefix + String(index + 1).padStart(3, "0"),
      category,
      isReversed: reversed.includes(index + 1),
    })),
  );
  return items
    .map(({ id, category, isReversed }, index) => `('${VERSION}', '${id}', ${index + 1}, '${category}', ${isReversed})`)
    .join(", ");
}
