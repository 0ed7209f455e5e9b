import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { keepPicture, OpenPhones, PhoneScreen, type TestBrowser } from "../support/browser.ts";
import { lookedAfter } from "../support/looked-after.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

describe("two phones in a browser", function () {
  this.timeout(PATIENCE_MS);
  let phones: OpenPhones;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    phones = await OpenPhones.open();
    ({ browser, page, ada, bea } = phones);
  });
  afterEach(lookedAfter(() => phones));
  after(() => phones?.close());

  it("[WB1] are signed in as two sample twins by themselves, with something said already", async () => {
    assert.equal(await ada.root.locator(".who h3").textContent(), "Bea");
    assert.equal(await bea.root.locator(".who h3").textContent(), "Ada");
    await ada.shows("At nine. I bring the good bread.", "read");
    await bea.shows("He had a name this time. Do you remember it?");
    await keepPicture(page, "two-phones");
  });

  it("[WB3] what is written on one is on the other, and one sees that it was read", async () => {
    await ada.say("Can you see this?");
    await bea.shows("Can you see this?");
    await ada.shows("Can you see this?", "read");
    await page.getByTestId("latency").waitFor();
  });

  it("[WB3] one sees that the other types, and is there", async () => {
    await bea.composer.pressSequentially("I am");
    await ada.root.getByTestId("typing").waitFor();
    await ada.root.getByText("typing …").waitFor();
    await bea.composer.fill("");
    await ada.root.getByTestId("typing").waitFor({ state: "detached" });
    await ada.root.getByText("online", { exact: true }).waitFor();
  });

  it("[WB4] a reply, a reaction, an edit, a pin and a deletion are on both", async () => {
    await bea.act("Can you see this?", "Reply");
    await bea.say("As clear as day");
    const reply = await ada.shows("As clear as day");
    assert.match((await reply.locator(".quote").textContent()) ?? "", /You.*Can you see this\?/);

    await ada.act("As clear as day", "Heart");
    await (await bea.shows("As clear as day")).locator(".reactions", { hasText: "❤️" }).waitFor();

    await bea.act("As clear as day", "Edit");
    await bea.say("As clear as the lake");
    await (await ada.shows("As clear as the lake")).getByText("edited").waitFor();

    await ada.act("As clear as the lake", "Pin");
    await bea.root.locator(".pins", { hasText: "As clear as the lake" }).waitFor();
    await keepPicture(page, "pinned");

    await bea.act("As clear as the lake", "Delete for both");
    await ada.shows("This message was deleted");
    // The pin above it goes in its own time.
    await ada.root.getByText("As clear as the lake").first().waitFor({ state: "detached" });
    await bea.root.locator(".pins").waitFor({ state: "detached" });
  });

  it("[WB4] a message deleted for oneself is gone there, and the twin notices nothing", async () => {
    await ada.say("Between me and myself");
    await bea.shows("Between me and myself");
    await ada.act("Between me and myself", "Delete for me");
    await ada.message("Between me and myself").waitFor({ state: "detached" });
    await bea.shows("Between me and myself");
  });

  it("[WB5] without a network what is written waits under a clock, and then arrives once, in order", async () => {
    await ada.hasSentAll();
    await ada.press("Online");
    await ada.say("tunnel one", "tunnel two");
    await ada.shows("tunnel one", "waiting");
    await ada.root.getByText("2 in the outbox").waitFor();
    await bea.say("tunnel: where are you?");
    await keepPicture(page, "offline");
    await ada.press("Offline");
    const all = ["tunnel: where are you?", "tunnel one", "tunnel two"];
    for (const phone of [ada, bea]) await phone.showsJust(all, (text) => text.startsWith("tunnel"));
    await ada.shows("tunnel two", "read");
  });

  it("[WB5] what was not sent yet can be taken back", async () => {
    await ada.hasSentAll();
    await ada.press("Online");
    await ada.say("better not");
    await ada.shows("better not", "waiting");
    await ada.act("better not", "Take back");
    await ada.message("better not").waitFor({ state: "detached" });
    await ada.press("Offline");
    await ada.say("this instead");
    await bea.shows("this instead");
    assert.equal(await bea.message("better not").count(), 0);
  });

  it("[WB7] a room that is killed is built anew, with everything and everybody in it", async () => {
    await page.getByRole("button", { name: "Kill the room" }).click();
    await page.getByText(/Built anew from the journal, and everybody back, in \d+ ms/).waitFor();
    await bea.say("Still here");
    await ada.shows("Still here");
    await page
      .getByTestId("in-step")
      .filter({ hasText: /version \d+/ })
      .waitFor();
    assert.equal(await ada.version(), await bea.version());
    const journal = page.getByRole("region", { name: "The journal" });
    await journal
      .getByText(/Bea wrote/)
      .first()
      .waitFor();
    assert.doesNotMatch((await journal.textContent()) ?? "", /Still here/);
  });

  it("[WB10] a search marks what it found, and leads to where it was said", async () => {
    await bea.root.getByRole("button", { name: "Search the conversation" }).click();
    await bea.root.getByRole("searchbox").fill("blue door");
    const hit = bea.root.locator(".hits button");
    await hit.first().waitFor();
    assert.deepEqual(await hit.locator("mark").allTextContents(), ["blue", "door"]);
    await keepPicture(page, "search");
    await hit.first().click();
    await bea.root.locator('.said[data-flash="true"]', { hasText: "The one with the blue door?" }).waitFor();
    await bea.root.getByRole("button", { name: "To the newest message" }).click();
    await bea.root.getByRole("button", { name: "To the newest message" }).waitFor({ state: "detached" });
  });

  it("[WB11] a second device shows the same, and what it says is on all", async () => {
    await ada.press("Second device");
    const tablet = await new PhoneScreen(page, "left-2").isThere();
    await tablet.say("from the tablet");
    for (const phone of [ada, bea]) await phone.shows("from the tablet");
    await bea.root.getByText("online on 2 devices").waitFor();
    await keepPicture(page, "second-device");
    await ada.press("Two devices");
    await tablet.root.waitFor({ state: "detached" });
  });

  it("[WB13] a phone that was put away reads nothing, and says that something came and none of the words", async () => {
    await bea.press("In the hand");
    await ada.root.getByText("away", { exact: true }).waitFor();
    await ada.say("a secret", "and another");
    const lock = bea.root.locator(".lock");
    await lock.getByText("sent you 2 messages").waitFor();
    assert.doesNotMatch((await lock.textContent()) ?? "", /secret|another/);
    await ada.shows("and another", "delivered");
    await keepPicture(page, "put-away");
    await bea.press("In the pocket");
    await ada.shows("and another", "read");
  });

  it("[WB13] so does every phone of a window that is hidden", async () => {
    const hide = (state: string) =>
      page.evaluate(`Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"))`);
    await hide("hidden");
    await ada.root.getByText("away", { exact: true }).waitFor();
    await ada.say("nobody looks");
    await ada.shows("nobody looks", "delivered");
    await hide("visible");
    await ada.shows("nobody looks", "read");
    await ada.root.getByText("online", { exact: true }).waitFor();
  });

  it("[WB2] has asked nobody else for anything, and nothing was refused or went wrong meanwhile", () => {
    assert.deepEqual(browser.complaints, []);
  });
});
