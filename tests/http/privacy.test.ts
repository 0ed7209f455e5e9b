import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Download } from "../../domain/exports.ts";
import { Refusal } from "../../domain/refusal.ts";
import { type DeleteAccount, type ExportAsked, ExportId, type ExportView } from "../../schema/wire/privacy.ts";
import { HttpWorld } from "../support/http.ts";
import { ada } from "../support/twins.ts";

const id = ExportId.parse("00000000-0000-4000-8000-000000000009");
const other = ExportId.parse("00000000-0000-4000-8000-000000000008");

const CONTENTS = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 256));

/** A copy in memory, and how often it was fetched to its end. */
class OneCopy {
  fetched = 0;
  /** So many are let through to the end. */
  most = 1;
  /** Handed over before the rest is waited for; all of it by default. */
  until = CONTENTS.length;
  readonly stuck = Promise.withResolvers<void>();
  problem: Error | undefined;
  beforeLast: Error | undefined;

  open = async (token: string): Promise<Download> => {
    if (token === "used") throw new Refusal("GONE", "This link was used");
    if (token !== "token") throw new Refusal("NOT_FOUND", "There is no such download");
    return {
      bytes: CONTENTS.length,
      etag: '"copy-1"',
      fileName: "twinship-2026-01-01.zip",
      read: (from, to) => this.#read(from, to),
      spend: async () => ++this.fetched <= this.most,
    };
  };

  async *#read(from: number, to: number) {
    if (this.problem) throw this.problem;
    if (this.beforeLast && from === CONTENTS.length - 1) throw this.beforeLast;
    yield CONTENTS.subarray(from, Math.min(to + 1, this.until));
    if (this.until > to) return;
    await this.stuck.promise;
    yield CONTENTS.subarray(this.until, to + 1);
  }
}

const asked: ExportAsked = { id, status: "pending" };
const view: ExportView = {
  ...asked,
  createdAt: "2026-01-01T00:00:00.000Z",
  readyAt: null,
  expiresAt: null,
  bytes: null,
  downloadUrl: null,
  downloadExpiresAt: null,
};

