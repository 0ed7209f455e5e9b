import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, OpenPhones, type PhoneScreen, type TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/embedded.ts";
import { lookedAfter } from "../support/looked-after.ts";
import type { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

interface Said {
  readonly kind: string;
  readonly words?: string;
  readonly strength?: number;
}

/** As they are offered, and as the twin hears them. */
const KINDS = [
  ["I think of you", "thinks of you"],
  ["I feel something", "feels something"],
  ["I had a thought", "had a thought"],
  ["I did something", "did something"],
  ["I am happy", "is happy, and wants you to know"],
  ["I need you", "needs you"],
  ["We are in step", "feels in step with you"],
  ["How are you?", "asks how you are"],
] as const;

describe("what two twins have beside their words, in a browser", function () {
  this.timeout(PATIENCE_MS);
  let phones: OpenPhones;
  let server: TestServer;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    // What moves in is pale for a moment, to axe as well.
    phones = await OpenPhones.open({ reducedMotion: "reduce" });
    ({ server, browser, page, ada, bea } = phones);
  });
  afterEach(lookedAfter(() => phones));
  after(() => phones?.close());

  const sheet = (phone: PhoneScreen) => phone.root.getByRole("dialog", { name: "The two of you" });
  const within = (phone: PhoneScreen, name: string) => sheet(phone).getByRole("button", { name, exact: true });

  type Part = "What you feel" | "Tell Bea" | "Tell Ada" | "The questions";

  async function open(phone: PhoneScreen, part: Part = "What you feel") {
    await phone.root.getByRole("button", { name: "The two of you" }).click();
    await within(phone, part).click();
  }

  async function pressWith(phone: PhoneScreen, word: string) {
    await open(phone);
    await sheet(phone).getByRole("textbox").fill(word);
    await within(phone, "I feel my twin now").click();
    await sheet(phone).waitFor({ state: "detached" });
  }

  it("[WB18] a word is sealed with a press, and shown on both once they have met; moments are counted", async () => {
    await open(ada);
    const before = Number(await sheet(ada).getByTestId("moments-total").textContent());
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "us-felt");
    await within(ada, "Done").click();
    await pressWith(ada, "warm");
    await pressWith(bea, "calm");
    for (const phone of [ada, bea]) {
      const moment = phone.root.getByTestId("moment");
      await moment.getByText(/confidence \d+ %/).waitFor();
      const words = (await moment.textContent()) ?? "";
      for (const word of ["warm", "calm"]) assert.ok(words.includes(word), `${words} has ${word}`);
      await moment.click();
      await moment.waitFor({ state: "detached" });
    }
    await open(bea);
    await sheet(bea)
      .getByTestId("moments-total")
      .getByText(String(before + 1), { exact: true })
      .waitFor();
    await page.keyboard.press("Escape");
    await sheet(bea).waitFor({ state: "detached" });
  });

  /** Says it as well as one can with a finger. */
  async function tell(phone: PhoneScreen, twin: "Ada" | "Bea", said: Said) {
    const { kind, words = "", strength } = said;
    const panel = sheet(phone).getByRole("region", { name: `Tell ${twin}` });
    await panel.getByText(kind, { exact: true }).click();
    await panel.getByRole("textbox").fill(words);
    if (strength !== undefined) await panel.getByRole("radio", { name: `${strength} of 10` }).press(" ");
    await panel.getByRole("button", { name: `Tell ${twin}`, exact: true }).click();
    await panel.getByTestId("told").locator("li").first().getByText(`You: ${kind}`).waitFor();
  }

  it("[WB18] an alert is on the twin's phone at once, and stays until it was looked at", async () => {
    await open(ada, "Tell Bea");
    await tell(ada, "Bea", { kind: "I think of you" });
    const told = bea.root.getByTestId("alert");
    await told.getByText("Ada thinks of you").waitFor();
    await page.getByText("Ada sent an alert").first().waitFor();
    assert.equal(await ada.root.getByTestId("alert").count(), 0);
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "alert");
    await page.reload();
    await told.getByText("Ada thinks of you").waitFor();
    await told.getByRole("button", { name: "Seen" }).click();
    await told.waitFor({ state: "detached" });
  });

  it("[WB23] alerts of every kind are told, with words and how strong it is if one likes, and shown as what they are", async () => {
    await open(ada, "Tell Bea");
    for (const [kind, heard] of KINDS) {
      const words = `about ${kind.toLowerCase()} <b>`;
      await tell(ada, "Bea", { kind, words, strength: 7 });
      const note = bea.root.getByTestId("alert");
      await note.getByText(`Ada ${heard}`, { exact: true }).waitFor();
      await note.getByText(words, { exact: true }).waitFor();
      await note.getByRole("img", { name: "7 of 10" }).waitFor();
    }
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "tell");
  });

  /** Until Ada's list shows that, however often she has to open it. */
  async function seesInList(isSo: () => Promise<boolean>) {
    await eventually(async () => {
      await within(ada, "The questions").click();
      await within(ada, "Tell Bea").first().click();
      await sheet(ada).getByTestId("told").locator("li").first().waitFor();
      return isSo();
    });
  }

  it("[WB23] the list has all of them with their kinds; who opens it has seen them, and the other learns that", async () => {
    const mine = sheet(ada).getByTestId("told").locator("li");
    assert.equal(await mine.getByText("not seen yet").count(), KINDS.length);
    await bea.root
      .getByTestId("alert")
      .getByRole("button", { name: `All ${KINDS.length}` })
      .click();
    await bea.root.getByTestId("alert").waitFor({ state: "detached" });
    const list = sheet(bea).getByTestId("told").locator("li");
    await list.nth(KINDS.length).waitFor();
    const heard = await list.locator("b").allTextContents();
    const wanted = [...KINDS].reverse().map(([, words]) => `Ada ${words}`);
    assert.deepEqual(heard.slice(0, KINDS.length), wanted);
    await keepPicture(page, "told");
    await within(bea, "Done").click();
    await seesInList(async () => (await mine.getByText("not seen yet").count()) === 0);
    assert.ok((await mine.getByText(/, seen /).count()) > KINDS.length);
    await within(ada, "Done").click();
  });

  it("[WB23] is told by keyboard alone; the strength can be left out again, and what is too long does not fit", async () => {
    await open(ada, "Tell Bea");
    const panel = sheet(ada).getByRole("region", { name: "Tell Bea" });
    await panel.getByRole("radio", { name: "I think of you" }).focus();
    for (const key of ["ArrowDown", "ArrowDown", "Tab"]) await page.keyboard.press(key);
    await page.keyboard.insertText("x".repeat(250));
    assert.equal((await panel.getByRole("textbox").inputValue()).length, 200);
    for (const key of ["Tab", " ", "ArrowRight"]) await page.keyboard.press(key);
    await panel.getByText("2 of 10", { exact: true }).first().waitFor();
    for (const key of ["Tab", "Enter", "Tab", "Enter"]) await page.keyboard.press(key);
    const note = bea.root.getByTestId("alert");
    await note.getByText("Ada had a thought").waitFor();
    assert.equal(await note.getByRole("img").count(), 0);
    await page.waitForFunction(() => document.activeElement?.textContent === "Told until now");
    await note.getByRole("button", { name: "Seen" }).click();
    await within(ada, "Done").click();
  });

  it("[WB23] an alert that meets the twin's is a moment on both, and stands with it in one list", async () => {
    await open(bea, "Tell Ada");
    const panel = sheet(bea).getByRole("region", { name: "Tell Ada" });
    await panel.getByText("I feel something", { exact: true }).click();
    await panel.getByRole("button", { name: "Tell Ada", exact: true }).click();
    for (const phone of [ada, bea]) {
      await phone.root.getByTestId("moment").click();
      await phone.root.getByTestId("moment").waitFor({ state: "detached" });
    }
    assert.equal(await sheet(bea).count(), 0);
    await ada.root.getByTestId("alert").getByText("Bea feels something").waitFor();
    await ada.root.getByTestId("alert").getByRole("button", { name: "Seen" }).click();
    await open(bea, "Tell Ada");
    const list = sheet(bea).getByTestId("told").locator("b");
    await list.first().getByText("You: I feel something").waitFor();
    assert.match((await list.nth(1).textContent()) ?? "", /^Ada /);
    await within(bea, "Done").click();
  });

  it("[WB23] a phone that was put away says that there was an alert, not what, and has seen nothing", async () => {
    await open(bea, "Tell Ada");
    await bea.press("In the hand");
    await open(ada, "Tell Bea");
    await tell(ada, "Bea", { kind: "I need you", words: "only for Bea" });
    await bea.root.locator(".lock").getByText("wants you to know something").waitFor();
    assert.equal(await bea.root.locator(".lock").getByText("only for Bea").count(), 0);
    const newest = sheet(ada).getByTestId("told").locator("li").first();
    const isSeen = async () => !((await newest.textContent()) ?? "").endsWith("not seen yet");
    await seesInList(async () => !(await isSeen()));
    await bea.press("In the pocket");
    await sheet(bea).getByTestId("told").getByText("only for Bea").waitFor();
    await bea.root.getByTestId("alert").waitFor({ state: "detached" });
    await seesInList(isSeen);
    await within(ada, "Done").click();
    await within(bea, "Done").click();
  });

  it("[WB19] questions are answered by keyboard, one at a time, and the twin sees how far, not what", async () => {
    await open(ada, "The questions");
    await within(ada, "Begin").click();
    const sentence = sheet(ada).getByTestId("sentence");
    await sentence.waitFor();
    const first = await sentence.textContent();
    await page.keyboard.press("6");
    await sheet(ada).getByText("1 of 150 answered").waitFor();
    assert.notEqual(await sentence.textContent(), first);
    await page.keyboard.press("2");
    await within(ada, "Back").click();
    await sheet(ada).locator(".scale button[aria-pressed=true]").getByText("2", { exact: true }).waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "questions");
    await bea.root.getByRole("img", { name: "2 of 150 questions answered" }).waitFor();
  });

  it("[WB19] answers given without a network are sent when it is back", async () => {
    await within(ada, "Done").click();
    await ada.press("Online");
    await open(ada, "The questions");
    await sheet(ada).getByText("This needs a connection.").waitFor();
    await within(ada, "Done").click();
    await ada.press("Offline");
    await ada.isThere();
    await open(ada, "The questions");
    await sheet(ada).getByTestId("sentence").waitFor();
    await ada.press("Online");
    await sheet(ada).getByRole("button", { name: "7, ", exact: false }).click();
    await sheet(ada).getByText("1 not sent yet").waitFor();
    await ada.press("Offline");
    await bea.root.getByRole("img", { name: "3 of 150 questions answered" }).waitFor();
  });

  it("[WB20] who only tries it out has 105 answered; results are one's own, and compared once both agree", async () => {
    await within(ada, "Answer 105 for me").click();
    await within(ada, "See what comes of it").click();
    await sheet(ada).getByTestId("results").waitFor();
    await sheet(ada).getByRole("checkbox").check();
    await sheet(ada).getByText("Your twin has not agreed").waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "results");

    await open(bea, "The questions");
    await within(bea, "Begin").click();
    await within(bea, "Answer 105 for me").click();
    await within(bea, "See what comes of it").click();
    await sheet(bea).getByRole("checkbox").check();
    await sheet(bea).getByTestId("compatibility").waitFor();
    await within(ada, "Look again").click();
    await sheet(ada).getByTestId("compatibility").waitFor();
    const alike = (phone: PhoneScreen) => sheet(phone).getByTestId("compatibility").textContent();
    assert.equal(await alike(ada), await alike(bea));
  });

  it("[WB20] premium from the store opens the parts and the report while one looks, and for that twin alone", async () => {
    const link = sheet(ada).getByRole("link", { name: "Switch it on in the store" });
    const userId = new URL((await link.getAttribute("href")) ?? "", server.url).searchParams.get("user") ?? "";
    const order = new URLSearchParams({ userId, deed: "buy", productId: "twinship_monthly" });
    const bought = await fetch(`${server.url}/dev/store`, { method: "POST", body: order, redirect: "manual" });
    assert.equal(bought.status, 303);
    await sheet(ada).getByTestId("subscales").waitFor();
    await sheet(ada).getByTestId("subscales").locator("summary").click();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "results-premium");
    assert.equal(await sheet(bea).getByTestId("subscales").count(), 0);
    const [report] = await Promise.all([page.waitForEvent("download"), within(ada, "The report (PDF)").click()]);
    assert.equal(report.suggestedFilename(), "twinship-assessment.pdf");
    assert.equal(await report.failure(), null);
    assert.deepEqual(browser.complaints, []);
  });
});
