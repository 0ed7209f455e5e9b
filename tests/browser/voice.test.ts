import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { gravest } from "../support/axe.ts";
import { keepPicture, OpenPhones, PhoneScreen, type TestBrowser } from "../support/browser.ts";
import { MICROPHONE } from "../support/chromium.ts";
import { lookedAfter } from "../support/looked-after.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

const RECORD = "Record a voice message";
const DISCARD = "Discard the recording";
const LISTEN = "Listen to the recording";
const SEND = "Send the recording to Bea";

const refusing = (name: string) =>
  `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "${name}"))`;
const NONE = refusing("NotFoundError");
const TAKEN = refusing("NotReadableError");
const PLAIN = 'Object.defineProperty(navigator, "mediaDevices", { value: undefined })';
const OLD = "delete window.MediaRecorder";

const KEEP_STREAM = `{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => (window.stream = await open(wish));
}`;

describe("a voice message in a browser", function () {
  this.timeout(PATIENCE_MS);
  let phones: OpenPhones;
  let browser: TestBrowser;
  let page: Page;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  before(async () => {
    phones = await OpenPhones.open({ permissions: ["microphone"] }, [MICROPHONE]);
    ({ browser, page, ada, bea } = phones);
  });
  afterEach(lookedAfter(() => phones));
  after(() => phones?.close());

  const button = (name: string, phone = ada) => phone.root.getByRole("button", { name, exact: true });
  const recorder = () => ada.root.getByTestId("recorder");
  const voices = (phone: PhoneScreen) => phone.root.getByTestId("voice");
  const focused = () => page.evaluate("document.activeElement?.getAttribute('aria-label')");

  /** Until there are so many seconds of it, at least. */
  const lasts = (seconds: number) =>
    recorder()
      .getByRole("timer")
      .getByText(new RegExp(`^0:(?:0[${seconds}-9]|[1-5]\\d)$`))
      .waitFor();

  async function record() {
    await button(RECORD).click();
    await lasts(1);
  }

  async function hasSent(count: number) {
    for (const phone of [ada, bea])
      await voices(phone)
        .nth(count - 1)
        .waitFor();
    assert.deepEqual([await voices(ada).count(), await voices(bea).count()], [count, count]);
  }

  it("[WB21] is recorded with its time and how loud it is, and the twin sees that one records", async () => {
    await button(RECORD).click();
    await bea.root.getByText("recording …").waitFor();
    await recorder().locator('[data-testid=level]:not([data-level="0"])').waitFor({ state: "attached" });
    await lasts(2);
    await ada.root.getByRole("status").getByText("Recording", { exact: true }).waitFor({ state: "attached" });
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "voice-recording");
  });

  it("[WB21] can be heard before it is sent, and is on both phones with its wave and length", async () => {
    await button("Stop, and listen first").click();
    await bea.root.getByText("online", { exact: true }).waitFor();
    assert.equal(await voices(bea).count(), 0);
    await button(LISTEN).click();
    await button("Stop playing").waitFor();
    await button(LISTEN).waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "voice-held");
    await button(SEND).click();
    await hasSent(1);
    for (const phone of [ada, bea]) {
      await voices(phone).locator(".wave path:not(.heard)[d^=M]").waitFor({ state: "attached" });
      const length = (await voices(phone).locator(".lasting").textContent()) ?? "";
      assert.match(length, /^0:(?:0[2-9]|[1-5]\d)$/);
    }
    await recorder().waitFor({ state: "detached" });
  });

  it("[WB21] plays on either phone, one at a time, from where one points", async () => {
    const plays = (phone: PhoneScreen) => phone.root.locator('.voice[data-on="true"]');
    await button("Play the voice message from Ada", bea).click();
    await plays(bea).locator(".heard[d^=M]").waitFor({ state: "attached" });
    await button("Play the voice message from you").click();
    await plays(ada).waitFor();
    await plays(bea).waitFor({ state: "detached" });
    await button("Pause").click();
    await plays(ada).waitFor({ state: "detached" });
    const way = voices(bea).getByRole("slider", { name: "Where in the voice message" });
    await way.press("End");
    const place = (await way.getAttribute("aria-valuetext")) ?? "";
    const [at, whole] = place.split(" of ");
    assert.equal(at, whole);
    await way.press("Home");
    assert.match((await way.getAttribute("aria-valuetext")) ?? "", /^0:00 of 0:(?:0[2-9]|[1-5]\d)$/);
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "voice");
  });

  it("[WB21] is made by keyboard alone: begun, thrown away, begun again and sent", async () => {
    await ada.composer.focus();
    await button(RECORD).focus();
    await page.keyboard.press("Enter");
    await lasts(1);
    assert.equal(await focused(), SEND);
    await page.keyboard.press("Escape");
    await recorder().waitFor({ state: "detached" });
    assert.equal(await focused(), RECORD);
    await page.keyboard.press("Enter");
    await lasts(1);
    await page.keyboard.press("Enter");
    await hasSent(2);
  });

  it("[WB21] answers a message as words would, and is none where there are words", async () => {
    await ada.act("Wednesday! Breakfast at nine?", "Reply");
    const play = ada.root.getByRole("button", { name: "Play the voice message from you" }).first();
    await play.click();
    await record();
    // What plays would be heard in it.
    assert.equal(await ada.root.locator('.voice[data-on="true"]').count(), 0);
    await button(SEND).click();
    await hasSent(3);
    const reply = bea.root.locator(".said", { has: page.getByTestId("voice") }).last();
    await reply.locator(".quote", { hasText: "Breakfast at nine?" }).waitFor();
    await ada.composer.fill("words");
    assert.equal(await button(RECORD).count(), 0);
    // The second of two clicks records nothing.
    await button("Send").dblclick();
    await bea.shows("words");
    assert.equal(await recorder().count(), 0);
  });

  it("[WB22] what is thrown away on its way to the server is never sent", async () => {
    const announced = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await page.route("**/api/v1/media", async (route) => {
      announced.resolve();
      await goOn.promise;
      await route.continue();
    });
    await record();
    await button(SEND).click();
    await announced.promise;
    await button(DISCARD).click();
    await button(RECORD).waitFor();
    const completed = page.waitForResponse(/\/media\/[^/]+\/complete$/);
    goOn.resolve();
    await (await completed).finished();
    await page.unroute("**/api/v1/media");
    await ada.say("after it");
    await bea.shows("after it");
    await hasSent(3);
  });

  it("[WB22] stops before three minutes are over, and waits to be sent", async () => {
    await page.clock.install();
    await record();
    await page.clock.fastForward(170_000);
    await recorder().locator(".lasting[data-last=true]").waitFor();
    await page.clock.fastForward(10_000);
    await ada.root.getByText("Three minutes are the longest there is.").first().waitFor();
    assert.equal(await recorder().getAttribute("data-is"), "held");
    await button(DISCARD).click();
    await recorder().waitFor({ state: "detached" });
    await hasSent(3);
  });

  it("[WB22] stops when the phone is put away, and lets go of the microphone", async () => {
    await page.reload();
    await ada.isThere();
    await page.evaluate(KEEP_STREAM);
    await record();
    const states = () => page.evaluate("stream.getTracks().map((track) => track.readyState).join()");
    assert.equal(await states(), "live");
    await ada.press("In the hand");
    await ada.press("In the pocket");
    await button(LISTEN).waitFor();
    assert.equal(await states(), "ended");
    await button(DISCARD).click();
    await button(RECORD).waitFor();
  });

  it("[WB22] without a network it is kept, and sent when somebody says so again", async () => {
    await record();
    await ada.press("Online");
    await button(SEND).click();
    // By itself the phone tries for a while.
    await ada.root
      .getByText("It did not get there: try again.")
      .first()
      .waitFor({ timeout: PATIENCE_MS / 2 });
    await ada.press("Offline");
    await ada.isThere();
    await button(SEND).click();
    await hasSent(4);
    assert.deepEqual(browser.complaints, []);
  });

  it("[WB22] what was recorded is kept when the microphone is taken away, and the person is told", async () => {
    await record();
    await page.context().clearPermissions();
    await ada.root.getByText("The microphone is gone. This was recorded until then.").first().waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "voice-lost");
    await button(SEND).click();
    await hasSent(5);
  });

  it("[WB21] on a small screen one touches it to play, and who wants no motion sees how loud it is without any", async () => {
    const small = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const calm = { colorScheme: "dark", reducedMotion: "reduce" } as const;
    const other = await browser.page(phones.server.url, { ...small, ...calm, permissions: ["microphone"] });
    const one = await new PhoneScreen(other, "left-1").isThere();
    await button(RECORD, one).tap();
    const level = one.root.getByTestId("level");
    await level.and(other.locator(':not([data-level="0"])')).waitFor({ state: "attached" });
    assert.deepEqual([await level.locator("svg").isVisible(), await level.locator("i").isVisible()], [false, true]);
    const endless = "document.getAnimations().filter((one) => one.effect.getTiming().iterations === Infinity).length";
    assert.equal(await other.evaluate(endless), 0);
    assert.deepEqual(await gravest(other), []);
    await keepPicture(other, "voice-small");
    await button(SEND, one).tap();
    await voices(one).nth(5).waitFor();
    await voices(one).nth(5).getByRole("button", { name: "Play the voice message from you" }).tap();
    await one.root.locator('.voice[data-on="true"]').waitFor();
    assert.equal(await one.root.getByRole("dialog").count(), 0);
    assert.deepEqual(await gravest(other), []);
    await other.context().close();
    await page.bringToFront();
  });

  it("[WB22] a microphone that is not allowed is said in words, and asked for again when somebody wishes", async () => {
    await button(RECORD).click();
    const why = ada.root.getByRole("alert").getByText("The microphone is not allowed here.");
    await why.waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "voice-denied");
    await button("All right").click();
    await why.waitFor({ state: "detached" });
    await ada.say("in words, then");
    await bea.shows("in words, then");
    await page.context().grantPermissions(["microphone"]);
    await record();
    await button(DISCARD).click();
  });

  for (const [missing, script, words] of [
    ["there is none", NONE, "There is no microphone on this device."],
    ["something else has it", TAKEN, "The microphone is taken by something else."],
    ["the page came by plain http", PLAIN, "A page may listen by way of https only."],
    ["the browser cannot record", OLD, "This browser cannot record."],
  ] as const)
    it(`[WB22] it is said in words when ${missing}`, async () => {
      const other = await browser.page("about:blank", { permissions: ["microphone"] });
      await other.addInitScript({ content: script });
      await other.goto(phones.server.url);
      const one = await new PhoneScreen(other, "left-1").isThere();
      await button(RECORD, one).click();
      await one.root.getByRole("alert").getByText(words).waitFor();
      await other.context().close();
    });
});
