import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const README = join(import.meta.dirname, "../../client/README.md");

describe("what a session replay is given", () => {
  const [, code = ""] = /```js sanitizer\n([\s\S]+?)```/.exec(readFileSync(README, "utf8")) ?? [];
  const sanitizer = () => import(`data:text/javascript,${encodeURIComponent(code)}`);
  const asked = (path: string) => ({
    url: `https://api.example.org${path}`,
    method: "POST",
    headers: { authorization: "Bearer secret" },
    body: '{"text":"secret"}',
  });

  it("[WA6] no sign-in and no seat is recorded", async () => {
    const { requestSanitizer } = await sanitizer();
    for (const path of [
      "/api/v1/auth/login",
      "/api/v1/auth/refresh",
      "/api/v1/room/seat",
      "/matchmake/joinOrCreate/pair",
      "/api/v1/users/me",
      "/api/v1/users/push-tokens",
    ])
      assert.equal(requestSanitizer(asked(path)), null, path);
  });

  it("[WA6] of every other call the route is recorded, and no body, header, query or token in its path", async () => {
    const { requestSanitizer, responseSanitizer } = await sanitizer();
    const { url, method, headers, body } = requestSanitizer(asked("/api/v1/messages?q=secret#secret"));
    assert.deepEqual([url, method, headers, body], ["https://api.example.org/api/v1/messages", "POST", {}, undefined]);
    const opened = requestSanitizer(asked("/api/v1/twins/invitations/SECRET/accept"));
    assert.equal(opened.url, "https://api.example.org/api/v1/twins/invitations/-/accept");
    const answer = {
      url: "https://api.example.org/api/v1/messages",
      status: 200,
      headers: { etag: "secret" },
      body: "secret",
    };
    assert.doesNotMatch(JSON.stringify(responseSanitizer(answer)), /secret/);
    assert.equal(responseSanitizer(answer).status, 200);
  });

  it("[WA6] what is not ours is left alone", async () => {
    const { requestSanitizer } = await sanitizer();
    const other = { url: "https://elsewhere.example.org/picture.png", body: "x", headers: {} };
    assert.deepEqual(requestSanitizer(other), other);
  });
});
