import { isForNow } from "./retry.ts";

export type MarkName = "chat.delivered" | "chat.read";

type Tell = (name: MarkName, upTo: number) => Promise<unknown>;

/**
 * Says how far this person has received and read. One report is under way at a time, and the next one says the newest,
 * so a hundred messages that come at once cost two. A report that is lost is made again after the next join, as all are:
 * the server may have forgotten its last second.
 */
export class Marks {
  readonly #reports: Readonly<Record<MarkName, MarkReport>> = {
    "chat.delivered": new MarkReport("chat.delivered"),
    "chat.read": new MarkReport("chat.read"),
  };

  get readUpTo(): number {
    return this.#reports["chat.read"].upTo;
  }

  delivered(upTo: number): void {
    this.#reports["chat.delivered"].raise(upTo);
  }

  read(upTo: number): void {
    this.#reports["chat.read"].raise(upTo);
  }

  /** `tell` is a new function for each connection: by it an answer to an older one is known. */
  connected(tell: Tell): void {
    for (const report of Object.values(this.#reports)) report.connect(tell);
  }

  /** Marks of another pair are none. */
  forget(): void {
    for (const report of Object.values(this.#reports)) report.forget();
  }

  disconnected(): void {
    for (const report of Object.values(this.#reports)) report.disconnect();
  }
}

class MarkReport {
  readonly #name: MarkName;
  #tell: Tell | undefined;
  #upTo = 0;
  #told = 0;
  #isTelling = false;

  constructor(name: MarkName) {
    this.#name = name;
  }

  get upTo(): number {
    return this.#upTo;
  }

  raise(upTo: number): void {
    this.#upTo = Math.max(this.#upTo, upTo);
    this.#report();
  }

  connect(tell: Tell): void {
    this.#tell = tell;
    this.#told = 0;
    this.#isTelling = false;
    this.#report();
  }

  disconnect(): void {
    this.#tell = undefined;
  }

  forget(): void {
    this.#upTo = 0;
    this.#told = 0;
  }

  #report(): void {
    const tell = this.#tell;
    if (!tell || this.#isTelling || this.#told >= this.#upTo) return;
    const upTo = this.#upTo;
    this.#isTelling = true;
    const over = () => {
      if (tell !== this.#tell) return;
      this.#isTelling = false;
      this.#told = upTo;
      this.#report();
    };
    // Refused for now or not: what is newer will be told, and all of it after the next join.
    tell(this.#name, upTo).then(over, (error) => (isForNow(error) ? this.#wait(tell) : over()));
  }

  /** Until the next mark, or the next join, there is no hurry. */
  #wait(tell: Tell): void {
    if (tell === this.#tell) this.#isTelling = false;
  }
}
