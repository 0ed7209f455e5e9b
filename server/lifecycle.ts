/** Told what could not be released. */
export type ReportRelease = (error: unknown, name: string) => void;

/** What to release when the process ends: last taken, first released, and all of it whatever fails. */
export class Lifecycle {
  readonly #releases: { readonly name: string; readonly release: () => unknown }[] = [];
  readonly #report: ReportRelease;
  #stopping: Promise<void> | undefined;
  #current: string | undefined;

  constructor(report: ReportRelease) {
    this.#report = report;
  }

  /** What is added while all the rest is being released comes next. */
  add(name: string, release: () => unknown): void {
    this.#releases.push({ name, release });
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** What is being released right now: who waits too long wants to know for what. */
  get releasing(): string | undefined {
    return this.#current;
  }

  /** However often it is asked, everything is released once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#releaseAll();
    return this.#stopping;
  }

  async #releaseAll(): Promise<void> {
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      this.#current = next.name;
      try {
        await next.release();
      } catch (error) {
        this.#report(error, next.name);
      }
    }
    this.#current = undefined;
  }
}
