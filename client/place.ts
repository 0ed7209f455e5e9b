import { Keeper, type Kept } from "./keeper.ts";
import type { Marks } from "./marks.ts";
import type { Watermarks } from "./members.ts";
import type { Timeline } from "./timeline.ts";

export interface PlaceDeps {
  readonly timeline: Timeline;
  readonly marks: Marks;
  readonly watermarks: Watermarks;
  readonly keeping: Omit<ConstructorParameters<typeof Keeper>[0], "standing">;
}

/** Where this device stands: in which pair, and how far in its history. It is kept while the app is closed. */
export class Place {
  readonly #timeline: Timeline;
  readonly #marks: Marks;
  readonly #watermarks: Watermarks;
  readonly #keeper: Keeper;
  #pairId: string | undefined;

  constructor({ timeline, marks, watermarks, keeping }: PlaceDeps) {
    this.#timeline = timeline;
    this.#marks = marks;
    this.#watermarks = watermarks;
    this.#keeper = new Keeper({ ...keeping, standing: () => this.#standing() });
  }

  get pairId(): string | undefined {
    return this.#pairId;
  }

  /** What a join says of it. A position without its pair would be taken for one in any other. */
  get known(): object {
    const { position } = this.#timeline;
    return position && this.#pairId ? { pairId: this.#pairId, ...position } : {};
  }

  async restore(): Promise<void> {
    const kept = await this.#keeper.read();
    if (!kept) return;
    this.#pairId = kept.pairId;
    if (kept.readUpTo > 0) this.#marks.read(kept.readUpTo);
    if (kept.snapshot) this.#timeline.restore(kept.snapshot);
  }

  /** The pair this device is in; what was known of another one is not its history. */
  begin(pairId: string): void {
    if (pairId === this.#pairId) return;
    if (this.#pairId !== undefined) this.#clear();
    this.#pairId = pairId;
    this.keepSoon();
  }

  /** A room has shown whose it is: what it told before that was already of this pair. */
  found(pairId: string): void {
    if (pairId === this.#pairId) return;
    this.#pairId = pairId;
    this.keepSoon();
  }

  /** The room knows nothing of it. Whether there was anything to forget. */
  lose(): boolean {
    const hadPosition = this.#timeline.position !== undefined;
    this.#clear();
    return hadPosition;
  }

  keepSoon(): void {
    this.#keeper.soon();
  }

  keepNow(): Promise<void> {
    return this.#keeper.now();
  }

  async forget(): Promise<void> {
    this.#clear();
    this.#pairId = undefined;
    await this.#keeper.forget();
  }

  #clear(): void {
    this.#timeline.forget();
    this.#marks.forget();
    this.#watermarks.forget();
  }

  #standing(): Kept | undefined {
    if (this.#pairId === undefined) return undefined;
    return { pairId: this.#pairId, readUpTo: this.#marks.readUpTo, snapshot: this.#timeline.snapshot };
  }
}
