import { isRecord } from "../wire.ts";
import { readItem, type Storage, writeItem } from "./port.ts";

export interface Listed<T> {
  readonly n: number;
  readonly item: T;
}

/**
 * A list that outlives the app, one stored item each: adding to a long one costs no more than to a short one, and
 * Android's storage takes no large ones. The extent says between which numbers items may lie; one that is missing there
 * was removed, one that lies outside was never wholly added.
 */
export class StoredList<T> {
  readonly #storage: Storage;
  readonly #name: string;
  readonly #isItem: (value: unknown) => value is T;
  #items: Listed<T>[] = [];
  #next = 0;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(storage: Storage, name: string, isItem: (value: unknown) => value is T) {
    this.#storage = storage;
    this.#name = name;
    this.#isItem = isItem;
  }

  static async open<T>(storage: Storage, name: string, isItem: (value: unknown) => value is T): Promise<StoredList<T>> {
    const list = new StoredList(storage, name, isItem);
    await list.#read();
    return list;
  }

  get items(): readonly Listed<T>[] {
    return this.#items;
  }

  /** Resolves once it is stored; rejects, and adds nothing, if the device cannot. */
  add(item: T): Promise<Listed<T>> {
    return this.#inTurn(() => this.#add({ n: this.#next, item }));
  }

  remove({ n }: Listed<T>): Promise<void> {
    this.#items = this.#items.filter((one) => one.n !== n);
    return this.#inTurn(async () => {
      await this.#storage.removeItem(this.#nameOf(n));
      await this.#writeExtent(this.#items, this.#next);
    });
  }

  async #add(listed: Listed<T>): Promise<Listed<T>> {
    const items = [...this.#items, listed];
    try {
      await Promise.all([
        writeItem(this.#storage, this.#nameOf(listed.n), listed.item),
        this.#writeExtent(items, listed.n + 1),
      ]);
    } catch (error) {
      await this.#storage.removeItem(this.#nameOf(listed.n));
      throw error;
    }
    this.#next = listed.n + 1;
    this.#items = [...this.#items, listed];
    return listed;
  }

  /** One change after the other: two at once would each write down an extent without the other's item. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  async #read(): Promise<void> {
    const extent = await readItem(this.#storage, this.#name);
    if (!isExtent(extent)) return;
    this.#next = extent.next;
    const numbers = Array.from({ length: extent.next - extent.first }, (_, index) => extent.first + index);
    const found = await Promise.all(numbers.map((n) => readItem(this.#storage, this.#nameOf(n))));
    this.#items = numbers.flatMap((n, index) => {
      const item = found[index];
      return this.#isItem(item) ? [{ n, item }] : [];
    });
  }

  async #writeExtent(items: readonly Listed<T>[], next: number): Promise<void> {
    await writeItem(this.#storage, this.#name, { first: items[0]?.n ?? next, next });
  }

  #nameOf(n: number): string {
    return `${this.#name}.${n}`;
  }
}

/** Nobody queues more on one phone; a damaged extent shall not make it look for ever. */
const MOST = 100_000;

function isExtent(value: unknown): value is { first: number; next: number } {
  if (!isRecord(value)) return false;
  const { first, next } = value;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(next)) return false;
  const length = Number(next) - Number(first);
  return length >= 0 && length <= MOST;
}
