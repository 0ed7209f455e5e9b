/** Tells when to look again. Returns how to stop it. */
export type Follow = (changed: () => void) => () => void;

/**
 * What is true by now, as React wants to see it: the very same object until something in it is different, and a call to
 * whoever draws it when it is.
 */
export class Observed<View extends object> {
  readonly #look: () => View;
  readonly #follow: Follow;
  readonly #listeners = new Set<() => void>();
  #seen: View | undefined;
  #isOld = true;
  #stop: () => void = () => undefined;

  constructor(look: () => View, follow: Follow) {
    this.#look = look;
    this.#follow = follow;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) {
      this.#isOld = true;
      this.#stop = this.#follow(this.changed);
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** While nobody listens nobody says that it changed, so it is looked at each time. */
  readonly get = (): View => {
    if (this.#seen && !this.#isOld && this.#listeners.size > 0) return this.#seen;
    const now = this.#look();
    this.#seen = this.#seen && isSame(this.#seen, now) ? this.#seen : now;
    this.#isOld = false;
    return this.#seen;
  };

  readonly changed = (): void => {
    this.#isOld = true;
    for (const listener of [...this.#listeners]) listener();
  };
}

/** Field by field; what is in a field is compared by what it is, not by what is in it. */
function isSame<View extends object>(one: View, other: View): boolean {
  const [mine, theirs] = [new Map(Object.entries(one)), Object.entries(other)];
  return (
    mine.size === theirs.length && theirs.every(([name, value]) => mine.has(name) && Object.is(mine.get(name), value))
  );
}
