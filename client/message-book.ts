import type { AnyMessageView } from "../schema/wire/chat.ts";

/** The messages a device has, by seq: a run without a gap up to the newest, and a few older ones it happened to hear of. */
export class MessageBook {
  readonly #messages = new Map<number, AnyMessageView>();
  readonly #seqs = new Map<string, number>();
  #fromSeq = 1;
  #lastSeq = 0;

  /** Where the run begins … */
  get fromSeq(): number {
    return this.#fromSeq;
  }

  /** … and where it ends; one less than it begins with when there is none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  at(seq: number): AnyMessageView | undefined {
    return this.#messages.get(seq);
  }

  find(id: string): AnyMessageView | undefined {
    const seq = this.#seqs.get(id);
    return seq === undefined ? undefined : this.#messages.get(seq);
  }

  /** In seq order, the newest last. */
  from(first: number): AnyMessageView[] {
    const seqs = Array.from({ length: Math.max(0, this.#lastSeq - first + 1) }, (_, index) => first + index);
    return seqs.flatMap((seq) => this.#messages.get(seq) ?? []);
  }

  /** Begins anew with these. `firstSeq` is where they would begin if there were any. */
  fill(messages: readonly AnyMessageView[], firstSeq: number): void {
    this.clear();
    for (const message of messages) this.put(message);
    this.#fromSeq = messages[0]?.seq ?? firstSeq;
    this.#lastSeq = messages[messages.length - 1]?.seq ?? firstSeq - 1;
  }

  /** Puts a message in its place; the next one after the newest makes the run longer. */
  put(message: AnyMessageView): void {
    this.#messages.set(message.seq, message);
    this.#seqs.set(message.id, message.seq);
    if (message.seq === this.#lastSeq + 1) this.#lastSeq = message.seq;
  }

  /** An older page, in seq order; if it meets the run, the run begins with it. */
  putOlder(page: readonly AnyMessageView[]): void {
    for (const message of page) this.put(message);
    const [first, last] = [page[0], page[page.length - 1]];
    if (first && last && last.seq >= this.#fromSeq - 1) this.#fromSeq = Math.min(this.#fromSeq, first.seq);
  }

  /** What was before this seq is gone. */
  trim(firstSeq: number): void {
    for (const [seq, { id }] of this.#messages) {
      if (seq >= firstSeq) continue;
      this.#messages.delete(seq);
      this.#seqs.delete(id);
    }
    this.#fromSeq = Math.max(this.#fromSeq, firstSeq);
    this.#lastSeq = Math.max(this.#lastSeq, firstSeq - 1);
  }

  clear(): void {
    this.#messages.clear();
    this.#seqs.clear();
    this.#fromSeq = 1;
    this.#lastSeq = 0;
  }
}
