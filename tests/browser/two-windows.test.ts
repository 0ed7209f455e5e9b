import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, PhoneScreen, TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/embedded.ts";
import { lookedAfter } from "../support/looked-after.ts";
import { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

/** As a phone is held. */
const SMALL = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe("a phone in a window of its own, with its twin in another browser", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;
  let pages: readonly [Page, Page];
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    server = await TestServer.create();
    await server.start();
    browser = await TestBrowser.open();
    pages = await Promise.all([
      browser.page(`${server.url}/?phone=left`, SMALL),
      browser.page(`${server.url}/?phone=right`, SMALL),
    ]);
    ada = await new PhoneScreen(pages[0], "left-1").isThere();
    bea = await new PhoneScreen(pages[1], "right-1").isThere();
  });
  afterEach(lookedAfter(() => browser));
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  it("[WB3] they write to each other", async () => {
    await ada.say("from one browser");
    await bea.shows("from one browser");
    await bea.say("to the other");
    await ada.shows("to the other");
    await bea.shows("to the other", "read");
    await keepPicture(pages[0], "small");
  });

  it("[WB5] a browser that loses its network keeps what is written, over a reload too, and sends it once", async () => {
    const [page] = pages;
    await page.context().setOffline(true);
    await ada.press("Online");
    await ada.say("written without a network");
    await ada.shows("written without a network", "waiting");
    await page.context().setOffline(false);
    await page.reload();
    await ada.isThere();
    await bea.shows("written without a network");
    for (const phone of [ada, bea])
      await phone.showsJust(["written without a network"], (text) => text.startsWith("written"));
  });

  it("[WB6] the server killed in mid-conversation and started again: both come back, and nothing is lost or doubled", async () => {
    await Promise.all([ada.say("ada: before"), bea.say("bea: before")]);
    await ada.shows("bea: before");
    await bea.shows("ada: before");
    await server.end("SIGKILL");
    await Promise.all([ada.say("ada: during", "ada: during 2"), bea.say("bea: during")]);
    await ada.shows("ada: during 2", "waiting");
    await bea.shows("bea: during", "waiting");
    await server.start();
    await Promise.all([ada.isThere(), bea.isThere()]);
    await Promise.all([ada.say("ada: after"), bea.say("bea: after")]);
    await ada.shows("bea: after");
    await bea.shows("ada: after");

    // What one wrote is shown at once; where it stands among the others, once the server has said so.
    await Promise.all([ada.hasSentAll(), bea.hasSentAll()]);
    const isOurs = (text: string) => /^(?:ada|bea): /.test(text);
    const [seen, alsoSeen] = [await ada.texts(), await bea.texts()].map((texts) => texts.filter(isOurs));
    assert.deepEqual(seen, alsoSeen);
    const of = (who: string) => seen?.filter((text) => text.startsWith(who));
    assert.deepEqual(of("ada"), ["ada: before", "ada: during", "ada: during 2", "ada: after"]);
    assert.deepEqual(of("bea"), ["bea: before", "bea: during", "bea: after"]);
    await eventually(async () => (await ada.version()) === (await bea.version()));
  });

  it("[WB14] the same phone opened in another window takes over, and can be taken back", async () => {
    const [page] = pages;
    const again = await page.context().newPage();
    await again.goto(`${server.url}/?phone=left`);
    const second = await new PhoneScreen(again, "left-1").isThere();
    await ada.root.getByText("This phone is open in another window.").waitFor();
    await ada.root.getByRole("button", { name: "Use it here" }).click();
    await ada.isThere();
    await second.root.getByText("This phone is open in another window.").waitFor();
    await again.close();
  });

  it("[WB2] nothing was refused or went wrong meanwhile", () => {
    assert.deepEqual(browser.complaints, []);
  });
});

describe("two phones in production", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;

  before(async () => {
    server = await TestServer.create({ NODE_ENV: "production", ALLOW_EMBEDDED: "1", CONSOLE: "1" });
    await server.start();
    browser = await TestBrowser.open();
  });
  afterEach(lookedAfter(() => browser));
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  it("[WB1] [WB12] two people sign up on it, find each other by a code, and speak", async () => {
    const page = await browser.page(server.url);
    const [ada, bea] = [new PhoneScreen(page, "left-1"), new PhoneScreen(page, "right-1")];
    for (const [phone, name] of [
      [ada, "Ada Lovelace"],
      [bea, "Bea Lovelace"],
    ] as const) {
      await phone.root.getByLabel("Your name").fill(name);
      await phone.root.getByLabel("E-mail").fill(`${name.slice(0, 3)}@example.org`);
      await phone.root.getByLabel("Password").fill("Correct-horse-1");
      if (phone === ada) {
        assert.deepEqual(await gravest(page), [], "the forms");
        await keepPicture(page, "sign-up");
      }
      await phone.root.getByRole("button", { name: "Sign up" }).click();
    }
    await ada.root.getByRole("button", { name: "Make a code" }).click();
    const code = (await ada.root.locator(".code").textContent()) ?? "";
    assert.deepEqual(await gravest(page), [], "the wait");
    await keepPicture(page, "waiting");
    await bea.root.getByLabel("Your twin’s code").fill(code);
    await bea.root.getByRole("button", { name: "Be twins" }).click();
    await ada.say("At last");
    await bea.shows("At last");
    await ada.shows("At last", "read");
    assert.equal(await page.getByRole("button", { name: "Kill the room" }).count(), 0);
    assert.deepEqual(browser.complaints, []);
  });

  it("[WB1] a wrong password is refused in words", async () => {
    const page = await browser.page(server.url);
    const phone = new PhoneScreen(page, "left-1");
    await phone.root.getByRole("button", { name: "I have an account" }).click();
    await phone.root.getByLabel("E-mail").fill("ada@example.org");
    await phone.root.getByLabel("Password").fill("Not-the-password-1");
    await phone.root.getByRole("button", { name: "Sign in" }).click();
    await phone.root.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  });
});
