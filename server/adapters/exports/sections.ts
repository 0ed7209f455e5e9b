import type { QueryResultRow } from "pg";
import type { Database, History, Twin } from "../../../domain/ports.ts";
import { settingsOf, userView } from "../../../domain/profile-views.ts";
import type { Secrets } from "../../../domain/secrets.ts";
import { User } from "../../../schema/entities/user.ts";
import type { UserId } from "../../../schema/wire/ids.ts";
import type { AuditAction } from "../../../schema/wire/privacy.ts";
import type { Asks } from "../database/unavailable.ts";
import { givenToStudies } from "./given-to-studies.ts";
import { contactIn, wordIn } from "./sealed-words.ts";

export interface Sources {
  readonly pool: Asks;
  readonly database: Pick<Database, "read">;
  readonly history: Pick<History, "page">;
  readonly secrets: Pick<Secrets, "open" | "signatures">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** One file of an export: what it is called, what it is in plain words, and what is in it, piece by piece. */
export interface Section {
  readonly path: string;
  readonly about: string;
  pieces(sources: Sources, of: UserId): AsyncIterable<string>;
}

/** A row under the names that a person reads. */
export type Row = QueryResultRow & { readonly id: string };

/** What a person is shown of it. */
type View = (row: Row, sources: Sources) => object;

/** Rows read at once. */
const PAGE_ROWS = 500;

const PAGE_MESSAGES = 100;

/** Nothing beside it says whose it is: it is found as it was given, by who they are. */
const GIVEN_TO_STUDIES: Section = {
  path: "studies.json",
  about: "What you gave to studies, as it is kept there.",
  pieces: (sources, of) => listed(givenToStudies(sources, of)),
};
/** What somebody of ours did to a person, who may know of it: not that another person reported them. */
const TOLD_OF_STAFF: readonly AuditAction[] = [
  "staff.person_read",
  "staff.own_report_read",
  "staff.own_report_media_seen",
  "staff.person_warned",
  "staff.person_suspended",
  "staff.person_restored",
  "staff.message_removed",
  "staff.sessions_ended",
  "staff.verification_resent",
  "staff.export_started",
  "staff.deletion_started",
  "staff.suppression_read",
  "staff.suppression_lifted",
];

/** What we have of a person, a file a line. A table that knows something of people has its line here. */
export const SECTIONS: readonly Section[] = [
  one("profile.json", "What you say about yourself, and how you sign in.", (user, now) => ({
    ...userView(user, now),
    phone: user.phone,
  })),
  one("settings.json", "How you want things.", (user) => settingsOf(user)),
  list(
    "sessions.json",
    "Where you are signed in, and where you were until lately.",
    `select id, device_id as "deviceId", device_name as "deviceName", created_at as "createdAt",
      last_used_at as "lastUsedAt", expires_at as "expiresAt", revoked_at as "endedAt"
    from sessions where user_id = $1`,
  ),
  list(
    "sign-ins.json",
    "When and from which network you signed in.",
    `select id, at, device_id as "deviceId", device_name as "deviceName", network, is_new as "isNew"
    from sign_ins where user_id = $1`,
  ),
  list(
    "phones.json",
    "Phones that ring for you.",
    `select device_id as id, platform, token, updated_at as "updatedAt" from push_tokens where user_id = $1`,
  ),
  list(
    "invitations.json",
    "Codes and invitations that you made.",
    `select id, kind, status, sealed, created_at as "createdAt", expires_at as "expiresAt", sent_at as "sentAt",
      responded_at as "answeredAt", pair_id as "pairId"
    from invitations where inviter_id = $1`,
    ({ sealed, ...invitation }, { secrets }) => ({ ...invitation, ...contactIn(secrets, sealed) }),
  ),
  list(
    "blocks.json",
    "Whom you want nothing to do with.",
    `select blocked_id as id, created_at as "createdAt" from blocks where blocker_id = $1`,
  ),
  list(
    "reports.json",
    "What you reported to us.",
    `select id, pair_id as "pairId", reason, details, status, created_at as "createdAt",
      (select coalesce(jsonb_agg(m -> 'id'), '[]') from jsonb_array_elements(messages) m) as "messageIds"
    from reports where reporter_id = $1`,
  ),
  list(
    "pairs.json",
    "Your twin, and earlier ones.",
    `select p.id, p.status, p.paired_at as "pairedAt", p.unpaired_at as "unpairedAt", t.id as "twinId", t.name as "twinName"
    from pair_members m join pairs p on p.id = m.pair_id
    join users t on t.id = case when p.low_user_id = $1 then p.high_user_id else p.low_user_id end
    where m.user_id = $1`,
  ),
  list(
    "receipts.json",
    "How far each of you has received and read, as far as the other lets it be known.",
    `select concat_ws(' ', w.pair_id, w.user_id) as id, w.pair_id as "pairId", w.user_id as "userId",
      w.delivered_seq as "deliveredSeq", case when w.user_id = $1 then w.read_seq else w.shown_read_seq end as "readSeq"
    from pair_members m join watermarks w on w.pair_id = m.pair_id where m.user_id = $1`,
  ),
  list(
    "alerts.json",
    "Alerts that you sent, and that were sent to you.",
    `select a.id, a.pair_id as "pairId", a.user_id as "senderId", a.kind, a.text, a.intensity, a.at as "sentAt",
      a.seen_at as "seenAt"
    from pair_members m join alerts a on a.pair_id = m.pair_id where m.user_id = $1`,
  ),
  list(
    "presses.json",
    "When you felt your twin, and the word you gave it while it is sealed.",
    `select id, pair_id as "pairId", at, uncertainty_ms as "uncertaintyMs", moment_id as "momentId", feeling
    from presses where user_id = $1`,
    ({ feeling, ...press }, { secrets }) => ({ ...press, feeling: wordIn(secrets, feeling) }),
  ),
  list(
    "moments.json",
    "What you and your twin felt at once.",
    `select o.id, o.pair_id as "pairId", o.at, o.day::text, o.type, o.algorithm, o.confidence, o.dt_ms as "dtMs",
      o.uncertainty_ms as "uncertaintyMs", o.feelings, o.message_id as "messageId"
    from pair_members m join moments o on o.pair_id = m.pair_id where m.user_id = $1`,
  ),
  // Who was blocked or reported is not told by whom; who did it is shown what they did.
  list(
    "audit.json",
    "What was done to your account and your data, and what you did to others'.",
    `select id, at, action, case when actor_id = $1 then 'you' when action = 'results.compared' then 'your twin' else 'twinship' end as "by", subject_id as "subjectId",
      about_id as "aboutId"
    from audit_log where (actor_id = $1 or (subject_id = $1 and action not like 'person.%')) and action not like 'staff.%'`,
  ),
  // Those who work here are named by what they do. What they wrote of a report may say who reported, so it stays with us.
  list(
    "looked-at.json",
    "When somebody of ours looked at your account or did something about it, as what, and why.",
    `select id, at, action, role as "by", case when action not like 'staff.report%' then reason end as reason
    from audit_log where subject_id = $1 and actor_id is distinct from $1
      and action in (${TOLD_OF_STAFF.map((action) => `'${action}'`).join(", ")})`,
  ),
  list(
    "staff.json",
    "What you may do as one of those who work here, and where you signed in as such.",
    `select r.id, r.role, r.study_id as "studyId", r.granted_at as "at", null as network
    from staff_roles r where r.user_id = $1
    union all select id, 'signed in', null, created_at, network from staff_sessions where user_id = $1`,
  ),
  list(
    "deliveries.json",
    "Mails, text messages and pushes that went to you, or out for you.",
    `select id, channel, template, status, created_at as "createdAt", sent_at as "sentAt",
      delivered_at as "deliveredAt", opened_at as "openedAt", clicked_at as "clickedAt"
    from deliveries where user_id = $1`,
  ),
  list(
    "assessments.json",
    "What you answered to the questions about being a twin, and what came of it.",
    `select id, bank_version as "bankVersion", status, started_at as "startedAt", updated_at as "updatedAt",
      completed_at as "completedAt", results, (
        select coalesce(jsonb_object_agg(a.item_id, a.value), '{}') from assessment_answers a where a.session_id = s.id
      ) as answers
    from assessment_sessions s where user_id = $1`,
  ),
  list(
    "consents.json",
    "What you agreed to and what not, each time you said so.",
    "select id, item, granted, version, at from consents where user_id = $1",
  ),
  list(
    "study-consents.json",
    "What you said about taking part in studies, each time.",
    `select id::text, study_id as "studyId", kind, version, locale, document_hash as "documentHash", items, disposition,
      reason, network, app_version as "appVersion", at from research_consents where user_id = $1`,
  ),
  list(
    "study-withdrawals.json",
    "Studies you left, and what came of what they had of you.",
    `select id, study_id as "studyId", disposition, asked_at as "askedAt", finished_at as "finishedAt", receipt
    from research_withdrawals where user_id = $1`,
  ),
  GIVEN_TO_STUDIES,
  list(
    "stories.json",
    "Stories that you wrote.",
    `select id, pair_id as "pairId", title, content, photos, visibility, milestone, date::text, created_at as "createdAt",
      updated_at as "updatedAt"
    from stories where author_id = $1`,
  ),
  list(
    "subscriptions.json",
    "What you subscribed to, as the store told us.",
    `select id, provider, transaction, product_id as "productId", store, status, is_sandbox as "isSandbox",
      is_trial as "isTrial", started_at as "startedAt", purchased_at as "purchasedAt", expires_at as "expiresAt",
      renews, refunded_at as "refundedAt", ended_at as "endedAt"
    from subscriptions where user_id = $1`,
  ),
  // One that passed a subscription on names two people: the other one is not told to anybody.
  list(
    "store-events.json",
    "What the store told us of your subscriptions, each time.",
    `select provider || ' ' || id as id, at, type, product_id as "productId", store, is_sandbox as "isSandbox"
    from subscription_events where user_id = $1 or to_user_id = $1`,
  ),
  list(
    "exports.json",
    "Copies like this one that you asked for.",
    `select id, status, created_at as "createdAt", ready_at as "readyAt" from exports where user_id = $1`,
  ),
];

/** One of these a pair. */
export const messagesOf = (twin: Twin): Section => ({
  path: `messages/${twin.pairId}.json`,
  about: "All that was said in one pair, as you can see it: with reactions, without what was deleted.",
  pieces: (sources) => listed(messages(sources, twin)),
});

/** What is read from a person's own row. */
function one(path: string, about: string, view: (user: User, now: number) => object): Section {
  async function* pieces({ database, now }: Sources, id: UserId): AsyncGenerator<string> {
    const user = await database.read((em) => em.findOneOrFail(User, { id }, { refresh: true }));
    yield `${JSON.stringify(view(user, now()), null, 2)}\n`;
  }
  return { path, about, pieces };
}

/** What is read by a statement with an `id` in its rows and the person as its $1. */
function list(path: string, about: string, sql: string, view: View = (row) => row): Section {
  return { path, about, pieces: (sources, of) => listed(rows(sources, sql, of, view)) };
}

/** A page at a time, each in a moment of its own: nothing is held open meanwhile. */
export async function* rows<T>(
  sources: Sources,
  sql: string,
  of: UserId,
  view: (row: Row, sources: Sources) => T,
): AsyncGenerator<T> {
  const page = `select * from (${sql}) of_theirs where id::text > $2 order by id::text limit ${PAGE_ROWS}`;
  for (let after = ""; ; ) {
    const found = await sources.pool.query<Row>(page, [of, after]);
    for (const row of found.rows) yield view(row, sources);
    const last = found.rows.at(-1);
    if (!last || found.rows.length < PAGE_ROWS) return;
    after = last.id;
  }
}

/** As the person sees it in the app: what they hid keeps its place and says nothing. */
async function* messages({ history }: Sources, twin: Twin): AsyncGenerator<object> {
  for (let afterSeq = 0; ; ) {
    const page = await history.page(twin, { afterSeq, limit: PAGE_MESSAGES });
    yield* page.messages;
    const last = page.messages.at(-1);
    if (!last || !page.hasMore) return;
    afterSeq = last.seq;
  }
}

/** A list in JSON, a line a row. */
export async function* listed(items: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  let separator = "[";
  for await (const item of items) {
    yield `${separator}\n${JSON.stringify(item)}`;
    separator = ",";
  }
  yield separator === "[" ? "[]\n" : "\n]\n";
}
