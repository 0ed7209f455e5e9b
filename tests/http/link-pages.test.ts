import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { Refusal } from "../../domain/refusal.ts";
import { HttpWorld } from "../support/http.ts";

/** As much of a browser as the pages of mailed links need. */
class SmallBrowser {
  readonly said = { textContent: "" };
  readonly button = { disabled: false };
  fields: Record<string, string> = {};
  /** What the form is left with once there is nothing more to do. */
  left: unknown;
  #submit: (event: object) => Promise<void> = async () => undefined;

  async open(url: string): Promise<void> {
    const page = await (await fetch(url)).text();
    const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? "";
    const form = {
      querySelector: () => this.button,
      replaceChildren: (child: unknown) => {
        this.left = child;
      },
      addEventListener: (_submit: string, listener: (event: object) => Promise<void>) => {
        this.#submit = listener;
      },
    };
    const fields = () => Object.entries(this.fields);
    const sandbox = {
      document: { getElementById: (id: string) => (id === "form" ? form : this.said) },
      location: new URL(url),
      URLSearchParams,
      FormData: class {
        [Symbol.iterator] = () => fields()[Symbol.iterator]();
      },
      fetch: (path: string, asked: RequestInit) => fetch(new URL(path, url), asked),
    };
    runInContext(script, createContext(sandbox));
  }

  press = (): Promise<void> => this.#submit({ preventDefault: () => undefined });
}

describe("the buttons of mailed links", () => {
  let world: HttpWorld;
  const verified: string[] = [];
  const reset: object[] = [];
  const late = async () => {
    throw new Refusal("GONE", "This link is too old: ask for another");
  };
  before(async () => {
    const { addresses, passwords } = new HttpWorld().deps;
    world = await HttpWorld.open({
      addresses: { ...addresses, verify: async (token) => (token === "late" ? late() : void verified.push(token)) },
      passwords: { ...passwords, reset: async (asked) => void reset.push(asked) },
    });
  });
  after(() => world.close());

  const opened = async (path: string) => {
    const browser = new SmallBrowser();
    await browser.open(`http://127.0.0.1:${world.port}${path}`);
    return browser;
  };

  it("[EV6] opened, a page has done nothing; pressed, it posts its link's token, and says that it is done", async () => {
    const browser = await opened("/verify-email?token=t-1_x");
    assert.deepEqual(verified, []);
    await browser.press();
    assert.deepEqual(verified, ["t-1_x"]);
    assert.match(browser.said.textContent, /confirmed/);
    assert.equal(browser.left, browser.said, "there is nothing more to press");
  });

  it("[EV6] what is refused is said in words for people, and the button is there again", async () => {
    const browser = await opened("/verify-email?token=late");
    await browser.press();
    assert.equal(browser.said.textContent, "This link is too old: ask for another.");
    assert.deepEqual([browser.button.disabled, browser.left], [false, undefined]);
  });

  it("[EV6] a link that lost its end on the way says so before anybody presses", async () => {
    for (const path of ["/verify-email", "/reset-password?token="]) {
      const browser = await opened(path);
      assert.match(browser.said.textContent, /not whole/);
      assert.equal(browser.button.disabled, true);
    }
  });

  it("[PW1] a new password is posted with the token; one that is too simple is told all it lacks", async () => {
    const browser = await opened("/reset-password?token=t-2");
    browser.fields = { password: "horse" };
    await browser.press();
    assert.match(
      browser.said.textContent,
      /^Your password must have at least 8 characters, and must have an upper-case/,
    );
    assert.deepEqual(reset, []);
    browser.fields = { password: "Correct-horse-1" };
    await browser.press();
    assert.deepEqual(reset, [{ token: "t-2", password: "Correct-horse-1" }]);
    assert.match(browser.said.textContent, /sign in with it/);
  });

  it("[EV6] without a way to the server it says so, and one can try again", async () => {
    const other = await HttpWorld.open();
    const browser = new SmallBrowser();
    await browser.open(`http://127.0.0.1:${other.port}/verify-email?token=x`);
    await other.close();
    await browser.press();
    assert.match(browser.said.textContent, /did not get through/);
    assert.equal(browser.button.disabled, false);
  });
});
