import { createHash } from "node:crypto";
import { type EntityManager, LockMode } from "@mikro-orm/core";
import { Export } from "../schema/entities/export.ts";
import { ExportLink } from "../schema/entities/export-link.ts";
import type { UserId } from "../schema/wire/ids.ts";
import { type ExportAsked, ExportId, type ExportView } from "../schema/wire/privacy.ts";
import { auditing } from "./audit.ts";
import type { Links } from "./links.ts";
import type { Caller, Chance, Clock, Database, Jobs, Limits, Outbox } from "./ports.ts";
import { findPerson } from "./profiles.ts";
import { Refusal } from "./refusal.ts";
import type { Secrets } from "./secrets.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Time enough to come home to a good connection. */
const KEPT_MS = 7 * DAY_MS;

/** Whoever finds that what arrived is broken can still fetch it again. */
const KEPT_ONCE_FETCHED_MS = DAY_MS;

const LINK_LIFE_MS = 15 * MINUTE_MS;

/** Asked for again and again while it is shown, it is made anew each time; older ones go. */
const LINKS_AT_ONCE = 5;

/** Longer than all tries of a worker take, but for one that hangs, and then finds that nobody waits for it. */
const GIVEN_UP_MS = 6 * HOUR_MS;

/** How long it is still told what became of one. */
const REMEMBERED_MS = 30 * DAY_MS;

const KEY_BYTES = 32;

/** One making of one copy: what an earlier making left of it is another. */
export interface Copy {
  readonly exportId: ExportId;
  readonly attempt: number;
  /** Opens and closes its pieces. */
  readonly key: Uint8Array;
}

/** Where copies lie until they are fetched. */
export interface ExportShelf {
  /** Packs all that we have of them. Answers with how many bytes it is; undefined if nobody waits for it any more. */
  pack(copy: Copy, of: UserId): Promise<number | undefined>;
  /** From one byte to another, both included. Throws GONE if it is not all there any more. */
  read(copy: Copy, from: number, to: number): AsyncIterable<Uint8Array>;
  /** Throws away what no copy needs that is ready or being made. */
  tidy(): Promise<void>;
}

export interface ExportsDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: Pick<Chance, "newId" | "bytes">;
  readonly limits: Pick<Limits, "take">;
  readonly jobs: Jobs;
  readonly outbox: Outbox;
  readonly secrets: Secrets;
  readonly links: Pick<Links, "download" | "exportPage">;
  readonly shelf: ExportShelf;
}

/** What somebody with a link may fetch. */
export interface Download {
  readonly bytes: number;
  /** Of the copy: links of one copy lead to the same bytes. */
  readonly etag: string;
  readonly fileName: string;
  read(from: number, to: number): AsyncIterable<Uint8Array>;
  /** The last byte is about to be handed over: after that the link has served. False if it has before. */
  spend(): Promise<boolean>;
}

export type Exports = ReturnType<typeof exports>;

