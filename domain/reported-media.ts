import type { EntityManager } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { Report } from "../schema/entities/report.ts";
import type { MediaId } from "../schema/wire/ids.ts";
import type { ReportedMedia, ReportId } from "../schema/wire/moderation.ts";
import { auditing } from "./audit.ts";
import type { MediaStore } from "./media-store.ts";
import { readyKey } from "./media-views.ts";
import type { Chance, Clock, Database } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { isHeldBy, lockReport, refuseConcerned, refuseTaken } from "./report-holding.ts";
import type { Secrets } from "./secrets.ts";
import { roleFor, type StaffCaller } from "./staff-permissions.ts";

/** So long a link is good, and the report is nobody else's: whoever looks at a picture is about to decide. */
const LOOK_MS = 5 * 60_000;

/** Larger than that, nobody needs it to decide. */
const LARGEST = 1024;

export interface ReportedMediaDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly secrets: Pick<Secrets, "sign" | "isSigned">;
  readonly store: Pick<MediaStore, "read" | "sizeOf">;
}

/** A picture or recording of a report, and what makes a link to it a link of ours. */
export interface Looking extends Omit<ReportedMedia, "url" | "expiresAt"> {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly signature: string;
}

/** What a link says of itself. */
export interface Link {
  readonly until: number;
  readonly signature: string;
}

export interface ReportedFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export type ReportedMediaDesk = ReturnType<typeof reportedMedia>;

/** What was reported and is no words: shown to whoever decides it, and to nobody else, while it is there. */
export function reportedMedia({ database, clock, chance, secrets, store }: ReportedMediaDeps) {
  const note = auditing({ clock, chance });

  /** Whose it is: one report, one file, one sign-in, one time. */
  const linkOf = ({ userId, sessionId }: StaffCaller, id: ReportId, mediaId: MediaId, until: number): string =>
    `${id} ${mediaId} ${userId} ${sessionId} ${until}`;

  return {
    /**
     * A link that is theirs alone for five minutes, in which the report is, too. Throws NOT_FOUND, CONFLICT for a report
     * that was decided or that somebody else is at, FORBIDDEN if it is about them, GONE for what is not there any more.
     */
    async look(caller: StaffCaller, id: ReportId, mediaId: MediaId): Promise<Looking> {
      const role = roleFor(caller, "reports");
      return database.transaction(async (em) => {
        const report = await lockReport(em, id);
        refuseConcerned(report, caller.userId);
        refuseTaken(report, caller.userId, clock.now());
        const media = await reportedIn(em, report, mediaId);
        const until = clock.now() + LOOK_MS;
        Object.assign(report, { heldBy: caller.userId, heldUntil: new Date(until) });
        const isReporters = media.ownerId === report.reporterId;
        note(em, {
          action: isReporters ? "staff.own_report_media_seen" : "staff.report_media_seen",
          subject: media.ownerId,
          ...{ actor: caller.userId, role, about: id, reason: "to answer a report" },
        });
        const { contentType, width, height, durationMs } = media;
        const signature = secrets.sign("reported", linkOf(caller, id, mediaId, until));
        return { id: mediaId, contentType, width, height, durationMs, until, signature };
      });
    },

    /** Throws FORBIDDEN for a link that is not theirs, GONE for one that is over and for what is not there any more. */
    async open(caller: StaffCaller, id: ReportId, mediaId: MediaId, link: Link): Promise<ReportedFile> {
      roleFor(caller, "reports");
      if (!secrets.isSigned("reported", linkOf(caller, id, mediaId, link.until), link.signature))
        throw new Refusal("FORBIDDEN", "This link was not given to you");
      const media = await database.read(async (em) => {
        const report = await em.findOne(Report, { id });
        if (!report || link.until <= clock.now() || !isHeldBy(report, caller.userId, clock.now()))
          throw new Refusal("GONE", "This link is over: look again");
        return reportedIn(em, report, mediaId);
      });
      const variant = media.variants.findLast(({ name }) => Number(name) <= LARGEST) ?? media.variants.at(-1);
      if (!variant) throw isGone();
      const key = readyKey(mediaId, variant);
      if ((await store.sizeOf(key)) === undefined) throw isGone();
      const pieces: Uint8Array[] = [];
      for await (const piece of store.read(key, 0, variant.bytes - 1)) pieces.push(piece);
      return { contentType: variant.contentType, bytes: Buffer.concat(pieces) };
    },
  };
}

const isGone = (): Refusal => new Refusal("GONE", "It is not there any more");

/** What was ready never changes, so it is what was reported. */
async function reportedIn(em: EntityManager, { messages, pairId }: Report, id: MediaId): Promise<Media> {
  if (!messages?.some(({ mediaId }) => mediaId === id)) throw new Refusal("NOT_FOUND", "It is not in this report");
  const media = await em.findOne(Media, { id, pairId, status: "ready", goneAt: null }, { refresh: true });
  if (!media) throw isGone();
  return media;
}
