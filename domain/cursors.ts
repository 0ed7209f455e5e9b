import type { UserId } from "../schema/wire/ids.ts";
import type { Listed } from "../schema/wire/lists.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null at the end. */
  readonly nextCursor: string | null;
}

/** Whose list it is, and which: a cursor of another one means nothing here. */
export interface ListOf {
  readonly list: string;
  readonly userId: UserId;
}

interface Reading<Item> {
  /** At most `limit` of them, those behind `after`, in the list's order, in which no two have the same place. */
  find(limit: number, after: string | undefined): Promise<readonly Item[]>;
  placeOf(item: Item): string;
}

export type Cursors = ReturnType<typeof cursors>;

/**
 * Lists read page by page: each item once, whatever is added or goes meanwhile, since a cursor names a place in the list
 * and no number of rows. We sign it, so it says what we said.
 */
export function cursors(secrets: Pick<Secrets, "sign" | "isSigned">) {
  const said = ({ list, userId }: ListOf, place: string): string => JSON.stringify([list, userId, place]);

  function placeIn(of: ListOf, cursor: string): string {
    const [encoded = "", signature = ""] = cursor.split(".");
    const place = Buffer.from(encoded, "base64url").toString("utf8");
    if (secrets.isSigned("cursor", said(of, place), signature)) return place;
    const message = "is not one that this list gave you";
    throw new Refusal("VALIDATION_ERROR", `cursor: ${message}`, { details: [{ path: "cursor", message }] });
  }

  return {
    async page<Item>(of: ListOf, { limit, cursor }: Listed, { find, placeOf }: Reading<Item>): Promise<Page<Item>> {
      const after = cursor === undefined ? undefined : placeIn(of, cursor);
      const found = await find(limit + 1, after);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      if (found.length <= limit || last === undefined) return { items, nextCursor: null };
      const place = placeOf(last);
      const signature = secrets.sign("cursor", said(of, place));
      return { items, nextCursor: `${Buffer.from(place).toString("base64url")}.${signature}` };
    },
  };
}
