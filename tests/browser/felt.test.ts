import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, PhoneScreen, TestBrowser } from "../support/browser.ts";
import { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

describe("what two twins feel, in a browser", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    server = await TestServer.create();
    await server.start();
    browser = await TestBrowser.open();
    page = await browser.page(server.url);
    ada = await new PhoneScreen(page, "left-1").isThere();
    bea = await new PhoneScreen(page, "right-1").isThere();
    await ada.shows("At nine. I bring the good bread.");
    await bea.shows("At nine. I bring the good bread.");
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  const feel = (phone: PhoneScreen) => phone.root.getByRole("button", { name: /^I feel my twin now/ }).click();
  const moment = (phone: PhoneScreen) => phone.root.getByTestId("moment");

  it("[WB16] one press is a secret: it shows on no other phone, and not in the journal", async () => {
    await feel(ada);
    await ada.root.getByRole("button", { name: /^Felt\./ }).waitFor();
    await bea.say("Nothing in particular");
    await ada.shows("Nothing in particular");
    assert.equal(await moment(bea).count(), 0);
    assert.equal(await page.getByText("twintuition.").count(), 0);
  });

  it("[WB16] with the twin's it is a moment, on both phones and in words", async () => {
    await feel(bea);
    for (const phone of [ada, bea]) {
      await moment(phone).waitFor();
      await phone.root
        .getByRole("status")
        .getByText(/apart, give or take/)
        .waitFor();
    }
    await keepPicture(page, "moment");
    assert.deepEqual(await gravest(page), []);
    await moment(ada).click();
    await moment(ada).waitFor({ state: "detached" });
    await page.getByText("saw that both felt it").first().waitFor();
    assert.deepEqual(browser.complaints, []);
  });
});
