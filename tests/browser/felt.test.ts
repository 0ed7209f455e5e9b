import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, OpenPhones, type PhoneScreen, type TestBrowser } from "../support/browser.ts";
import { lookedAfter } from "../support/looked-after.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

describe("what two twins feel, in a browser", function () {
  this.timeout(PATIENCE_MS);
  let phones: OpenPhones;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    phones = await OpenPhones.open();
    ({ browser, page, ada, bea } = phones);
    await ada.shows("At nine. I bring the good bread.");
    await bea.shows("At nine. I bring the good bread.");
  });
  afterEach(lookedAfter(() => phones));
  after(() => phones?.close());

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
