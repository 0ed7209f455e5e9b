import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { gravest } from "../support/axe.ts";
import { keepPicture, TestBrowser } from "../support/browser.ts";
import type { PairedUp } from "../support/entrance.ts";
import { lookedAfter } from "../support/looked-after.ts";
import { MediaPhone } from "../support/media-phone.ts";
import { TestServer } from "../support/server.ts";

/** A browser on a machine that is busy with other tests. */
const PATIENCE_MS = 180_000;

const COMMAND = join(import.meta.dirname, "../../server/staff.ts");

const PASSWORD = "Correct-horse-1";

const SMALL: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

interface Colleague {
  readonly email: string;
  readonly uri: string;
}

describe("the staff's page in a browser", function () {
  this.timeout(PATIENCE_MS);
  let server: TestServer;
  let browser: TestBrowser;
  let admin: Colleague;
  let twins: PairedUp;

  before(async () => {
    server = await TestServer.create();
    await server.start();
    browser = await TestBrowser.open();
    admin = await colleague("admin");
    twins = await server.pairUp();
  });
  afterEach(lookedAfter(() => browser));
  after(async () => {
    await browser?.close();
    await server?.remove();
  });

  async function command(...asked: readonly string[]): Promise<string> {
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, DATA_DIR: server.dataDir };
    return (await promisify(execFile)(process.execPath, [COMMAND, ...asked], { env })).stdout;
  }

  async function colleague(role: string): Promise<Colleague> {
    const { email } = await server.signUp("Cleo");
    await command("grant", role, email);
    const [uri = ""] = /otpauth:\S+/.exec(await command("enrol", email)) ?? [];
    return { email, uri };
  }

  /** A code that nobody used: a step on, where the last one is spent. */
  let used = 0;
  async function freshCode(uri: string): Promise<string> {
    const { URI } = await import("otpauth");
    const totp = URI.parse(uri);
    assert.ok("period" in totp);
    // That of now, and not the one before, which a slow machine would tell too late.
    const step = Math.max(totp.counter(), used + 1);
    used = step;
    return totp.generate({ timestamp: step * 30_000 });
  }

  async function signIn(page: Page, { email }: Colleague, code: string): Promise<void> {
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByLabel("Code of your authenticator").fill(code);
    await page.keyboard.press("Enter");
  }

  async function signedIn(options: BrowserContextOptions = {}): Promise<Page> {
    // Each has an authenticator of their own, for a code opens once.
    const [uri = ""] = /otpauth:\S+/.exec(await command("enrol", admin.email)) ?? [];
    const page = await browser.page(`${server.url}/staff`, options);
    used = 0;
    await signIn(page, admin, await freshCode(uri));
    await page.getByRole("heading", { name: "Reports", level: 1 }).waitFor();
    return page;
  }

  async function reported(text: string): Promise<string> {
    const form = { clientMessageId: crypto.randomUUID(), text };
    const { body } = await server.call("POST", "/api/v1/messages", twins.bea.accessToken, form);
    const report = { reason: "threat", details: "it frightens me", messageIds: [body.message.id] };
    const filed = await server.call("POST", "/api/v1/twins/report", twins.ada.accessToken, report);
    assert.equal(filed.status, 201, JSON.stringify(filed.body));
    return body.message.id;
  }

  it("[SP1] shows nothing until somebody is signed in, and says no more than that it was not right", async () => {
    const page = await browser.page(`${server.url}/staff`);
    await page.getByRole("heading", { name: "Twinship staff" }).waitFor();
    await signIn(page, admin, "000000");
    await page.getByText("Address, password or code is not right").waitFor();
    assert.equal(await page.getByLabel("Code of your authenticator").inputValue(), "");
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "staff-door");
    await page.context().close();
  });

  it("[SP2] a report is read and a message removed by it, all by keyboard", async () => {
    const id = await reported("you will <b>regret</b> it");
    const page = await signedIn();
    const report = page.getByRole("article", { name: "Report: threat" });
    await report.getByText("you will <b>regret</b> it").waitFor();
    await keepPicture(page, "staff-reports");
    assert.deepEqual(await gravest(page), []);
    await report.getByLabel("Why you decide so").focus();
    await page.keyboard.type("a threat");
    for (const name of ["Dismiss", "Warn", "Remove messages"]) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), name);
    }
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Really? Remove messages" }).waitFor();
    await page.keyboard.press("Enter");
    await report.waitFor({ state: "detached" });
    const { body } = await server.call("GET", "/api/v1/messages", twins.ada.accessToken);
    const removed = body.messages.find((message: { id: string }) => message.id === id);
    assert.equal(removed.text, null);
    await page.getByRole("button", { name: "Decided" }).click();
    await page.getByText("Remove message", { exact: false }).first().waitFor();
    await page.context().close();
  });

  it("[MQ9] a reported picture is fetched when asked for, blurred until pressed, and gone in neutral words once it is taken back", async () => {
    const drawn = await sharp({ create: { width: 320, height: 200, channels: 3, background: "#7860dc" } })
      .jpeg()
      .toBuffer();
    const { id: mediaId } = await new MediaPhone(server, twins.bea).upload("chat", "image/jpeg", new Uint8Array(drawn));
    const form = { clientMessageId: crypto.randomUUID(), type: "image", mediaId };
    const { body } = await server.call("POST", "/api/v1/messages", twins.bea.accessToken, form);
    const report = { reason: "sexual", messageIds: [body.message.id] };
    await server.call("POST", "/api/v1/twins/report", twins.ada.accessToken, report);
    const page = await signedIn(SMALL);
    const shown = page.getByRole("article", { name: "Report: sexual" });
    await shown.getByText("a picture", { exact: true }).waitFor();
    await shown.getByRole("button", { name: "Fetch the picture" }).click();
    const image = shown.getByRole("img", { name: "Reported picture, blurred" });
    await image.waitFor();
    await page.waitForFunction(
      (one) => one instanceof HTMLImageElement && one.naturalWidth === 320,
      await image.elementHandle(),
    );
    assert.match(await image.evaluate((one) => getComputedStyle(one).filter), /blur/);
    await keepPicture(page, "staff-picture-blurred");
    await shown.getByRole("button", { name: "Show it clearly" }).press("Enter");
    const clear = shown.getByRole("img", { name: "Reported picture, shown clearly" });
    await clear.waitFor();
    assert.equal(await clear.evaluate((one) => getComputedStyle(one).filter), "none");
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "staff-picture-clear");
    await page.context().close();
    await server.call("DELETE", `/api/v1/messages/${body.message.id}`, twins.bea.accessToken);
    const again = await signedIn();
    const gone = again.getByRole("article", { name: "Report: sexual" });
    await gone.getByRole("button", { name: "Fetch the picture" }).click();
    await gone.getByText("It is not there any more").waitFor();
    await again.context().close();
  });

  it("[SP2] who has a part in a study sees its releases, and is told why there is none to be had", async () => {
    const { email } = await server.signUp("Dora");
    const { body } = await server.call("GET", "/api/v1/research/studies?q=closeness", twins.ada.accessToken);
    await command("grant", "researcher", email, body.studies[0].id);
    const [uri = ""] = /otpauth:\S+/.exec(await command("enrol", email)) ?? [];
    const page = await browser.page(`${server.url}/staff`);
    used = 0;
    await signIn(page, { email, uri }, await freshCode(uri));
    await page.getByRole("heading", { name: "Studies", level: 1 }).waitFor();
    const study = page.getByRole("article").filter({ hasText: "Closeness and independence of twins" });
    await study.getByText("Nothing was released of it yet").waitFor();
    assert.equal(await study.getByText("fewer than 11", { exact: true }).count(), 2);
    await study.getByRole("button", { name: "Ask for the next release" }).click();
    await page.getByText("There are not enough pairs to tell of").waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "staff-studies");
    assert.equal(await page.getByRole("button", { name: "People" }).count(), 0);
    await page.context().close();
  });

  it("[SP2] somebody is found, with a reason, and suspended after being asked twice", async () => {
    const bea = await server.signUp("Bea");
    const page = await signedIn();
    await page.getByRole("button", { name: "People" }).click();
    await page.getByLabel("Id, or the whole address").fill(bea.email);
    await page.getByLabel("Why you look").fill("she wrote to us");
    await page.keyboard.press("Enter");
    const person = page.getByRole("article", { name: bea.email });
    await person.getByText("active").waitFor();
    assert.deepEqual(await gravest(page), []);
    await keepPicture(page, "staff-person");
    await person.getByRole("button", { name: "Suspend" }).click();
    await person.getByRole("button", { name: "Really? Suspend" }).click();
    await person.getByText("suspended", { exact: true }).waitFor();
    assert.equal((await server.call("GET", "/api/v1/auth/me", bea.accessToken)).status, 401);
    await person.getByRole("button", { name: "Restore" }).click();
    await person.getByText("active", { exact: true }).waitFor();
    await page.context().close();
  });

  for (const [size, options] of [
    ["large", {}],
    ["small", SMALL],
  ] as const)
    for (const colorScheme of ["light", "dark"] as const)
      it(`[SP3] axe finds nothing serious in any of its parts on a ${size} screen in the ${colorScheme}`, async () => {
        await reported("a word for the small screen");
        const page = await signedIn({ ...options, colorScheme });
        for (const [name, shown] of [
          ["Reports", "Report: threat"],
          ["People", "Find"],
          ["Deliveries", "By template"],
          ["Jobs", "Which jobs"],
          ["Rooms", "Look"],
          ["Audit", "What was done"],
        ] as const) {
          await page.getByRole("button", { name, exact: true }).click();
          await page.getByRole("heading", { name, level: 1 }).waitFor();
          await page
            .getByRole("region", { name: shown })
            .or(page.getByRole("button", { name: shown }))
            .or(page.getByRole("article", { name: shown }))
            .or(page.getByRole("group", { name: shown }))
            .first()
            .waitFor();
          assert.deepEqual(await gravest(page), [], name);
          await keepPicture(page, `staff-${size}-${colorScheme}-${name.toLowerCase()}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
        }
        await page.context().close();
      });

  it("[SP4] a sign-in that was ended elsewhere is asked for again, and nothing of it is kept by the browser", async () => {
    const page = await signedIn();
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
    assert.deepEqual(kept, [0, 0, ""]);
    await command("enrol", admin.email);
    await page.getByRole("button", { name: "Audit" }).click();
    await page.getByText("This sign-in was ended").waitFor();
    assert.equal(await page.getByRole("article").count(), 0);
    await page.context().close();
  });

  it("[SP5] it asks nobody but this server, runs nothing but its own script, and complains of nothing", () => {
    assert.deepEqual(browser.complaints, []);
  });
});