/** A copy of all we have of a person, for that person: asked for, made by a worker, fetched by a link, and gone. */
export function exports({ database, clock, chance, limits, jobs, outbox, secrets, links, shelf }: ExportsDeps) {
  const note = auditing({ clock, chance });
  const later = (ms: number) => new Date(clock.now() + ms);

  function create(em: EntityManager, userId: UserId): Export {
    const now = clock.now();
    return em.create(Export, { id: ExportId.parse(chance.newId(now)), userId, createdAt: new Date(now) });
  }

  /** Of two workers at the same copy, the one that began later counts. */
  const begin = (id: ExportId): Promise<(Omit<Copy, "key"> & { readonly userId: UserId }) | undefined> =>
    database.transaction(async (em) => {
      const row = await lock(em, id);
      if (row?.status !== "pending") return undefined;
      row.attempt++;
      return { exportId: id, attempt: row.attempt, userId: row.userId };
    });

  const finish = ({ exportId, attempt, key }: Copy, bytes: number): Promise<void> =>
    database.transaction(async (em) => {
      const row = await lock(em, exportId);
      if (row?.status !== "pending" || row.attempt !== attempt) return;
      const { userId } = row;
      const earlier = await em.find(Export, { userId, status: "ready" });
      for (const one of earlier) one.expiresAt = new Date(clock.now());
      const sealedKey = secrets.seal("export", Buffer.from(key).toString("base64url"));
      const expiresAt = later(KEPT_MS);
      Object.assign(row, { status: "ready", bytes, sealedKey, readyAt: new Date(clock.now()), expiresAt });
      await em.flush();
      const { email, name } = await findPerson(em, userId);
      const link = links.exportPage(exportId);
      const letter = { template: "export_ready", name, link, expiresAt: expiresAt.toISOString() } as const;
      await outbox.send(em, { channel: "email", to: email, letter }, { userId, about: exportId });
    });

  /** Only by its hash do we know it again. */
  async function newLink(em: EntityManager, of: Export): Promise<{ url: string; expiresAt: Date }> {
    const token = Buffer.from(chance.bytes(KEY_BYTES)).toString("base64url");
    const known = await em.find(ExportLink, { export: of.id }, { orderBy: { createdAt: "desc", hash: "asc" } });
    for (const old of known.slice(LINKS_AT_ONCE - 1)) em.remove(old);
    const expiresAt = later(LINK_LIFE_MS);
    em.create(ExportLink, { hash: hashOf(token), export: of, createdAt: new Date(clock.now()), expiresAt });
    return { url: links.download(token), expiresAt };
  }

  /** A copy that can be fetched leads to itself. */
  async function show(em: EntityManager, row: Export): Promise<ExportView> {
    const isThere = isReady(row, clock.now());
    const link = isThere ? await newLink(em, row) : undefined;
    return {
      ...askedOf(row, clock.now()),
      createdAt: row.createdAt.toISOString(),
      readyAt: row.readyAt?.toISOString() ?? null,
      expiresAt: row.expiresAt?.toISOString() ?? null,
      bytes: row.bytes,
      downloadUrl: link?.url ?? null,
      downloadExpiresAt: link?.expiresAt.toISOString() ?? null,
    };
  }

  /** Of several who come this far by one link, one may go on. */
  const spend = (hash: string): Promise<boolean> =>
    database.transaction(async (em) => {
      const known = await em.findOne(ExportLink, { hash });
      const row = known && (await lock(em, known.export.id));
      // As it stands now that nobody else is at the same export.
      const link = row && (await em.findOne(ExportLink, { hash }, { refresh: true }));
      if (!link || link.usedAt) return false;
      link.usedAt = new Date(clock.now());
      const soon = later(KEPT_ONCE_FETCHED_MS);
      if (row.expiresAt && row.expiresAt > soon) row.expiresAt = soon;
      note(em, { action: "export.downloaded", subject: row.userId, about: row.id });
      return true;
    });

  function downloadOf(row: Export, hash: string): Download {
    const { id: exportId, attempt, bytes, sealedKey } = row;
    const opened = sealedKey === null ? undefined : secrets.open("export", sealedKey);
    if (!isReady(row, clock.now()) || bytes === null || opened === undefined)
      throw new Refusal("GONE", "This export is not kept any more: ask for a new one in the app");
    const copy = { exportId, attempt, key: Buffer.from(opened, "base64url") };
    return {
      bytes,
      etag: `"${exportId}-${attempt}"`,
      fileName: `twinship-${row.createdAt.toISOString().slice(0, 10)}.zip`,
      read: (from, to) => shelf.read(copy, from, to),
      spend: () => spend(hash),
    };
  }

  return {
    /**
     * Whoever asks while one is being made is told of that one. `actor`: null if it is asked for on somebody's behalf.
     * Throws RATE_LIMIT_EXCEEDED.
     */
    async ask({ userId }: Pick<Caller, "userId">, actor: UserId | null = userId): Promise<ExportAsked> {
      const known = await database.read((em) => underWay(em, userId));
      if (known) return askedOf(known, clock.now());
      await limits.take("exports", userId);
      return database.transaction(async (em) => {
        // One after the other: there is one under way at most.
        await findPerson(em, userId, LockMode.PESSIMISTIC_WRITE);
        const other = await underWay(em, userId);
        if (other) return askedOf(other, clock.now());
        const asked = create(em, userId);
        note(em, { action: "export.asked", subject: userId, actor, about: asked.id });
        await em.flush();
        await jobs.put(em, { what: "export", exportId: asked.id });
        return askedOf(asked, clock.now());
      });
    },

    /** With a new link, if it can be fetched. Throws NOT_FOUND for another's. */
    look: ({ userId }: Caller, id: ExportId): Promise<ExportView> =>
      database.transaction(async (em) => {
        const row = await lock(em, id);
        if (row?.userId !== userId) throw new Refusal("NOT_FOUND", "You have no such export");
        return show(em, row);
      }),

    /** A worker's part: may be called twice for one, and after a call that ended in the middle. */
    async make(id: ExportId): Promise<void> {
      const begun = await begin(id);
      if (!begun) return;
      const copy = { ...begun, key: chance.bytes(KEY_BYTES) };
      const bytes = await shelf.pack(copy, begun.userId);
      if (bytes !== undefined) await finish(copy, bytes);
    },

    /** Looking changes nothing. Throws NOT_FOUND for a made-up link, GONE for one that was used or has expired. */
    open: (token: string): Promise<Download> =>
      database.read(async (em) => {
        const hash = hashOf(token);
        const link = await em.findOne(ExportLink, { hash }, { populate: ["export"], refresh: true });
        if (!link) throw new Refusal("NOT_FOUND", "There is no such download");
        const now = clock.now();
        if (link.usedAt) throw new Refusal("GONE", "This link was used: ask for a new one in the app");
        if (link.expiresAt.getTime() <= now)
          throw new Refusal("GONE", "This link has expired: ask for a new one in the app");
        return downloadOf(link.export.getEntity(), hash);
      }),

    /** Nobody's export outlives them. May be called again after a call that ended in the middle. */
    async forget(userId: UserId): Promise<void> {
      await database.transaction((em) => em.nativeUpdate(Export, { userId }, { status: "failed", sealedKey: null }));
      await shelf.tidy();
      await database.transaction((em) => em.nativeDelete(Export, { userId }));
    },

    /** Forgets what nobody fetched, gives up what nobody made; to be called now and then. */
    async sweep(): Promise<void> {
      await database.transaction(async (em) => {
        const now = new Date(clock.now());
        const tooOld = new Date(clock.now() - GIVEN_UP_MS);
        await em.nativeUpdate(Export, { status: "pending", createdAt: { $lt: tooOld } }, { status: "failed" });
        const over = { status: "ready", expiresAt: { $lte: now } } as const;
        await em.nativeUpdate(Export, over, { status: "expired", sealedKey: null });
        await em.nativeDelete(ExportLink, { expiresAt: { $lt: now } });
        await em.nativeDelete(Export, { createdAt: { $lt: new Date(clock.now() - REMEMBERED_MS) } });
      });
      await shelf.tidy();
    },
  };
}

const underWay = (em: EntityManager, userId: UserId): Promise<Export | null> =>
  em.findOne(Export, { userId, status: "pending" });

const lock = (em: EntityManager, id: ExportId): Promise<Export | null> =>
  em.findOne(Export, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });

const isReady = ({ status, expiresAt }: Export, now: number): boolean =>
  status === "ready" && expiresAt !== null && expiresAt.getTime() > now;

/** What is over is over at once, whenever somebody comes to sweep it. */
const askedOf = (row: Export, now: number): ExportAsked => ({
  id: row.id,
  status: row.status === "ready" && !isReady(row, now) ? "expired" : row.status,
});

const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** Of somebody who is signed out everywhere: a link that is known somewhere leads nowhere any more. */
export async function dropExportLinks(em: EntityManager, userId: UserId): Promise<void> {
  const own = await em.find(Export, { userId }, { fields: ["id"] });
  await em.nativeDelete(ExportLink, { export: { $in: own.map(({ id }) => id) } });
}
