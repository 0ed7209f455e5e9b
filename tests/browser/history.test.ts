import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { keepPicture, PhoneScreen, TestBrowser } from "../support/browser.ts";
import { lookedAfter } from "../support/looked-after.ts";
import { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

const MANY = 500;

/** What somebody might write to run something, or to be taken for something else. */
const NASTY = [
  `<img src=x onerror="document.title='pwned'">`,
  `<script>document.title='pwned'</script>`,
  `<a href="javascript:document.title='pwned'">press me</a>`,
  "javascript:alert(1)",
  `"><svg onload=alert(1)>`,
  "{{constructor.constructor('alert(1)')()}}",
  "https://example.org/?a=<b>bold</b>",
] as const;

describe("a long history in a browser", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;
  let page: Page;
  let token: string;
  let ada: PhoneScreen;
  let bea: PhoneScreen;

  const call = async (path: string, body: object, token?: string) => {
    const answer = await server.call("POST", `/api/v1${path}`, token, body);
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
    return answer.body;
  };

  before(async () => {
    server = await TestServer.create();
    await server.start();
    const { body } = await server.call("POST", "/dev/twins");
    const [twin] = body.twins;
    const { tokens } = await call("/auth/login", { email: twin.email, password: twin.password });
    token = tokens.accessToken;
    for (let n = 1; n <= MANY; n++)
      await call("/messages", { text: `number ${n}`, clientMessageId: `many-${n}-b1f7c09e` }, token);
    browser = await TestBrowser.open();
    page = await browser.page(server.url);
    ada = await new PhoneScreen(page, "left-1").isThere();
    bea = await new PhoneScreen(page, "right-1").isThere();
  });
  afterEach(lookedAfter(() => browser));
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  const numbers = async (phone: PhoneScreen) =>
    (await phone.texts()).filter((text) => text.startsWith("number ")).map((text) => Number(text.slice(7)));

  it(`[WB8] opens at its end, with the newest of ${MANY} messages`, async () => {
    await ada.shows(`number ${MANY}`);
    assert.ok((await numbers(ada)).length < MANY / 2, "and not with all of them");
  });

  it("[WB8] is scrolled to its very beginning, each message once and in order", async () => {
    const list = ada.root.getByRole("log");
    const beginning = ada.root.getByText("This is where it begins.");
    const until = Date.now() + 30_000;
    while (!(await beginning.isVisible()) && Date.now() < until) {
      await list.hover();
      await page.mouse.wheel(0, -4000);
    }
    await beginning.waitFor();
    await ada.shows("Are you awake?");
    assert.deepEqual(
      await numbers(ada),
      Array.from({ length: MANY }, (_, n) => n + 1),
    );
    await keepPicture(page, "beginning");
  });

  it("[WB8] whoever reads far up stays there when something is said, and is told that there is more", async () => {
    const first = ada.message("Are you awake?");
    await first.scrollIntoViewIfNeeded();
    const before = await first.boundingBox();
    await bea.say("down here");
    await ada.message("down here").waitFor({ state: "attached" });
    assert.deepEqual(await first.boundingBox(), before);
    await ada.root.getByRole("button", { name: "To the newest message" }).click();
    await ada.root.getByRole("button", { name: "To the newest message" }).waitFor({ state: "detached" });
    await bea.shows("down here", "read");
  });

  it("[WB10] a search leads to a message that was not loaded yet", async () => {
    await bea.root.getByRole("button", { name: "Search the conversation" }).click();
    await bea.root.getByRole("searchbox").fill(`"number 7"`);
    await bea.root.locator(".hits button").first().click();
    await bea.root.locator('.said[data-flash="true"]', { hasText: /^number 7\b/ }).waitFor();
    await bea.root.getByRole("button", { name: "To the newest message" }).click();
  });

  it("[WB9] what somebody writes is shown letter by letter, and runs nothing", async () => {
    await ada.say(...NASTY);
    await bea.shows(NASTY.at(-1) ?? "");
    await bea.showsJust(NASTY, (text) => NASTY.some((nasty) => nasty === text));
    assert.equal(await page.locator(".text :not(br)").count(), 0, "no text holds an element");
    assert.equal(await page.locator('.phone a, .phone img, .phone script, [href^="javascript"]').count(), 0);
    assert.match(await page.title(), /^Twinship/);
  });

  it("[WB9] a name, a quote and a search show letters too", async () => {
    await bea.act(NASTY[0], "Reply");
    await bea.say("what is this?");
    assert.ok((await (await ada.shows("what is this?")).locator(".quote").textContent())?.includes(NASTY[0]));
    await ada.root.getByRole("button", { name: "Search the conversation" }).click();
    await ada.root.getByRole("searchbox").fill("pwned script");
    const hit = ada.root.locator(".hits button span[dir]");
    await hit.first().waitFor();
    assert.deepEqual(await hit.allTextContents(), [NASTY[1]]);
    assert.match(await page.title(), /^Twinship/);
    await ada.root.getByRole("button", { name: "Done" }).click();

    const name = `<b onclick="x">Ada‮</b>`;
    const { status } = await server.call("PATCH", "/api/v1/users/profile", token, { name });
    assert.equal(status, 200);
    await bea.root.locator(".who h3").getByText(`<b onclick="x">Ada⟨RLO⟩</b>`, { exact: true }).waitFor();
  });

  it("[WB9] marks that turn the direction of what follows are named instead of obeyed", async () => {
    await ada.say("invoice\u202efdp.exe", "\u2066left\u2069");
    await bea.shows("invoice⟨RLO⟩fdp.exe");
    await bea.shows("⟨LRI⟩left⟨PDI⟩");
    await ada.say("שלום עולם");
    const hebrew = await bea.shows("שלום עולם");
    await hebrew.locator(".text:dir(rtl)").waitFor();
    await keepPicture(page, "letters");
  });

  it("[WB2] nothing was refused or went wrong meanwhile", () => {
    assert.deepEqual(browser.complaints, []);
  });
});
