import { existsSync } from "node:fs";

/** Where Debian puts it, and where else one may be. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A real browser, if this machine has one; CHROMIUM says where it is, if it is nowhere of these. */
export const chromiumPath = (): string | undefined =>
  [process.env["CHROMIUM"] ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));

/** It talks to our server, and to nobody else. */
export const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A microphone that hears a tone each second, instead of whatever the machine has; a page has to ask for it all the same. */
export const MICROPHONE = "--use-fake-device-for-media-stream";
