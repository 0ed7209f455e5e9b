import { dayOf } from "../../../domain/birthdays.ts";
import { ADULT } from "../../../domain/research/eligibility.ts";
import type { GivenRow, StudyPairs, StudyRows, UpTo } from "../../../domain/study-rows.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { StudyId } from "../../../schema/wire/research.ts";
import { asked, plainList } from "./asked.ts";

/** In whichever language the words are: one of the four knows how they are inflected. */
const FIND = `
select id from research_studies, (
  select plainto_tsquery('simple', q) || plainto_tsquery('english', q)
    || plainto_tsquery('german', q) || plainto_tsquery('spanish', q) as wanted
  from (select ?::text as q) asked
) query
where search @@ wanted`;

/** Ids are made of the time they were sent at, so a day's messages lie together. */
const MESSAGES = `
select to_char(sent_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as count
from messages
where pair_id = ?::uuid and sender_id = ?::uuid
  and id >= uuidv7_from(?::date::timestamp at time zone 'UTC')
  and id < uuidv7_from((?::date + 1)::timestamp at time zone 'UTC')
group by 1 order by 1`;

const MOMENTS = `
select to_char(day, 'YYYY-MM-DD') as day, count(*)::int as count
from moments where pair_id = ?::uuid and day between ?::date and ?::date group by 1 order by 1`;

const DAYS = `
with who as (select study_id, pseudonym from unnest(?::uuid[], ?::text[]) w (study_id, pseudonym)), days as (
  select c.study_id, c.kind, c.day, 1 as count from research_contributions c join who using (study_id, pseudonym)
  union all
  select e.study_id, e.type, e.day, count(*)::int from research_events e join who using (study_id, pseudonym) group by 1, 2, 3
)
select * from (
  select study_id as "studyId", kind, to_char(day, 'YYYY-MM-DD') as day, count,
    concat_ws(' ', study_id, kind, day) as place from days
) placed where place > ? collate "C" order by place collate "C" limit ?`;

const AGREED = "select distinct user_id as id from research_consents where user_id > ? order by 1 limit ?";

const NOW = `
select (select coalesce(max(n), 0) from research_contributions where study_id = ?)::int as contributions,
  (select coalesce(max(n), 0) from research_events where study_id = ?)::int as events`;

/** By the ledger as it stood then, and by what people are and say now: whether they may is as of today. */
const PAIRS = `
with agreed as (
  select distinct on (user_id) user_id, kind, version, at from research_consents
  where study_id = ? and at < ? order by user_id, id desc
), units as (
  select coalesce(p.pair_id, a.user_id) as pair, a.user_id, p.pair_id, a.kind, a.version, a.at
  from agreed a left join pair_members p on p.user_id = a.user_id and p.is_active
)
select count(distinct pair)::int as consents, count(distinct pair) filter (
  where kind = 'given' and version = s.consent_version and units.at > ?
    and (not s.both_twins or pair_id is not null)
    and u.status = 'active' and u.deletion_due_at is null and to_char(u.birth_date, 'YYYY-MM-DD') <= ?
)::int as participants
from units join users u on u.id = units.user_id join research_studies s on s.id = ?`;

const GIVEN = `
select pseudonym, kind, to_char(day, 'YYYY-MM-DD') as day, body from research_contributions
where study_id = ? and n <= ? order by pseudonym, kind, day`;

const EVENTS = `
select pseudonym, to_char(day, 'YYYY-MM-DD') as day, count(*)::int as count from research_events
where study_id = ? and n <= ? group by 1, 2 order by 1, 2`;

/** The day of which one had to be born to be so old then; days compare as they sort. */
const yearsBefore = (at: number, years: number): string => {
  const today = dayOf(at);
  return `${String(Number(today.slice(0, 4)) - years).padStart(4, "0")}${today.slice(4)}`;
};

export const databaseStudyRows: StudyRows = {
  async find(em, words) {
    const found = await asked<{ readonly id: StudyId }>(em, FIND, [words]);
    return found.map(({ id }) => id);
  },
  messages: (em, { pairId, userId }, from, to) => asked(em, MESSAGES, [pairId, userId, from, to]),
  moments: (em, pairId, from, to) => asked(em, MOMENTS, [pairId, from, to]),
  days: (em, who, after, limit) => {
    const [studies, pseudonyms] = [who.map(({ studyId }) => studyId), who.map(({ pseudonym }) => pseudonym)];
    return asked(em, DAYS, [plainList(studies), plainList(pseudonyms), after ?? "", limit]);
  },
  async agreed(em, after, limit) {
    const found = await asked<{ readonly id: UserId }>(em, AGREED, [after, limit]);
    return found.map(({ id }) => id);
  },
  async now(em, studyId) {
    const [upTo] = await asked<UpTo>(em, NOW, [studyId, studyId]);
    return upTo ?? { contributions: 0, events: 0 };
  },
  async pairs(em, studyId, at) {
    const [since, born] = [new Date(at).setUTCFullYear(new Date(at).getUTCFullYear() - 1), yearsBefore(at, ADULT)];
    const values = [studyId, new Date(at), new Date(since), born, studyId];
    const [counted] = await asked<StudyPairs>(em, PAIRS, values);
    return counted ?? { participants: 0, consents: 0 };
  },
  given: (em, studyId, upTo) => asked<GivenRow>(em, GIVEN, [studyId, upTo.contributions]),
  events: (em, studyId, upTo) => asked(em, EVENTS, [studyId, upTo.events]),
};
