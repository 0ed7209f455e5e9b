import assert from "node:assert/strict";
import type { Api } from "../../client/api.ts";
import { NoAnswer, Refused } from "../../client/retry.ts";
import { upload } from "../../client/uploads.ts";
import { FakePlatform } from "./support/fake-platform.ts";

const file = new Blob(["a picture"]);
const picture = { purpose: "chat", contentType: "image/jpeg", file } as const;
const address = {
  method: "PUT",
  url: "https://store/incoming/1",
  headers: { "Content-Type": "image/jpeg", "Content-Length": "9" },
};

/** A phone, a server that answers one after the other, and a store that does. */
function world(statuses: readonly string[], puts: readonly (number | "lost")[]) {
  const platform = new FakePlatform();
  const asked: string[] = [];
  const sent: RequestInit[] = [];
  const call: Api["call"] = async (method, path, { body } = {}) => {
    asked.push(`${method} ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`);
    if (path === "/media") return { media: { id: "1", status: "pending" }, upload: address };
    const status = statuses[asked.length - 2] ?? "checking";
    if (status === "refused") throw new Refused("MEDIA_REFUSED", "The picture is damaged");
    return { media: { id: "1", status } };
  };
  platform.answer = (url, init) => {
    assert.equal(url, address.url);
    sent.push(init);
    const status = puts[sent.length - 1] ?? 200;
    return status === "lost" ? Promise.reject(new TypeError("fetch failed")) : new Response("", { status });
  };
  const outcome = async (ms = 300_000) => {
    const work = upload({ call }, platform, picture).then(
      ({ status }) => status,
      (error: unknown) =>
        error instanceof Refused ? error.code : error instanceof NoAnswer ? "no answer" : String(error),
    );
    await platform.pass(ms);
    return work;
  };
  return { asked, sent, outcome };
}

describe("the client's uploads", () => {
  it("[UP8] announce, send what was announced to where the answer says, and complete", async () => {
    const { asked, sent, outcome } = world(["ready"], [200]);
    assert.equal(await outcome(), "ready");
    const announced = JSON.stringify({ purpose: "chat", contentType: "image/jpeg", bytes: 9 });
    assert.deepEqual(asked, [`POST /media ${announced}`, "POST /media/1/complete"]);
    assert.deepEqual(sent, [{ method: "PUT", headers: { "Content-Type": "image/jpeg" }, body: file }]);
  });

  it("[UP8] send again what broke off, and take it for sent when it turns out to have arrived", async () => {
    for (const puts of [
      ["lost", 200],
      [503, 200],
      ["lost", 412],
      ["lost", 500, "lost", 200],
    ] as const) {
      const { sent, outcome } = world(["ready"], puts);
      assert.equal(await outcome(), "ready", `${puts}`);
      assert.equal(sent.length, puts.length);
    }
    const { sent, outcome } = world(["ready"], ["lost", "lost", "lost", "lost", 200]);
    assert.equal(await outcome(), "no answer");
    assert.equal(sent.length, 4);
  });

  it("[UP8] wait for what is still being checked, and say why something is refused", async () => {
    const slow = world(["checking", "checking", "ready"], [200]);
    assert.equal(await slow.outcome(), "ready");
    assert.deepEqual(slow.asked.slice(2), ["GET /media/1", "GET /media/1"]);
    assert.equal(await world(["refused"], [200]).outcome(), "MEDIA_REFUSED");
    assert.equal(await world(["checking", "refused"], [200]).outcome(), "MEDIA_REFUSED");
    assert.equal(await world([], [200]).outcome(), "no answer");
    assert.equal(await world(["ready"], [403]).outcome(), "FORBIDDEN");
  });
});
