import assert from "node:assert/strict";
import type { BuiltPage } from "../../http/built-page.ts";
import { staffPage } from "../../server/two-phones.ts";
import { HttpWorld } from "../support/http.ts";

const file = { type: "text/javascript; charset=utf-8", body: new Uint8Array([1]), zipped: new Uint8Array([1, 2]) };

const built: BuiltPage = { script: "staff-1.js", style: "staff-1.css", files: new Map([["staff-1.js", file]]) };

describe("the staff's page over HTTP", () => {
  it("[SP1] in production it is there only if told to, and elsewhere unless told otherwise", () => {
    const isThere = (STAFF: boolean | undefined, NODE_ENV: "production" | "development") =>
      staffPage({ STAFF, NODE_ENV }) !== undefined;
    assert.deepEqual(
      [isThere(undefined, "production"), isThere(true, "production"), isThere(false, "production")],
      [false, true, false],
    );
    assert.deepEqual([isThere(undefined, "development"), isThere(false, "development")], [true, false]);
  });

  it("[SP1] where it is not there nothing of it is", async () => {
    const world = await HttpWorld.open();
    for (const path of ["/staff", "/staff/staff-1.js"]) assert.equal(await world.refusal("GET", path), "404 NOT_FOUND");
    await world.close();
  });

  it("[SP5] it stands in nobody's frame, is not kept, and runs its own script alone; its files are kept for ever", async () => {
    const world = await HttpWorld.open({ staffPage: async () => built });
    const { status, headers, text } = await world.call("GET", "/staff");
    assert.equal(status, 200);
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(part), part);
    // What it fetched with its token it shows from its own memory; elsewhere it fetches nothing.
    assert.match(policy, /img-src 'self' data: blob:;.*media-src 'self' blob:;.*connect-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.match(headers.get("permissions-policy") ?? "", /^microphone=\(\), .*camera=\(\), .*geolocation=\(\)/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.doesNotMatch(text, /<script>|style=/);
    const script = await world.call("GET", "/staff/staff-1.js");
    assert.match(script.headers.get("cache-control") ?? "", /immutable/);
    assert.equal(await world.refusal("GET", "/staff/..%2fpackage.json"), "404 NOT_FOUND");
    assert.equal(await world.refusal("POST", "/staff", { body: {} }), "405 METHOD_NOT_ALLOWED");
    await world.close();
  });
});