describe("privacy over HTTP", () => {
  let world: HttpWorld;
  let copy: OneCopy;
  const deleted: (DeleteAccount & { readonly ip: string })[] = [];
  beforeEach(async () => {
    copy = new OneCopy();
    deleted.length = 0;
    world = await HttpWorld.open({
      exports: {
        ask: async () => asked,
        look: async ({ userId }, which) => {
          if (userId !== ada || which !== id) throw new Refusal("NOT_FOUND", "You have no such export");
          return view;
        },
        open: copy.open,
      },
      deletion: {
        ask: async (_caller, body, { ip }) => {
          deleted.push({ ...body, ip });
          return { message: "until then", deletionDueAt: "2026-01-15T00:00:00.000Z" };
        },
      },
    });
  });
  afterEach(() => world.close());

  const fetchCopy = async (headers: Record<string, string> = {}, method = "GET", token = "token") => {
    const answer = await fetch(`http://127.0.0.1:${world.port}/api/v1/downloads/${token}`, { method, headers });
    return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
  };

  it("[XP1] an export is asked for without a body, with or without a type for it, and looked at by who asked", async () => {
    for (const headers of [{}, { "content-type": "application/json" }]) {
      const { status, body } = await world.call("POST", "/api/v1/users/export", { as: "ada", headers });
      assert.deepEqual([status, body], [202, { success: true, export: asked }]);
    }
    const { body } = await world.call("GET", `/api/v1/users/export/${id}`, { as: "ada" });
    assert.deepEqual(body, { success: true, export: view });
  });

  it("[XP4] another's export is none, whether or not there is one; without signing in there is nothing to see", async () => {
    for (const [as, which] of [
      ["bea", id],
      ["ada", other],
      ["bea", other],
    ] as const)
      assert.equal(await world.refusal("GET", `/api/v1/users/export/${which}`, { as }), "404 NOT_FOUND");
    assert.equal(await world.refusal("GET", `/api/v1/users/export/${id}`), "401 AUTH_REQUIRED");
    assert.equal(await world.refusal("POST", "/api/v1/users/export"), "401 AUTH_REQUIRED");
    assert.equal(
      await world.refusal("GET", "/api/v1/users/export/1%20or%201=1", { as: "ada" }),
      "400 VALIDATION_ERROR",
    );
  });

  it("[XP10] a download is a file to be saved, kept by nobody on the way, and taken for nothing else", async () => {
    const { status, headers, body } = await fetchCopy();
    assert.equal(status, 200);
    assert.deepEqual(body, CONTENTS);
    const shown = ["content-type", "content-length", "content-disposition", "cache-control", "x-content-type-options"];
    assert.deepEqual(
      shown.map((name) => headers.get(name)),
      ["application/zip", "1000", 'attachment; filename="twinship-2026-01-01.zip"', "no-store", "nosniff"],
    );
    assert.equal(copy.fetched, 1);
  });

  it("[XP10] what broke off is taken up where it ended, and counts only with its last byte", async () => {
    const first = await fetchCopy({ range: "bytes=0-499" });
    assert.deepEqual([first.status, first.headers.get("content-range"), copy.fetched], [206, "bytes 0-499/1000", 0]);
    assert.deepEqual(first.body, CONTENTS.subarray(0, 500));
    const rest = await fetchCopy({ range: "bytes=500-", "if-range": String(first.headers.get("etag")) });
    assert.deepEqual([rest.status, rest.headers.get("content-range")], [206, "bytes 500-999/1000"]);
    assert.deepEqual(Buffer.concat([first.body, rest.body]), CONTENTS);
    assert.equal(copy.fetched, 1);
  });

  it("[XP10] of another copy, of several parts, or in a unit nobody knows it is the whole; beyond the end it is nothing", async () => {
    copy.most = 3;
    for (const headers of [
      { range: "bytes=500-", "if-range": '"copy-0"' },
      { range: "bytes=0-1,5-6" },
      { range: "pages=1-2" },
    ]) {
      const { status, body } = await fetchCopy(headers);
      assert.deepEqual([status, body.length], [200, 1000]);
    }
    const { status, headers } = await fetchCopy({ range: "bytes=1000-" });
    assert.deepEqual([status, headers.get("content-range")], [416, "bytes */1000"]);
    copy.most = 10;
    assert.equal((await fetchCopy({ range: "bytes=-1" })).headers.get("content-range"), "bytes 999-999/1000");
  });

  it("[XP10] what cannot be read is told as what it is, and not as a file", async () => {
    copy.problem = new Refusal("UNAVAILABLE", "Where pictures and recordings are kept does not answer");
    const { status, headers, body } = await fetchCopy({ range: "bytes=0-499" });
    assert.deepEqual([status, JSON.parse(String(body)).error.code], [503, "UNAVAILABLE"]);
    const shown = ["content-type", "content-disposition", "content-range", "etag", "cache-control"];
    assert.deepEqual(
      shown.map((name) => headers.get(name)),
      ["application/json; charset=utf-8", null, null, null, "no-store"],
    );
    assert.equal(copy.fetched, 0);
  });

  it("[XP5] looking at a link, or hanging up before the end, does not use it", async () => {
    const { status, headers } = await fetchCopy({}, "HEAD");
    assert.deepEqual([status, headers.get("content-length")], [200, "1000"]);
    copy.until = 500;
    const gone = once(world.http, "connection").then(([theirs]) => once(theirs, "close"));
    const socket = connect(world.port, "127.0.0.1");
    socket.write("GET /api/v1/downloads/token HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    await gone;
    copy.stuck.resolve();
    assert.equal((await fetchCopy({ range: "bytes=0-99" })).status, 206);
    assert.deepEqual([copy.fetched, world.reported], [0, []]);
  });

  it("[XP5] a last byte that cannot be read does not use the link", async () => {
    copy.beforeLast = new Refusal("UNAVAILABLE", "Where pictures and recordings are kept does not answer");
    await assert.rejects(fetchCopy());
    assert.equal(copy.fetched, 0);
    copy.beforeLast = undefined;
    assert.deepEqual((await fetchCopy()).body, CONTENTS);
  });

  it("[XP5] of several who fetch by one link at once, one gets its last byte", async () => {
    const ends = await Promise.allSettled([fetchCopy(), fetchCopy(), fetchCopy()]);
    assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("[XP5] a made-up link leads nowhere, a used one says what to do, and both in the envelope", async () => {
    assert.equal(await world.refusal("GET", "/api/v1/downloads/made-up"), "404 NOT_FOUND");
    assert.equal(await world.refusal("GET", "/api/v1/downloads/used"), "410 GONE");
    assert.equal(await world.refusal("POST", "/api/v1/downloads/token"), "405 METHOD_NOT_ALLOWED");
    assert.equal(await world.refusal("GET", "/api/v1/downloads/"), "404 NOT_FOUND");
  });

  it("[XP4] the page that the mail leads to shows nothing of anybody, and runs nothing", async () => {
    const { status, headers, text } = await world.call("GET", `/export/${id}`);
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.ok(text.includes(`twinship://export/${id}`));
    assert.doesNotMatch(text, /<script|<form|api\/v1/);
    for (const bad of ["x", `${id}%22%3E%3Cscript%3E`, ""])
      assert.equal(await world.refusal("GET", `/export/${bad}`), "404 NOT_FOUND");
  });

  it("[LV1] deleting needs a password and says so by name, with a body or without one; words are kept unless asked otherwise", async () => {
    for (const call of [{}, { body: {} }, { headers: { "content-type": "application/json" } }]) {
      const { status, body } = await world.call("DELETE", "/api/v1/users/me", { as: "ada", ...call });
      assert.deepEqual([status, body.error.code, body.error.details[0].path], [400, "VALIDATION_ERROR", "password"]);
    }
    const wrong = { password: "x", eraseMessages: "yes" };
    assert.equal(await world.refusal("DELETE", "/api/v1/users/me", { as: "ada", body: wrong }), "400 VALIDATION_ERROR");
    assert.equal(await world.refusal("DELETE", "/api/v1/users/me", { body: { password: "x" } }), "401 AUTH_REQUIRED");
    assert.deepEqual(deleted, []);
    const { status, body } = await world.call("DELETE", "/api/v1/users/me", { as: "ada", body: { password: "x" } });
    assert.deepEqual([status, body.deletionDueAt], [200, "2026-01-15T00:00:00.000Z"]);
    assert.deepEqual(deleted, [{ password: "x", eraseMessages: false, ip: "127.0.0.1" }]);
  });
});
