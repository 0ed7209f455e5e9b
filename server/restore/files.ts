import type pg from "pg";
import { z } from "zod";
import { readyKey } from "../../domain/media-views.ts";
import { BEFORE_ALL_IDS, MediaId } from "../../schema/wire/ids.ts";
import { Variant } from "../../schema/wire/media.ts";
import type { BlobStore } from "../adapters/blobs/keeper.ts";

const Shown = z.object({ id: MediaId, variants: z.array(Variant) });

/** So many rows are read, and files asked for, at a time. */
const AT_ONCE = 16;

const SHOWN = `
select id, variants from media where status = 'ready' and gone_at is null and id > $1 order by id limit ${AT_ONCE}`;

/** What the database shows and the store does not have, or has in another size: a key in a line each. */
export async function filesAmiss(client: pg.ClientBase, store: Pick<BlobStore, "sizeOf">): Promise<readonly string[]> {
  const amiss: string[] = [];
  for (let after: string | undefined = BEFORE_ALL_IDS; after !== undefined; ) {
    const { rows } = await client.query(SHOWN, [after]);
    const shown: z.infer<typeof Shown>[] = z.array(Shown).parse(rows);
    const found = await Promise.all(
      shown.flatMap(({ id, variants }) => variants.map((one) => amissOf(store, id, one))),
    );
    amiss.push(...found.flatMap((problem) => problem ?? []));
    after = shown.at(-1)?.id;
  }
  return amiss;
}

async function amissOf(store: Pick<BlobStore, "sizeOf">, id: MediaId, variant: Variant): Promise<string | undefined> {
  const key = readyKey(id, variant);
  const size = await store.sizeOf(key);
  if (size === undefined) return `${key} is not there`;
  return size === variant.bytes ? undefined : `${key} has ${size} bytes instead of ${variant.bytes}`;
}
