import assert from "node:assert/strict";
import type { Inside, TwoPhones } from "../../http/routes/two-phones.ts";
import type { PairId } from "../../schema/wire/ids.ts";
import { buildPage } from "../../server/adapters/two-phones/build-page.ts";
import { HttpWorld } from "../support/http.ts";
import { ada, pair } from "../support/twins.ts";

const twin = { name: "Ada", email: "ada@example.org", password: "Twins-always-know-1" };

/** As long as whoever opens it first may wait. */
const BUILD_MS = 2000;

describe("the page with two phones, over HTTP", () => {
  let world: HttpWorld;
  const asked: PairId[] = [];
  const killed: PairId[] = [];
  let built = 0;
  let buildMs = 0;
  let page: ReturnType<typeof buildPage> | undefined;

  const inside: Inside = {
    activePair: async (userId) => world.pairs.get(userId) ?? null,
    journal: async (pairId) => {
      asked.push(pairId);
      return [{ revision: 1, version: 1, seq: 1, type: "chat.message_sent", by: ada, at: "2026-01-01T00:00:00.000Z" }];
    },
    killRoom: async (pairId) => void killed.push(pairId),
  };
  const twoPhones: TwoPhones = {
    page: () => {
      const began = performance.now();
      page ??= buildPage().finally(() => {
        built += 1;
        buildMs = performance.now() - began;
      });
      return page;
    },
    sampleTwins: async () => [twin],
    inside,
  };

  before(async () => {
    world = await HttpWorld.open({ twoPhones });
  });
  after(() => world.close());

  it("[WB17] shows pictures from a store elsewhere, sends them there, and asks nobody else for anything", async () => {
    const other = await HttpWorld.open({ twoPhones: { ...twoPhones, filesAt: "https://files.example.org" } });
    const { headers } = await other.call("GET", "/").finally(() => other.close());
    const rules = headers.get("content-security-policy")?.split("; ") ?? [];
    const elsewhere = rules.filter((rule) => rule.includes("://"));
    assert.deepEqual(elsewhere, [
      "img-src 'self' data: https://files.example.org",
      "media-src 'self' https://files.example.org",
      "connect-src 'self' https://files.example.org",
    ]);
  });

  it("[WB2] is built from our own files within two seconds, when it is first opened", async () => {
    const { status, text } = await world.call("GET", "/");
    assert.equal(status, 200);
    assert.match(text, /<div id="root" data-offers="twins inside">/);
    assert.equal(built, 1);
    // On a machine that does something else besides, the quickest of three says how long it takes.
    for (let more = 2; more > 0 && buildMs >= BUILD_MS; more--) {
      const began = performance.now();
      await buildPage();
      buildMs = performance.now() - began;
    }
    assert.ok(buildMs < BUILD_MS, `${buildMs} ms`);
    console.log(`      ${buildMs.toFixed(0)} ms`);
  });

  it("[WB2] runs its own script and no other, and lets nothing be made of words", async () => {
    const { headers, text } = await world.call("GET", "/");
    const policy = headers.get("content-security-policy") ?? "";
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
      assert.ok(policy.split("; ").includes(rule), rule);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.doesNotMatch(text, /<script(?![^>]* src="\/two-phones\/)|<style|style="|https?:\/\/(?!www\.w3\.org)/);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("[WB22] may ask a person for the microphone, and for nothing else that is theirs", async () => {
    const { headers } = await world.call("GET", "/");
    const permissions = headers.get("permissions-policy")?.split(", ") ?? [];
    assert.ok(permissions.includes("microphone=(self)"));
    for (const name of ["camera", "geolocation", "display-capture", "payment", "usb", "midi", "gyroscope"])
      assert.ok(permissions.includes(`${name}=()`), name);
    assert.equal(permissions.filter((permission) => !permission.endsWith("=()")).length, 1);
  });

  it("[WB2] its files bear the name of what is in them, and may be kept for ever", async () => {
    const { text } = await world.call("GET", "/");
    const files = [...text.matchAll(/\/two-phones\/([\w.-]+)/g)].map(([path]) => path);
    assert.equal(files.length, 2);
    for (const path of files) {
      assert.match(path, /-[A-Z0-9]{8}\.(?:js|css)$/);
      const { status, headers } = await world.call("GET", path, { headers: { "accept-encoding": "gzip" } });
      assert.equal(status, 200);
      assert.match(headers.get("cache-control") ?? "", /max-age=31536000, immutable/);
      assert.match(headers.get("content-type") ?? "", /^text\/(?:javascript|css)/);
      assert.equal(headers.get("content-encoding"), "gzip");
      const plain = await world.call("GET", path, { headers: { "accept-encoding": "identity" } });
      assert.equal(plain.headers.get("content-encoding"), null);
    }
    for (const path of ["/two-phones/nothing.js", "/two-phones/..%2fpackage.json", "/two-phones/"])
      assert.equal(await world.refusal("GET", path), "404 NOT_FOUND");
  });

  it("[WB15] the sample twins are asked for by POST only", async () => {
    const { body } = await world.call("POST", "/dev/twins");
    assert.deepEqual(body.twins, [twin]);
    assert.equal(await world.refusal("GET", "/dev/twins"), "405 METHOD_NOT_ALLOWED");
  });

  it("[WB15] the inside of a room is for who is in it: their own pair's, whatever they ask for", async () => {
    for (const [method, path] of [
      ["GET", "/dev/journal"],
      ["POST", "/dev/room/kill"],
    ] as const) {
      assert.equal(await world.refusal(method, path), "401 AUTH_REQUIRED");
      assert.equal(await world.refusal(method, path, { as: "solo" }), "409 NOT_PAIRED");
      const { status } = await world.call(method, `${path}?pairId=${pair(2)}`, { as: "ada" });
      assert.equal(status, 200);
      assert.equal(await world.refusal("DELETE", path, { as: "ada" }), "405 METHOD_NOT_ALLOWED");
    }
    assert.deepEqual([asked, killed], [[pair(1)], [pair(1)]]);
  });

  it("[WB15] where there is neither, there is nothing", async () => {
    const bare = await HttpWorld.open({ twoPhones: { page: twoPhones.page } });
    assert.match((await bare.call("GET", "/")).text, /data-offers=""/);
    const none = await HttpWorld.open();
    assert.equal(await none.refusal("GET", "/"), "404 NOT_FOUND");
    for (const other of [bare, none]) {
      for (const [method, path] of [
        ["POST", "/dev/twins"],
        ["GET", "/dev/journal"],
        ["POST", "/dev/room/kill"],
      ] as const)
        assert.equal(await other.refusal(method, path, { as: "ada" }), "404 NOT_FOUND");
      await other.close();
    }
  });
});
