import { isForNow, memoryStorage, NoAnswer, type Storage, type Twinship } from "../client/index.ts";
import { Observed } from "../client/observed.ts";
import { PhoneDevice, type Side } from "./phone-device.ts";
import { Pulse } from "./pulse.ts";
import { type SampleTwin, sampleTwinsAt } from "./server.ts";

export interface DeskNow {
  readonly phones: readonly PhoneDevice[];
}

export interface DeskMeans {
  readonly url: string;
  /** Which phones lie on it. */
  readonly sides: readonly Side[];
  /** The server has sample twins to be. */
  readonly hasTwins: boolean;
  /** It lets look inside, and break things. */
  readonly hasInside: boolean;
}

const AGAIN_MS = 1000;

/** All phones on the page, and who is signed in on them. */
export class Desk {
  readonly means: DeskMeans;
  readonly pulse = new Pulse();
  readonly now = new Observed<DeskNow>(
    () => ({ phones: this.#phones }),
    () => () => undefined,
  );
  readonly #storage: Storage = storageOfBrowser();
  readonly #stops = new Map<PhoneDevice, () => void>();
  #phones: readonly PhoneDevice[];
  #twins: Promise<readonly SampleTwin[]> | undefined;

  constructor(means: DeskMeans) {
    this.means = means;
    this.#phones = means.sides.map((side) => this.#make(side, 1));
  }

  open(): void {
    for (const phone of this.#phones) void this.#open(phone);
    const look = () => {
      for (const phone of this.#phones) phone.setInFront(document.visibilityState === "visible");
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("online", look);
  }

  hasSecond(side: Side): boolean {
    return this.#phones.some((phone) => phone.side === side && phone.number === 2);
  }

  addSecond(side: Side): void {
    if (this.hasSecond(side)) return;
    const phone = this.#make(side, 2);
    const after = this.#phones.findLastIndex((one) => one.side === side) + 1;
    this.#phones = [...this.#phones.slice(0, after), phone, ...this.#phones.slice(after)];
    this.now.changed();
    void this.#open(phone);
  }

  removeSecond(side: Side): void {
    const phone = this.#phones.find((one) => one.side === side && one.number === 2);
    if (!phone) return;
    this.#phones = this.#phones.filter((one) => one !== phone);
    this.now.changed();
    this.#stops.get(phone)?.();
    this.#stops.delete(phone);
    void phone.close();
  }

  #make(side: Side, number: number): PhoneDevice {
    return new PhoneDevice({ url: this.means.url, storage: this.#storage, side, number });
  }

  async #open(phone: PhoneDevice): Promise<void> {
    const twinship = await phone.open();
    const unfollow = this.pulse.follow(twinship);
    const unsigned = twinship.sessionEvents.on("signedOut", ({ why }) => {
      // Its database is another one now, where nobody knows this phone.
      if (why === "refused") void this.#signIn(phone, twinship);
    });
    this.#stops.set(phone, () => {
      unfollow();
      unsigned();
    });
    twinship.events.on("account", (account) => account && twinship.connect());
    if (twinship.account) twinship.connect();
    else await this.#signIn(phone, twinship);
  }

  /** By itself, if there is somebody to be; else the phone shows its forms. */
  async #signIn(phone: PhoneDevice, twinship: Twinship): Promise<void> {
    if (!this.means.hasTwins) return;
    try {
      const twins = await this.#sampleTwins();
      const twin = twins[phone.side === "left" ? 0 : 1];
      if (twin && !twinship.account) await twinship.login(twin.email, twin.password);
      phone.fail(undefined);
    } catch (error) {
      if (!isForNow(error)) return phone.fail(error instanceof Error ? error.message : String(error));
      phone.fail(error instanceof NoAnswer ? "The server does not answer. Trying again …" : "One moment …");
      setTimeout(() => this.#phones.includes(phone) && void this.#signIn(phone, twinship), AGAIN_MS);
    }
  }

  #sampleTwins(): Promise<readonly SampleTwin[]> {
    this.#twins ??= sampleTwinsAt(this.means.url).catch((error) => {
      this.#twins = undefined;
      throw error;
    });
    return this.#twins;
  }
}

/** A browser may keep nothing at all: then it all goes with the tab. */
function storageOfBrowser(): Storage {
  try {
    const { localStorage } = window;
    localStorage.setItem("two-phones", "");
    return localStorage;
  } catch {
    return memoryStorage();
  }
}
