import { Migration } from "@mikro-orm/migrations";

/**
 * Studies, what people agreed to, and what was collected. The ledger knows people and no data; the data knows pseudonyms
 * and no people; nothing in the database leads from one to the other.
 */
export class M0018Research extends Migration {
  override up(): void {
    for (const statement of [
      ...[STUDIES, DOCUMENTS, CONSENTS, WITHDRAWALS, PARTICIPANTS, CONTRIBUTIONS, EVENTS],
      ...[COHORTS, COHORT_PAIRS, RELEASES, RELEASE_FILES],
    ])
      this.addSql(statement);
  }

  override down(): void {
    for (const table of [
      ...["release_files", "releases", "cohort_pairs", "cohorts", "events", "contributions"],
      ...["participants", "withdrawals", "consents", "documents", "studies"],
    ])
      this.addSql(`drop table research_${table}`);
  }
}

/** `salt` goes into every pseudonym, so that one person's in two studies have nothing in common. */
const STUDIES = `
create table research_studies (
  id              uuid primary key,
  status          text not null check (status in ('announced', 'recruiting', 'paused', 'closed')),
  both_twins      boolean not null,
  collects        jsonb not null,
  words           jsonb not null,
  consent_version integer not null,
  salt            text not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  searched        text not null,
  search          tsvector generated always as (
    to_tsvector('simple', searched) || to_tsvector('english', searched)
    || to_tsvector('german', searched) || to_tsvector('spanish', searched)
  ) stored
);
create index research_studies_search on research_studies using gin (search)`;

/** What people agreed to stays as it was. */
const DOCUMENTS = `
create table research_documents (
  study_id     uuid not null references research_studies (id),
  version      integer not null,
  locale       text not null,
  text         text not null,
  hash         text not null,
  published_at timestamptz not null,
  primary key (study_id, version, locale)
);
create trigger research_documents_are_not_rewritten before update or delete on research_documents
  for each row execute function refuse_rewriting()`;

/** The last word about a study holds; every earlier one stays, for as long as the account does. */
const CONSENTS = `
create table research_consents (
  id            bigint generated always as identity primary key,
  study_id      uuid not null references research_studies (id),
  user_id       uuid not null,
  kind          text not null check (kind in ('given', 'withdrawn')),
  version       integer not null,
  locale        text not null,
  document_hash text not null,
  items         jsonb not null,
  disposition   text,
  reason        text,
  network       text not null,
  app_version   text,
  at            timestamptz not null,
  check ((disposition is not null) = (kind = 'withdrawn'))
);
create index research_consents_person on research_consents (user_id, study_id, id);
create index research_consents_study on research_consents (study_id, user_id, id);
create trigger research_consents_are_not_rewritten before update on research_consents
  for each row execute function refuse_rewriting()`;

const WITHDRAWALS = `
create table research_withdrawals (
  id          uuid primary key,
  study_id    uuid not null references research_studies (id),
  user_id     uuid not null,
  disposition text not null check (disposition in ('delete', 'anonymize', 'retain_aggregated')),
  asked_at    timestamptz not null,
  finished_at timestamptz,
  receipt     jsonb
);
create index research_withdrawals_person on research_withdrawals (user_id, study_id);
create index research_withdrawals_open on research_withdrawals (asked_at) where finished_at is null`;

/** Whoever gives data, by nothing that leads to their account. `pair_key` is of chance, and the same for both twins. */
const PARTICIPANTS = `
create table research_participants (
  study_id  uuid not null references research_studies (id),
  pseudonym text not null,
  pair_key  text not null,
  twin_type text,
  born      text,
  primary key (study_id, pseudonym)
);
create index research_participants_pair on research_participants (study_id, pair_key)`;

/** A kind a day: there is no id of anything in it, and giving the same again adds nothing. `n` says what was there when. */
const CONTRIBUTIONS = `
create table research_contributions (
  study_id  uuid not null,
  pseudonym text not null,
  kind      text not null check (kind in ('assessment', 'messages', 'moments')),
  day       date not null,
  body      jsonb not null,
  n         bigint generated always as identity,
  primary key (study_id, pseudonym, kind, day),
  foreign key (study_id, pseudonym) references research_participants (study_id, pseudonym)
    on update cascade on delete cascade
)`;

/** `event_key` stands for the client's id of it, which it does not contain. */
const EVENTS = `
create table research_events (
  study_id  uuid not null,
  pseudonym text not null,
  event_key text not null,
  type      text not null,
  day       date not null,
  body      jsonb not null,
  n         bigint generated always as identity,
  primary key (study_id, pseudonym, event_key),
  foreign key (study_id, pseudonym) references research_participants (study_id, pseudonym)
    on update cascade on delete cascade
)`;

/** Pairs that were first told of together, and what was told of them, for good. */
const COHORTS = `
create table research_cohorts (
  id         uuid primary key,
  study_id   uuid not null references research_studies (id),
  number     integer not null,
  body       jsonb not null,
  made_at    timestamptz not null,
  broken_at  timestamptz,
  unique (study_id, number)
)`;

/** `is_settled`: nobody need agree any more, for whoever left let what was counted stay. */
const COHORT_PAIRS = `
create table research_cohort_pairs (
  cohort_id  uuid not null references research_cohorts (id),
  pair_key   text not null,
  is_settled boolean not null default false,
  primary key (cohort_id, pair_key)
);
create index research_cohort_pairs_pair on research_cohort_pairs (pair_key)`;

const RELEASES = `
create table research_releases (
  id          uuid primary key,
  study_id    uuid not null references research_studies (id),
  number      integer not null,
  status      text not null check (status in ('asked', 'approved', 'withdrawn')),
  cohort_ids  jsonb not null,
  asked_by    uuid not null,
  asked_at    timestamptz not null,
  approved_by uuid,
  approved_at timestamptz,
  check (approved_by is null or approved_by <> asked_by),
  unique (study_id, number)
);
create unique index research_releases_one_asked on research_releases (study_id) where status = 'asked'`;

const RELEASE_FILES = `
create table research_release_files (
  release_id uuid not null references research_releases (id) on delete cascade,
  format     text not null,
  name       text not null,
  sha256     text not null,
  bytes      bytea not null,
  primary key (release_id, format)
);
create trigger research_release_files_are_not_rewritten before update on research_release_files
  for each row execute function refuse_rewriting()`;
