import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Media } from "../schema/entities/media.ts";
import { PairMember } from "../schema/entities/pair-member.ts";
import { isRefusalCode } from "../schema/wire/errors.ts";
import { MediaId, type PairId, type UserId } from "../schema/wire/ids.ts";
import type { AnnounceMedia, MediaView } from "../schema/wire/media.ts";
import { noSuchMedia, visibleMedia } from "./media-access.ts";
import type { MediaStore, StoredFile, Upload } from "./media-store.ts";
import { fileNameOf, incomingKey, mediaView, readyKey } from "./media-views.ts";
import type { Caller, Chance, Clock, Database, Jobs } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";

/** Time enough for ten megabytes over a poor connection, and to find a better one. */
const UPLOAD_MS = 15 * 60_000;

/** Whoever completes hears the outcome in the same call, if it does not take longer than that. */
const PATIENCE_MS = 8000;

/** How often it is looked whether a check has ended, which another process may have done. */
const LOOK_MS = 100;

export interface MediaDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId">;
  readonly jobs: Jobs;
  readonly store: MediaStore;
  /** Of one person, all files together. */
  readonly quotaBytes: number;
  /** Milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
}

export type MediaDesk = ReturnType<typeof media>;

/** Pictures and recordings: announced here, sent to where they are kept, checked by a worker, and shown to whom they are for. */
export function media({ database, clock, chance, jobs, store, quotaBytes, pause }: MediaDeps) {
  const viewOf = (row: Media): Promise<MediaView> => mediaView(store, row, clock.now());

  /** One announcement after the other, so that two at once cannot both have the last of the room. */
  const create = (userId: UserId, form: AnnounceMedia): Promise<Media> =>
    database.transaction(async (em) => {
      await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
      const pairId = await pairFor(em, userId, form.purpose);
      const used = await storedBytes(em, userId);
      if (used + form.bytes > quotaBytes)
        throw new Refusal("PAYLOAD_TOO_LARGE", `Your pictures and recordings would take more than ${quotaBytes} bytes`);
      const { purpose, contentType, bytes, sha256 = null } = form;
      const now = clock.now();
      const id = MediaId.parse(chance.newId(now));
      const own = { id, ownerId: userId, pairId, createdAt: new Date(now), storedBytes: bytes, variants: [] };
      return em.create(Media, { ...own, purpose, contentType, bytes, sha256 });
    });

  /** From here on a worker has it; asked again, nothing is asked twice. */
  const beginCheck = (caller: Caller, id: MediaId): Promise<Media> =>
    database.transaction(async (em) => {
      const row = await lockOwn(em, caller.userId, id);
      if (row.status !== "pending") return row;
      row.status = "checking";
      await em.flush();
      await jobs.put(em, { what: "media.check", mediaId: id });
      return row;
    });

  const look = ({ userId }: Caller, id: MediaId): Promise<Media> => database.read((em) => visibleMedia(em, userId, id));

  async function outcome(caller: Caller, id: MediaId): Promise<Media> {
    const deadline = clock.now() + PATIENCE_MS;
    let row = await look(caller, id);
    while (row.status === "checking" && clock.now() < deadline) {
      await pause(LOOK_MS);
      row = await look(caller, id);
    }
    return row;
  }

  async function refuseMissing({ id, createdAt }: Media): Promise<void> {
    if ((await store.sizeOf(incomingKey(id))) !== undefined) return;
    if (clock.now() > createdAt.getTime() + UPLOAD_MS)
      throw new Refusal("GONE", "Nothing was uploaded in time: announce it again");
    throw new Refusal("CONFLICT", "Nothing was uploaded yet");
  }

  return {
    /** Throws NOT_PAIRED for what only a twin could get, PAYLOAD_TOO_LARGE beyond one's quota. */
    async announce({ userId }: Caller, form: AnnounceMedia): Promise<{ media: MediaView; upload: Upload }> {
      const row = await create(userId, form);
      const { id, bytes, contentType, sha256 } = row;
      const until = row.createdAt.getTime() + UPLOAD_MS;
      const upload = await store.uploadTo(incomingKey(id), { bytes, contentType, sha256 }, until);
      return { media: await viewOf(row), upload };
    },

    /** What was uploaded is checked; `checking` if that takes longer. Again it is the same. Throws why it was refused. */
    async complete(caller: Caller, id: MediaId): Promise<MediaView> {
      const known = await look(caller, id);
      if (known.ownerId !== caller.userId) throw noSuchMedia();
      if (known.status === "pending") await refuseMissing(known);
      await beginCheck(caller, id);
      return viewOf(unlessRefused(await outcome(caller, id)));
    },

    /** Throws NOT_FOUND, or why it was refused. */
    look: async (caller: Caller, id: MediaId): Promise<MediaView> => viewOf(unlessRefused(await look(caller, id))),

    /** The largest one without a name. Throws NOT_FOUND, or CONFLICT before it is ready. */
    async open(caller: Caller, id: MediaId, name?: string): Promise<StoredFile> {
      const { variants, status } = unlessRefused(await look(caller, id));
      if (status !== "ready") throw new Refusal("CONFLICT", "It is not ready yet");
      const variant = name === undefined ? variants.at(-1) : variants.find((one) => one.name === name);
      if (!variant) throw new Refusal("NOT_FOUND", "There is no such variant");
      const { bytes, contentType } = variant;
      const key = readyKey(id, variant);
      const read = (from: number, to: number) => store.read(key, from, to);
      return { bytes, contentType, fileName: fileNameOf(id, variant), etag: `"${id}-${variant.name}"`, read };
    },
  };
}

/** What is said in a pair is for that pair; everything else waits for no twin. */
async function pairFor(em: EntityManager, userId: UserId, purpose: AnnounceMedia["purpose"]): Promise<PairId | null> {
  const member = await em.findOne(PairMember, { userId, isActive: true });
  if (!member && (purpose === "chat" || purpose === "voice"))
    throw new Refusal("NOT_PAIRED", "You have no twin here to send it to");
  return member?.pairId ?? null;
}

const STORED = `select coalesce(sum(stored_bytes), 0) as bytes from media where owner_id = ? and gone_at is null`;

async function storedBytes(em: EntityManager, userId: UserId): Promise<number> {
  const [row]: { bytes: string }[] = await em
    .getConnection()
    .execute(STORED, [userId], "all", em.getTransactionContext());
  return Number(row?.bytes ?? 0);
}

async function lockOwn(em: EntityManager, ownerId: UserId, id: MediaId): Promise<Media> {
  const own = { id, ownerId, goneAt: null };
  const row = await em.findOne(Media, own, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
  if (!row) throw noSuchMedia();
  return row;
}

function unlessRefused(row: Media): Media {
  if (row.status !== "refused") return row;
  const code = isRefusalCode(row.refusalCode) ? row.refusalCode : "MEDIA_REFUSED";
  throw new Refusal(code, row.refusalReason ?? "It cannot be used");
}
