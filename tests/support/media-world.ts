import { media } from "../../domain/media.ts";
import { type CheckMedia, mediaChecks } from "../../domain/media-checks.ts";
import { mediaOffers } from "../../domain/media-offers.ts";
import type { MediaStore } from "../../domain/media-store.ts";
import { mediaSweeps } from "../../domain/media-sweeps.ts";
import { incomingKey, readyKey } from "../../domain/media-views.ts";
import { roomCommand } from "../../domain/room/rules.ts";
import { stories } from "../../domain/stories.ts";
import type { MediaId, PairId } from "../../schema/wire/ids.ts";
import { AnnounceMedia, type MediaPurpose, type Variant } from "../../schema/wire/media.ts";
import { chance } from "../../server/chance.ts";
import { type Member, PrivacyWorld } from "./privacy-world.ts";

/** Files in memory, by their keys; how old each is, a test says. */
export class MemoryStore implements MediaStore {
  readonly files = new Map<string, { readonly bytes: number; readonly at: number }>();
  readonly now: () => number;
  /** Called before anything is removed. */
  onRemove: () => void = () => undefined;

  constructor(now: () => number) {
    this.now = now;
  }

  put(key: string, bytes = 10): void {
    this.files.set(key, { bytes, at: this.now() });
  }

  uploadTo = async (key: string, _file: unknown, until: number) => ({
    method: "PUT" as const,
    url: `memory:${key}`,
    headers: {},
    expiresAt: new Date(until).toISOString(),
  });

  linkTo = async ({ key }: { readonly key: string }, at: number) => ({
    url: `memory:${key}`,
    expiresAt: new Date(at).toISOString(),
  });

  sizeOf = async (key: string) => this.files.get(key)?.bytes;

  async *read(): AsyncGenerator<Uint8Array> {}

  async remove(keys: readonly string[]): Promise<void> {
    this.onRemove();
    for (const key of keys) this.files.delete(key);
  }

  async *olderThan(at: number, fromId: string): AsyncGenerator<string[]> {
    const isLookedAt = (key: string) => !key.startsWith("ready/") || key >= `ready/${fromId}`;
    yield [...this.files].filter(([key, file]) => file.at < at && isLookedAt(key)).map(([key]) => key);
  }
}

const VARIANTS: readonly Variant[] = ["256", "1024"].map((name) => ({
  ...{ name, contentType: "image/webp", bytes: 40, width: 4, height: 3 },
}));

/** What becomes of media and stories in the database, with files in memory and time in the test's hands. */
export class MediaWorld {
  readonly privacy: PrivacyWorld;
  readonly store: MemoryStore;
  readonly media: ReturnType<typeof media>;
  readonly stories: ReturnType<typeof stories>;
  readonly sweeps: ReturnType<typeof mediaSweeps>;
  readonly check: ReturnType<typeof mediaChecks>;
  offered: ReturnType<typeof mediaOffers>;
  /** How files are looked at; a test may put something else here. */
  look: CheckMedia = (file) => this.fit(file);
  readonly pauses: number[] = [];
  /** What happens while somebody waits. */
  onPause: () => Promise<unknown> = async () => undefined;

  private constructor(privacy: PrivacyWorld) {
    this.privacy = privacy;
    const { jobs, notices, secrets } = privacy;
    const { clock } = privacy.world;
    const { database } = privacy.world.opened;
    this.store = new MemoryStore(clock.now);
    const deps = { database, clock, chance, jobs, notices, secrets, store: this.store };
    const pause = async (ms: number) => {
      this.pauses.push(ms);
      clock.advance(ms);
      await this.onPause();
    };
    this.media = media({ ...deps, quotaBytes: 1000, pause });
    this.stories = stories(deps);
    this.sweeps = mediaSweeps(deps);
    this.offered = mediaOffers(database);
    this.check = mediaChecks({ ...deps, check: (file) => this.look(file) });
  }

  /** Every file is a picture of four by three. */
  readonly fit: CheckMedia = async ({ id }) => {
    for (const variant of VARIANTS) this.store.put(readyKey(id, variant), variant.bytes);
    const shape = { width: 4, height: 3, durationMs: null, waveform: null, placeholder: null };
    return { isFit: true, facts: { contentType: "image/webp", bytes: 40, ...shape }, variants: VARIANTS };
  };

  static async open(): Promise<MediaWorld> {
    return new MediaWorld(await PrivacyWorld.open());
  }

  announce(who: Member, purpose: MediaPurpose = "chat", bytes = 10) {
    const contentType = purpose === "voice" ? "audio/wav" : "image/jpeg";
    return this.media.announce(who.caller, AnnounceMedia.parse({ purpose, contentType, bytes }));
  }

  /** Announced and sent; not completed. */
  async uploaded(who: Member, purpose: MediaPurpose = "chat", bytes = 10): Promise<MediaId> {
    const { id } = (await this.announce(who, purpose, bytes)).media;
    this.store.put(incomingKey(id), bytes);
    return id;
  }

  /** Ready. */
  async ready(who: Member, purpose: MediaPurpose = "chat", bytes = 10): Promise<MediaId> {
    const id = await this.uploaded(who, purpose, bytes);
    this.onPause = () => this.check(id);
    await this.media.complete(who.caller, id);
    return id;
  }

  /** In the pair's room, as the room does it. */
  async send(who: Member, pairId: PairId, mediaId: MediaId): Promise<string> {
    const twin = { pairId, userId: who.userId };
    const media = await this.offered(twin, mediaId);
    const form = { key: crypto.randomUUID(), type: "image", mediaId };
    const room = await this.privacy.room(pairId);
    const { id } = await room.execute(roomCommand(twin, "chat.send", form, null, { media }));
    return id;
  }

  /** Whether each of them may see it. */
  async seenBy(id: MediaId, ...people: readonly Member[]): Promise<boolean[]> {
    const looks = people.map((who) => this.media.look(who.caller, id));
    return (await Promise.allSettled(looks)).map(({ status }) => status === "fulfilled");
  }

  filesOf = (id: MediaId): string[] => [...this.store.files.keys()].filter((key) => key.includes(id));

  close(): Promise<void> {
    return this.privacy.close();
  }
}
