import { z } from "zod";
import { MediaId, PairId, type UserId } from "../../../schema/wire/ids.ts";
import { MediaPurpose, MediaStatus, Variant } from "../../../schema/wire/media.ts";
import { StoryId } from "../../../schema/wire/stories.ts";
import { type Row, rows, type Sources } from "./sections.ts";

const SHOWN = `d.id, d.pair_id as "pairId", d.purpose, d.status, d.content_type as "contentType", d.bytes, d.width, d.height,
  d.duration_ms as "durationMs", d.created_at as "createdAt", d.sent_at as "sentAt", d.story_id as "storyId", d.variants`;

/**
 * A person's own, whatever became of it, and what their twins' standing messages show them: the same as `visibleMedia`
 * finds one by one, but for the pictures of a twin's profile and stories, which are told elsewhere by nobody but them.
 */
const THEIRS = `
select 'you' as "from", ${SHOWN} from media d where d.owner_id = $1 and d.gone_at is null and d.status <> 'removing'
union all
select 'your twin' as "from", ${SHOWN} from pair_members m
join pairs p on p.id = m.pair_id
join media d on d.pair_id = p.id and d.owner_id = case when p.low_user_id = $1 then p.high_user_id else p.low_user_id end
where m.user_id = $1 and d.status = 'ready' and d.gone_at is null and exists (
  select from messages s where s.pair_id = p.id and s.media_id = d.id
  and not s.hides @> jsonb_build_array(jsonb_build_object('userId', $1::uuid))
)`;

const MediaRow = z.object({
  id: MediaId,
  from: z.enum(["you", "your twin"]),
  pairId: PairId.nullable(),
  purpose: MediaPurpose,
  status: MediaStatus,
  contentType: z.string(),
  bytes: z.coerce.number(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  durationMs: z.int().nullable(),
  createdAt: z.date(),
  sentAt: z.date().nullable(),
  storyId: StoryId.nullable(),
  variants: z.array(Variant),
});
export type MediaRow = z.infer<typeof MediaRow>;

export const mediaRows = (sources: Sources, of: UserId): AsyncIterable<MediaRow> =>
  rows(sources, THEIRS, of, (row: Row) => MediaRow.parse(row));

/** Whether there are files among them. */
export async function hasFiles({ pool }: Pick<Sources, "pool">, of: UserId): Promise<boolean> {
  const { rows } = await pool.query(`select from (${THEIRS}) of_theirs where status = 'ready' limit 1`, [of]);
  return rows.length > 0;
}

/** Whether somebody took it back meanwhile. */
export async function isTakenBack({ pool }: Pick<Sources, "pool">, id: MediaId): Promise<boolean> {
  const { rows } = await pool.query("select from media where id = $1 and gone_at is null", [id]);
  return rows.length === 0;
}
