import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Download } from "../../domain/exports.ts";
import { mediaOffers } from "../../domain/media-offers.ts";
import { readyKey } from "../../domain/media-views.ts";
import { roomCommand } from "../../domain/room/rules.ts";
import { MediaId, type PairId } from "../../schema/wire/ids.ts";
import type { MediaPurpose, MediaStatus } from "../../schema/wire/media.ts";
import type { ExportId } from "../../schema/wire/privacy.ts";
import type { BlobStore } from "../../server/adapters/blobs/keeper.ts";
import { chance } from "../../server/chance.ts";
import type { OpenedStore } from "./blob-doors.ts";
import type { CopiedFiles } from "./copied-files.ts";
import { type Member, PrivacyWorld } from "./privacy-world.ts";
import { unzipped } from "./zip.ts";

interface Kept {
  readonly pairId?: PairId;
  readonly purpose?: MediaPurpose;
  readonly status?: MediaStatus;
  readonly type?: string;
  readonly body?: Uint8Array;
}

/** A copy that was fetched. */
export interface Unpacked {
  readonly zip: Buffer;
  readonly files: ReadonlyMap<string, Buffer>;
  json(path: string): ReturnType<typeof JSON.parse>;
}

/** Copies of people who have pictures and recordings, with files in a real store and time in the test's hands. */
export class ExportWorld {
  readonly privacy: PrivacyWorld;
  readonly store: BlobStore;
  /** What copies get to see of the store, for a test to stand in the way of. */
  readonly seen: { fetchInto: CopiedFiles["fetchInto"]; put: CopiedFiles["pieces"]["put"] };
  readonly #opened: OpenedStore;
  readonly #folder: string;

  static async open(opened: OpenedStore): Promise<ExportWorld> {
    const { store } = opened;
    const seen = { fetchInto: store.fetchInto, put: store.pieces.put };
    const privacy = await PrivacyWorld.open({
      fetchInto: (file, key) => seen.fetchInto(file, key),
      pieces: { ...store.pieces, put: (copy, n, piece) => seen.put(copy, n, piece) },
    });
    const folder = await mkdtemp(join(tmpdir(), "twinship-kept-"));
    return new ExportWorld(privacy, opened, seen, folder);
  }

  private constructor(privacy: PrivacyWorld, opened: OpenedStore, seen: ExportWorld["seen"], folder: string) {
    this.privacy = privacy;
    this.store = opened.store;
    this.seen = seen;
    this.#opened = opened;
    this.#folder = folder;
  }

  /** As it is after its check, with its files in the store; `chat`, `ready` and WebP if nothing else is said. */
  async kept(
    owner: Member,
    kept: Kept = {},
  ): Promise<{ readonly id: MediaId; readonly body: Uint8Array; readonly key: string }> {
    const { pairId = null, purpose = "chat", status = "ready", type = "image/webp", body = randomBytes(3000) } = kept;
    const id = MediaId.parse(chance.newId(this.privacy.world.clock.now()));
    const shape = { contentType: type, width: 4, height: 3 };
    const large = { ...shape, name: purpose === "voice" ? "voice" : "1024", bytes: body.length };
    const variants = status === "ready" ? [{ ...shape, name: "256", bytes: 5 }, large] : [];
    await this.privacy.sql(
      `insert into media (id, owner_id, pair_id, purpose, status, content_type, bytes, stored_bytes, variants, created_at, ready_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8, now(), now())`,
      [id, owner.userId, pairId, purpose, status, type, body.length, JSON.stringify(variants)],
    );
    const key = readyKey(id, large);
    if (status === "ready") await this.keep(key, body);
    return { id, body, key };
  }

  async keep(key: string, body: Uint8Array): Promise<void> {
    const file = join(this.#folder, crypto.randomUUID());
    await writeFile(file, body);
    await this.store.keep(key, file, "application/octet-stream");
    await rm(file);
  }

  /** In the pair's room, as the room does it. */
  async send(who: Member, pairId: PairId, mediaId: MediaId, type = "image"): Promise<string> {
    const twin = { pairId, userId: who.userId };
    const media = await mediaOffers(this.privacy.world.opened.database)(twin, mediaId);
    const room = await this.privacy.room(pairId);
    const form = { key: crypto.randomUUID(), type, mediaId };
    return (await room.execute(roomCommand(twin, "chat.send", form, null, { media }))).id;
  }

  async made(who: Member): Promise<ExportId> {
    const { id } = await this.privacy.exports.ask(who.caller);
    await this.privacy.exports.make(id);
    return id;
  }

  async download(who: Member, id: ExportId): Promise<Download> {
    const { downloadUrl } = await this.privacy.exports.look(who.caller, id);
    return this.privacy.exports.open(downloadUrl?.split("/").at(-1) ?? "");
  }

  async fetched(who: Member, id: ExportId): Promise<Unpacked> {
    const download = await this.download(who, id);
    const zip = await buffer(download.read(0, download.bytes - 1));
    const files = unzipped(zip);
    return { zip, files, json: (path) => JSON.parse(String(files.get(path))) };
  }

  copies = async (): Promise<string[]> => (await Array.fromAsync(this.store.pieces.copies())).flat();

  /** So that one more may be asked for: three are made a day. */
  nextDay = (): void => this.privacy.world.clock.advance(86_400_000);

  async close(): Promise<void> {
    await this.privacy.close();
    await this.#opened.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
