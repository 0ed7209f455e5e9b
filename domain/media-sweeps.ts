import type { EntityManager } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { MediaId } from "../schema/wire/ids.ts";
import type { MediaStore } from "./media-store.ts";
import { incomingKey, readyKey } from "./media-views.ts";
import type { Clock, Database } from "./ports.ts";

const MINUTE_MS = 60_000;

/** What was announced, or made ready, and not used by then, nobody will use. */
const UNUSED_MS = 24 * 60 * MINUTE_MS;

/** A message that is being written while its picture is thought to be unused has come by then. */
const GRACE_MS = MINUTE_MS;

const REMOVED_AT_ONCE = 200;

/** Files without a row come of what broke off; those of before were found by the sweeps of before. */
const LOOKED_BACK_MS = 8 * UNUSED_MS;

export interface MediaSweepsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly store: Pick<MediaStore, "remove" | "olderThan">;
}

/** Rows that others hold are left for the next time: nobody waits for a sweep. */
const UNFINISHED = `
update media set gone_at = ? where id in (
  select id from media where status in ('pending', 'checking', 'refused') and created_at < ? and gone_at is null
  limit ${REMOVED_AT_ONCE} for update skip locked
)`;

const UNUSED = `
update media set gone_at = ? where id in (
  select id from media m where status = 'ready' and sent_at is null and story_id is null and ready_at < ?
  and gone_at is null and purpose <> 'assessment'
  and not exists (select from users u where u.id = m.owner_id and u.profile_picture = m.id)
  limit ${REMOVED_AT_ONCE} for update skip locked
)`;

const REMOVING = `
update media set status = 'removing' where id in (
  select id from media where gone_at < ? and status <> 'removing' limit ${REMOVED_AT_ONCE} for update skip locked
)`;

export type MediaSweeps = ReturnType<typeof mediaSweeps>;

/** What nobody uses goes: first nobody sees it, then its files go, and at last its row. */
export function mediaSweeps({ database, clock, store }: MediaSweepsDeps) {
  const before = (ms: number): Date => new Date(clock.now() - ms);

  async function removeSome(): Promise<number> {
    await database.transaction((em) => ask(em, REMOVING, [before(GRACE_MS)]));
    const rows = await database.read((em) =>
      em.find(Media, { status: "removing" }, { orderBy: { id: "asc" }, limit: REMOVED_AT_ONCE }),
    );
    if (rows.length === 0) return 0;
    await store.remove(rows.flatMap(filesOf));
    const ids = rows.map(({ id }) => id);
    await database.transaction((em) => em.nativeDelete(Media, { id: { $in: ids }, status: "removing" }));
    return rows.length;
  }

  return {
    /** To be called every minute or so: what a deleted message bore is not to lie about. */
    async sweep(): Promise<void> {
      const now = new Date(clock.now());
      for (const sql of [UNFINISHED, UNUSED])
        await database.transaction((em) => ask(em, sql, [now, before(UNUSED_MS)]));
      while ((await removeSome()) === REMOVED_AT_ONCE);
    },

    /** To be called once a day or so: files of the last week that no row knows, and uploads that nobody completed. */
    async sweepFiles(): Promise<void> {
      for await (const keys of store.olderThan(clock.now() - UNUSED_MS, idAt(clock.now() - LOOKED_BACK_MS))) {
        const known = await knownIds(database, keys);
        await store.remove(keys.filter((key) => isStray(key, known)));
      }
    },
  };
}

/** Before any id that was made at that millisecond or later. */
function idAt(ms: number): string {
  const time = ms.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

const filesOf = ({ id, variants }: Pick<Media, "id" | "variants">): string[] => [
  incomingKey(id),
  ...variants.map((variant) => readyKey(id, variant)),
];

async function knownIds(database: Database, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const ids = [...new Set(keys.flatMap((key) => MediaId.safeParse(key.split("/")[1]).data ?? []))];
  const rows = await database.read((em) => em.find(Media, { id: { $in: ids } }, { fields: ["id"] }));
  return new Set(rows.map(({ id }) => id));
}

/** What waits to be checked for a day is not waited for any more. What is not ours by its name is left alone. */
function isStray(key: string, known: ReadonlySet<string>): boolean {
  const [place, id = ""] = key.split("/");
  if (!MediaId.safeParse(id).success) return false;
  return place === "incoming" || (place === "ready" && !known.has(id));
}

const ask = (em: EntityManager, sql: string, values: readonly Date[]): Promise<unknown> =>
  em.getConnection().execute(
    sql,
    values.map((at) => at.toISOString()),
    "all",
    em.getTransactionContext(),
  );
