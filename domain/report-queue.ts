import type { EntityManager } from "@mikro-orm/core";
import { Report } from "../schema/entities/report.ts";
import type { ReportCase } from "../schema/wire/moderation.ts";

/** A place in the queue: a moment and an id, since two may have come in the same moment. */
export const placeOf = ({ status, createdAt, decidedAt, id }: ReportCase): string =>
  `${status === "open" ? createdAt : decidedAt} ${id}`;

function readPlace(place: string): { readonly at: Date; readonly id: string } {
  const [at = "", id = ""] = place.split(" ");
  return { at: new Date(at), id };
}

/** Only to be read, so nothing is kept to compare with. The moment stands alone first, so that the index leads there however far on it is. */
export function oldestFirst(em: EntityManager, limit: number, after: string | undefined): Promise<Report[]> {
  const { at, id } = readPlace(after ?? "");
  const behind =
    after === undefined ? {} : { createdAt: { $gte: at }, $or: [{ createdAt: { $gt: at } }, { id: { $gt: id } }] };
  return em.find(
    Report,
    { status: "open", joinedId: null, ...behind },
    { orderBy: { createdAt: "asc", id: "asc" }, limit, disableIdentityMap: true },
  );
}

export function newestDecidedFirst(em: EntityManager, limit: number, after: string | undefined): Promise<Report[]> {
  const { at, id } = readPlace(after ?? "");
  const behind =
    after === undefined ? {} : { decidedAt: { $lte: at }, $or: [{ decidedAt: { $lt: at } }, { id: { $lt: id } }] };
  return em.find(
    Report,
    { status: "decided", joinedId: null, ...behind },
    { orderBy: { decidedAt: "desc", id: "desc" }, limit, disableIdentityMap: true },
  );
}
