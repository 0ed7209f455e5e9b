/** What the page with two phones costs and how quick it is, in a real Chromium: `node bench/page.ts [picture.png]`. */
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { buildPage } from "../server/adapters/two-phones/build-page.ts";
import { commandLine } from "../server/command-line.ts";
import { PhoneScreen, TestBrowser } from "../tests/support/browser.ts";
import { eventually } from "../tests/support/embedded.ts";
import { TestServer } from "../tests/support/server.ts";
import { median } from "./figures.ts";

const MESSAGES = 60;
const KILLS = 5;

/** Who comes back sooner than that to a room that was just killed is made to wait a little longer each time. */
const REST_MS = 5500;

/** Nothing moves any more but what always does. */
const SETTLED = "document.getAnimations().every((one) => one.effect.getTiming().iterations === Infinity)";

const [picture] = commandLine("node bench/page.ts [picture.png]", () =>
  parseArgs({ allowPositionals: true }),
).positionals;

const say = (what: string, figure: string) => console.log(`${what.padEnd(58)} ${figure}`);
const ms = (time: number) => `${time.toFixed(0)} ms`;
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const server = await TestServer.create();
let browser: TestBrowser | undefined;
try {
  await server.start();
  say("built, the first time it is opened", ms(await timed(() => fetch(server.url))));
  const { files } = await buildPage();
  for (const [name, { body }] of files)
    say(`… ${name}`, `${(body.length / 1024).toFixed(0)} KB, ${(gzipSync(body).length / 1024).toFixed(0)} KB packed`);

  browser = await TestBrowser.open();
  const size = { viewport: { width: 1360, height: 900 }, deviceScaleFactor: 1.5 };
  const page = await browser.page(server.url, size);
  const [ada, bea] = [new PhoneScreen(page, "left-1"), new PhoneScreen(page, "right-1")];
  await Promise.all([ada.isThere(), bea.isThere()]);
  const again = async () => {
    await page.reload();
    await Promise.all([ada.isThere(), bea.isThere()]);
  };
  say("opened again, until both phones are live", ms(await timed(again)));
  if (picture) await takePicture(picture);

  const samples: number[] = [];
  for (let n = 0; n < MESSAGES; n++) {
    await ada.say(`message ${n}`);
    await bea.shows(`message ${n}`);
    samples.push(Number.parseInt((await page.getByTestId("latency").textContent()) ?? "", 10));
  }
  say(
    "from a thumb to the other phone",
    `median ${ms(median(samples))} of ${MESSAGES}, longest ${ms(Math.max(...samples))}`,
  );

  const rebuilds: number[] = [];
  for (let n = 0; n < KILLS; n++) {
    await new Promise((rested) => setTimeout(rested, REST_MS));
    await page.getByRole("button", { name: "Kill the room" }).click();
    const told = page.getByText(/and everybody back, in \d+ ms/);
    await page.locator(".grave:enabled").waitFor();
    rebuilds.push(Number(/(\d+) ms/.exec((await told.textContent()) ?? "")?.[1]));
  }
  say("a room killed, built anew and everybody back", `median ${ms(median(rebuilds))} of ${KILLS}`);

  async function takePicture(path: string): Promise<void> {
    await ada.say("Leaving now. Blue coat, you will know me.");
    await bea.shows("Leaving now. Blue coat, you will know me.");
    await bea.say("I should hope so. It is my face.");
    await ada.shows("I should hope so. It is my face.");
    await ada.act("I should hope so. It is my face.", "Laughing");
    await bea.act("At nine. I bring the good bread.", "Pin");
    await ada.root.locator(".pins").waitFor();
    await bea.composer.pressSequentially("Already");
    await ada.root.getByTestId("typing").waitFor();
    await page.mouse.move(0, 0);
    await eventually(async () => (await page.evaluate(SETTLED)) === true);
    await page
      .getByText("Bea wrote no. 11")
      .or(page.getByText(/pinned or unpinned/))
      .first()
      .waitFor();
    await page.screenshot({ path });
    await bea.composer.fill("");
  }
} finally {
  await browser?.close();
  await server.remove();
}
