import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { CHROMIUM_FLAGS, chromiumPath } from "./chromium.ts";
import { eventually } from "./embedded.ts";
import { TestServer } from "./server.ts";

/** Where what was seen is kept for whoever wants to look. */
export const SCREENSHOTS = process.env["SCREENSHOTS"] ?? join(tmpdir(), "twinship-screenshots");

const PATIENCE_MS = 30_000;

/** A real browser, and what its pages complained about. */
export class TestBrowser {
  readonly #browser: Browser;
  /** Errors, refusals of the policy, and requests that went elsewhere. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** With flags of its own, if it is to have a microphone. */
  static async open(flags: readonly string[] = []): Promise<TestBrowser> {
    const executablePath = chromiumPath();
    assert.ok(executablePath, "a browser is there: apt-get install chromium");
    return new TestBrowser(await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS, ...flags] }));
  }

  /** A page of a browser's own: its storage is nobody else's. */
  async page(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: "light",
      locale: "en-GB",
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (said) => {
      // A server that is gone, a network that was cut, or a refusal that the page deals with: the browser tells by itself.
      const isAboutNetwork = /net::ERR_|WebSocket connection|Failed to load resource|Network offline/.test(said.text());
      if (["error", "warning"].includes(said.type()) && !isAboutNetwork) this.complaints.push(said.text());
    });
    page.on("request", (request) => {
      // A copy that the page holds comes from nowhere.
      const isOfPage = request.url().startsWith("data:") || request.url().startsWith("blob:");
      if (!request.url().startsWith(new URL(url).origin) && !isOfPage) this.complaints.push(`asked ${request.url()}`);
    });
    await page.goto(url);
    return page;
  }

  /** Of each page that is open. */
  async pictures(name: string): Promise<string[]> {
    const pages = this.#browser.contexts().flatMap((context) => context.pages());
    return Promise.all(pages.map((page, number) => keepPicture(page, `${name}-${number + 1}`)));
  }

  async recover(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.setOffline(false);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** Returns where it is. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** One phone of a page, as whoever holds it sees it. */
export class PhoneScreen {
  readonly page: Page;
  readonly root: Locator;

  constructor(page: Page, id: "left-1" | "left-2" | "right-1" | "right-2") {
    this.page = page;
    this.root = page.getByTestId(id);
  }

  /** Until it shows the conversation, connected. */
  async isThere(): Promise<this> {
    await this.root.locator(".said").first().waitFor();
    await this.root.locator('.dot[data-status="live"]').waitFor();
    return this;
  }

  get composer(): Locator {
    return this.root.locator("textarea");
  }

  async say(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await this.composer.fill(text);
      await this.composer.press("Enter");
    }
  }

  /** The message with exactly these words. */
  message(words: string): Locator {
    return this.root.locator(".said", { has: this.page.locator(`.bubble > .text:text-is(${JSON.stringify(words)})`) });
  }

  /** Until it shows that message, as far along as that. */
  async shows(words: string, tick?: "waiting" | "sent" | "delivered" | "read"): Promise<Locator> {
    const message = this.message(words);
    await (tick ? message.and(this.page.locator(`[data-tick="${tick}"]`)) : message).first().waitFor();
    return message;
  }

  /** Opens what can be done with a message, and does it. */
  async act(words: string, label: string): Promise<void> {
    await this.message(words).hover();
    await this.message(words).locator(".more").click();
    await this.root.getByRole("dialog").getByRole("button", { name: label, exact: true }).click();
  }

  /** What can be read, in order, deleted ones and all. */
  texts(): Promise<string[]> {
    return this.root.locator(".bubble > .text").allTextContents();
  }

  async version(): Promise<number> {
    return Number(await this.root.getByTestId("version").textContent());
  }

  async press(label: string | RegExp): Promise<void> {
    await this.root.locator(".switches").getByRole("button", { name: label }).click();
  }

  /** Until all that was done on it is done: what a phone shows at once may still be on its way. */
  async hasSentAll(): Promise<void> {
    await this.root.getByTestId("outbox").waitFor({ state: "detached" });
  }

  /** Until it shows just these, of those that fit, in that order. */
  async showsJust(texts: readonly string[], fits: (text: string) => boolean): Promise<void> {
    let seen: string[] = [];
    const isSo = async () => {
      seen = (await this.texts()).filter(fits);
      return seen.join("\n") === texts.join("\n");
    };
    await eventually(isSo, PATIENCE_MS).catch(() => assert.deepEqual(seen, texts));
  }
}

/** A server of its own with the page open on it, and the phones of the two sample twins. */
export class OpenPhones {
  readonly server: TestServer;
  readonly browser: TestBrowser;
  readonly page: Page;
  readonly ada: PhoneScreen;
  readonly bea: PhoneScreen;

  private constructor(server: TestServer, browser: TestBrowser, page: Page) {
    this.server = server;
    this.browser = browser;
    this.page = page;
    this.ada = new PhoneScreen(page, "left-1");
    this.bea = new PhoneScreen(page, "right-1");
  }

  static async open(options: BrowserContextOptions = {}, flags: readonly string[] = []): Promise<OpenPhones> {
    // Two presses of one test meet also where half a minute lies between them.
    const server = await TestServer.create({ TWINTUITION_WINDOW_SECONDS: "120" });
    await server.start();
    const browser = await TestBrowser.open(flags);
    const phones = new OpenPhones(server, browser, await browser.page(server.url, options));
    await phones.ada.isThere();
    await phones.bea.isThere();
    return phones;
  }

  pictures(name: string): Promise<string[]> {
    return this.browser.pictures(name);
  }

  /** A page that is loaded anew has its phones plugged in, and nothing open on them. */
  async recover(): Promise<void> {
    await this.browser.recover();
    if (!this.server.isRunning) await this.server.start();
    await this.page.reload();
    await Promise.all([this.ada.isThere(), this.bea.isThere()]);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.remove();
  }
}
