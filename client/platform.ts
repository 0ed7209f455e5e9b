/** All a phone, a browser or Node must bring. Tests bring their own, with a clock that only they move. */
export interface Platform {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since 1970, by this device's clock. */
  now(): number;
  /** Calls back once after that many milliseconds, unless the returned function was called before. */
  after(ms: number, callback: () => void): () => void;
  /** From 0 up to, not including, 1. For spreading retries, never for secrets. */
  random(): number;
  /** 128 random bits in hex: the name of a command, or of a device. */
  newKey(): string;
}

/** What the machine this runs on has. React Native needs a polyfill for `crypto.getRandomValues`. */
export const thisDevice: Platform = {
  fetch: (url, init) => globalThis.fetch(url, init),
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  newKey: () => {
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
};

export const pause = (platform: Platform, ms: number): Promise<void> =>
  new Promise((resume) => {
    platform.after(ms, resume);
  });
