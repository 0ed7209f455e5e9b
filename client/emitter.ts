type Listener<Payload> = (payload: Payload) => void;

/** Where a listener's own mistake goes: whoever else listens, and the room, go on. */
export type Report = (error: unknown) => void;

/** Events by name, each with its own payload. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Returns how to stop listening. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#of(name);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of [...this.#of(name)]) {
      try {
        listener(payload);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Resolves with the next payload that fits. */
  next<Name extends keyof Events>(
    name: Name,
    fits: (payload: Events[Name]) => boolean = () => true,
  ): Promise<Events[Name]> {
    return new Promise((resolve) => {
      const stop = this.on(name, (payload) => {
        if (!fits(payload)) return;
        stop();
        resolve(payload);
      });
    });
  }

  #of<Name extends keyof Events>(name: Name): Set<Listener<Events[Name]>> {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    return listeners;
  }
}
