import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, PhoneScreen, TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/embedded.ts";
import { lookedAfter } from "../support/looked-after.ts";
import { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

const LARGE: BrowserContextOptions = {};
const SMALL: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("two phones for everybody", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;

  before(async () => {
    server = await TestServer.create();
    await server.start();
    browser = await TestBrowser.open();
  });
  afterEach(lookedAfter(() => browser));
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  async function opened(options: BrowserContextOptions): Promise<{ page: Page; ada: PhoneScreen }> {
    const page = await browser.page(server.url, options);
    return { page, ada: await new PhoneScreen(page, "left-1").isThere() };
  }

  for (const [size, options] of [
    ["large", LARGE],
    ["small", SMALL],
  ] as const)
    for (const colorScheme of ["light", "dark"] as const)
      it(`[WB12] axe finds nothing serious on a ${size} screen in the ${colorScheme}, whatever is open`, async () => {
        const { page, ada } = await opened({ ...options, colorScheme, reducedMotion: "reduce" });
        assert.deepEqual(await gravest(page), [], "the conversation");
        await keepPicture(page, `${size}-${colorScheme}`);

        await ada.press("Online");
        await ada.say("waiting");
        await ada.shows("waiting", "waiting");
        assert.deepEqual(await gravest(page), [], "offline");
        await ada.press("Offline");
        await ada.root.getByTestId("outbox").waitFor({ state: "detached" });

        await ada.message("waiting").last().locator(".more").focus();
        await page.keyboard.press("Enter");
        await ada.root.getByRole("dialog").waitFor();
        assert.deepEqual(await gravest(page), [], "the sheet");
        await keepPicture(page, `${size}-${colorScheme}-sheet`);
        await page.keyboard.press("Escape");

        await ada.root.getByRole("button", { name: "Search the conversation" }).click();
        await ada.root.getByRole("searchbox").fill("lake");
        await ada.root.locator(".hits button").first().waitFor();
        assert.deepEqual(await gravest(page), [], "the search");
        await page.keyboard.press("Escape");

        await ada.root.getByRole("button", { name: "The two of you" }).click();
        await ada.root.getByRole("dialog").getByRole("button", { name: "Tell Bea" }).click();
        await ada.root.getByText("I had a thought").click();
        assert.deepEqual(await gravest(page), [], "what one tells");
        await keepPicture(page, `${size}-${colorScheme}-tell`);
        await page.keyboard.press("Escape");

        await ada.root.getByRole("button", { name: "Record a voice message" }).click();
        await ada.root.getByRole("button", { name: "All right" }).waitFor();
        assert.deepEqual(await gravest(page), [], "no microphone");
        await ada.root.getByRole("button", { name: "All right" }).click();

        await ada.press("In the hand");
        assert.deepEqual(await gravest(page), [], "the lock screen");
        await ada.press("In the pocket");
        await page.context().close();
      });

  it("[WB12] on a small screen there is one phone, with its twin's a touch away and nothing out of reach", async () => {
    const { page, ada } = await opened(SMALL);
    const bea = new PhoneScreen(page, "right-1");
    assert.equal(await bea.root.isVisible(), false);
    const { width } = (await ada.root.boundingBox()) ?? { width: 0 };
    assert.equal(width, 390);
    await page.getByRole("button", { name: "Bea", exact: true }).click();
    await bea.say("from the small screen");
    await page.getByRole("button", { name: "Ada", exact: true }).click();
    await ada.shows("from the small screen");
    await ada.message("from the small screen").last().tap();
    await ada.root.getByRole("dialog").getByRole("button", { name: "Astonished" }).tap();
    await ada.message("from the small screen").locator(".reactions").waitFor();
    await page.getByRole("button", { name: "Behind the glass" }).click();
    await page.getByText("Thumb to thumb").waitFor();
    await keepPicture(page, "small-lab");
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert.equal(overflow, 0);
    await page.context().close();
  });

  it("[WB12] everything is done by keyboard: writing, walking through messages, reacting, and back", async () => {
    const { page, ada } = await opened(LARGE);
    await ada.composer.focus();
    await page.keyboard.type("with no mouse");
    await page.keyboard.press("Enter");
    await ada.shows("with no mouse", "read");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const dialog = ada.root.getByRole("dialog");
    await dialog.waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await ada.message("with no mouse").locator(".reactions", { hasText: "❤️" }).waitFor();
    const focused = () => page.evaluate("document.activeElement?.className");
    await eventually(async () => (await focused()) === "more");
    await page.context().close();
  });

  it("[WB12] who wants no motion sees none that goes on", async () => {
    const { page } = await opened({ ...LARGE, reducedMotion: "reduce" });
    const endless = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity).length";
    assert.equal(await page.evaluate(endless), 0);
    await page.context().close();
  });

  it("[WB12] it is as dark as the machine, until somebody chooses, and then stays so", async () => {
    const { page, ada } = await opened({ ...LARGE, colorScheme: "dark" });
    const shade = () => page.evaluate("document.documentElement.dataset.theme");
    assert.equal(await shade(), "dark");
    await page.getByRole("button", { name: "Switch to light" }).click();
    assert.equal(await shade(), "light");
    await page.reload();
    await ada.isThere();
    assert.equal(await shade(), "light");
    await page.context().close();
  });
});
