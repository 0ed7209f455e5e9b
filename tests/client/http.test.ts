import assert from "node:assert/strict";
import { Http } from "../../client/http.ts";
import { NoAnswer, persevere, Refused } from "../../client/retry.ts";
import { FakePlatform, settled } from "./support/fake-platform.ts";
import { json, no, ok } from "./support/fake-server.ts";

const get = { method: "GET", path: "/api/v1/x" } as const;

async function outcomeOf(answer: Response | Error, platform = new FakePlatform()): Promise<unknown> {
  platform.answer = () => (answer instanceof Error ? Promise.reject(answer) : answer);
  return new Http("http://server/", platform).once(get).catch((error) => error);
}

describe("the client's calls", () => {
  it("[CN1] hands over an answer of ours", async () => {
    assert.deepEqual(await outcomeOf(ok({ pair: null })), { success: true, pair: null });
    assert.deepEqual(await outcomeOf(new Response(null, { status: 204 })), {});
  });

  it("[CN1] a refusal brings its code, its details, and when to come back", async () => {
    const details = [{ path: "name", message: "is required" }];
    const body = { success: false, error: { code: "VALIDATION_ERROR", message: "name: is required", details } };
    const refused = await outcomeOf(json(400, body));
    assert.ok(refused instanceof Refused);
    assert.deepEqual(
      [refused.code, refused.message, refused.details],
      ["VALIDATION_ERROR", "name: is required", details],
    );

    const fine = await outcomeOf(no(200, "CONFLICT"));
    assert.ok(fine instanceof Refused && fine.code === "CONFLICT", "whatever the status says");
    const later = await outcomeOf(no(429, "RATE_LIMIT_EXCEEDED", { "retry-after": "12" }));
    assert.ok(later instanceof Refused && later.retryAfterMs === 12_000);
    const platform = new FakePlatform();
    const date = new Date(platform.now() + 5000).toUTCString();
    const dated = await outcomeOf(no(503, "UNAVAILABLE", { "retry-after": date }), platform);
    assert.ok(dated instanceof Refused && dated.retryAfterMs === 5000);
  });

  it("[CN1] the matchmaker's own form of a refusal is read like any other", async () => {
    const refused = await outcomeOf(json(409, { code: 409, error: "NOT_PAIRED: You have no twin here yet" }));
    assert.ok(refused instanceof Refused);
    assert.deepEqual([refused.code, refused.message], ["NOT_PAIRED", "You have no twin here yet"]);
  });

  for (const [what, answer] of [
    ["no connection", new TypeError("fetch failed")],
    ["a page of HTML", new Response("<html>Bad gateway</html>", { status: 502 })],
    ["a page of HTML that says it is fine", new Response("<html>Sign in to the hotel</html>", { status: 200 })],
    ["an edge's own code", new Response("error code: 521", { status: 521 })],
    ["JSON of somebody else", json(200, ["hello"])],
    ["an error of somebody else", json(500, { error: "internal" })],
    ["half an answer", new Response('{"success": tr', { status: 200 })],
  ] as const) {
    it(`[CN2] ${what} is no answer: nobody knows whether it was done`, async () => {
      assert.ok((await outcomeOf(answer)) instanceof NoAnswer);
    });
  }

  it("[CN3] never waits longer than its limit, and lets the connection go", async () => {
    const platform = new FakePlatform();
    let isAborted = false;
    platform.answer = (_url, { signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          isAborted = true;
          reject(new Error("aborted"));
        });
      });
    const call = new Http("http://server", platform).once(get, 3000).catch((error) => error);
    await platform.pass(2999);
    assert.equal(isAborted, false);
    await platform.pass(1);
    assert.ok((await call) instanceof NoAnswer);
    assert.equal(isAborted, true);
    assert.equal(platform.waiting, 0);
  });

  it("[CN2] says the same again, less and less often, until patience ends", async () => {
    const platform = new FakePlatform();
    platform.chance = 1;
    const at: number[] = [];
    const begun = platform.now();
    const call = persevere(
      async () => {
        at.push(platform.now() - begun);
        throw new NoAnswer("lost");
      },
      { platform, patienceMs: 10_000 },
    ).catch((error) => error);
    await platform.pass(60_000);
    assert.ok((await call) instanceof NoAnswer);
    assert.deepEqual(at, [0, 400, 1200, 2800, 6000]);
  });

  it("[CN2] a refusal for ever is not asked again", async () => {
    const platform = new FakePlatform();
    let tries = 0;
    const call = persevere(
      async () => {
        tries += 1;
        throw new Refused("CONFLICT", "");
      },
      { platform, patienceMs: 10_000 },
    ).catch(({ code }) => code);
    await settled();
    assert.deepEqual([await call, tries], ["CONFLICT", 1]);
  });
});
