export interface Kept<Value> {
  readonly value: Value;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/**
 * What is good for a while. As more comes, what has ended is forgotten, the oldest first: a process that lives for weeks
 * keeps no more than it could still use, and never more than `most`.
 */
export class KeptUntil<Name, Value> {
  readonly #kept = new Map<Name, Kept<Value>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(name: Name, now: number): Value | undefined {
    return this.find(name, now)?.value;
  }

  /** With the moment until which it is good. */
  find(name: Name, now: number): Kept<Value> | undefined {
    const kept = this.#kept.get(name);
    return kept && now < kept.until ? kept : undefined;
  }

  put(name: Name, value: Value, { now, until }: { readonly now: number; readonly until: number }): void {
    this.#kept.delete(name);
    this.#kept.set(name, { value, until });
    // All are good for about as long: behind one that still is, so are most.
    for (const [oldest, kept] of this.#kept) {
      if (this.#kept.size <= this.#most && now < kept.until) return;
      this.#kept.delete(oldest);
    }
  }
}
