import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { HttpWorld, parted } from "../support/http.ts";

const LOGIN = "/api/v1/auth/login";

describe("what a request brings", () => {
  let world: HttpWorld;
  before(async () => {
    world = await HttpWorld.open();
  });
  after(() => world.close());
  afterEach(() => assert.deepEqual(world.reported.splice(0), []));

  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) => {
    const head = [
      `POST ${LOGIN} HTTP/1.1`,
      "Host: x",
      "Connection: close",
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...Object.entries({ "Content-Type": "application/json", ...headers }).map(([name, value]) => `${name}: ${value}`),
    ];
    return world.raw(`${head.join("\r\n")}\r\n\r\n`, body);
  };
  const refused = async (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    JSON.parse(parted(await post(body, headers)).body).error;

  const wrong: [what: string, body: string | Uint8Array, code: string, headers?: Record<string, string>][] = [
    ["a list", "[]", "VALIDATION_ERROR"],
    ["null", "null", "VALIDATION_ERROR"],
    ["a word", '"word"', "VALIDATION_ERROR"],
    ["half a form", '{"email":', "MALFORMED_JSON"],
    ["spaces only", "   ", "MALFORMED_JSON"],
    ["two forms", "{}{}", "MALFORMED_JSON"],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "MALFORMED_JSON"],
    ["half a surrogate pair as bytes", Buffer.from('{"email":"\xed\xa0\x80"}', "latin1"), "MALFORMED_JSON"],
    [
      "a form in UTF-16",
      Buffer.from("{}", "utf16le"),
      "UNSUPPORTED_MEDIA_TYPE",
      { "Content-Type": "application/json; charset=utf-16" },
    ],
    ["a form of a web page", "a=b", "UNSUPPORTED_MEDIA_TYPE", { "Content-Type": "application/x-www-form-urlencoded" }],
    ["a form in plain text", "{}", "UNSUPPORTED_MEDIA_TYPE", { "Content-Type": "text/plain" }],
    ["a type that only begins like ours", "{}", "UNSUPPORTED_MEDIA_TYPE", { "Content-Type": "application/jsonp" }],
    [
      "few bytes that stand for many",
      gzipSync("x".repeat(10_000_000)),
      "UNSUPPORTED_MEDIA_TYPE",
      { "Content-Encoding": "gzip" },
    ],
    ["half a surrogate pair in a word", '{"email":"\\ud83d"}', "VALIDATION_ERROR"],
    ["a NUL deep inside", '{"email":{"a":[{"b":"x\\u0000"}]}}', "VALIDATION_ERROR"],
    ["a NUL in a name", '{"\\u0000":1}', "VALIDATION_ERROR"],
    ["65 levels", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`, "VALIDATION_ERROR"],
    ["10,000 levels", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "VALIDATION_ERROR"],
    ["a prototype", '{"__proto__":{"isAdmin":true}}', "VALIDATION_ERROR"],
    ["a constructor", '{"constructor":{"prototype":{"isAdmin":true}}}', "VALIDATION_ERROR"],
    ["64 KiB and a byte", `{"email":"${"x".repeat(64 * 1024 - 11)}"}`, "PAYLOAD_TOO_LARGE"],
    ["5 MB", `{"email":"${"x".repeat(5_000_000)}"}`, "PAYLOAD_TOO_LARGE"],
  ];
  for (const [what, body, code, headers] of wrong) {
    it(`[HT3] ${what} is ${code}`, async () => {
      assert.equal((await refused(body, headers)).code, code);
      assert.equal(Reflect.get({}, "isAdmin"), undefined);
    });
  }

  it("[HT3] says where a character stands that cannot be stored, without repeating it", async () => {
    const { details } = await refused('{"email":{"a":["x\\u0000"]}}');
    assert.deepEqual(details, [{ path: "email.a.0", message: "contains characters that cannot be stored" }]);
    const inName = await refused(`{"${"n\\u0000".repeat(200)}":1}`);
    assert.ok(!inName.message.includes("\0") && inName.details[0].path.length <= 100);
  });

  it("[HT3] 64 KiB to the byte, 64 levels and a byte order mark are read", async () => {
    const levels = `${'{"a":'.repeat(63)}{}${"}".repeat(63)}`;
    for (const body of [`{"email":"${"x".repeat(64 * 1024 - 12)}"}`, levels, "\ufeff{}"]) {
      const { code, message } = await refused(body);
      assert.deepEqual([code, /deep|larger|JSON/.test(message)], ["VALIDATION_ERROR", false]);
    }
    assert.equal(
      (await refused("{}", { "Content-Type": 'Application/JSON ; charset="UTF-8"' })).code,
      "VALIDATION_ERROR",
    );
  });

  it("[HT4] nothing at all is an empty form, whatever it says of itself", async () => {
    for (const headers of [{}, { "Content-Type": "text/plain" }, { "Content-Encoding": "gzip" }]) {
      const { code, details } = await refused("", headers);
      assert.equal(code, "VALIDATION_ERROR");
      assert.deepEqual(details.map(({ path }: { path: string }) => path).sort(), ["email", "password"]);
    }
    const chunked = await world.raw(
      `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    assert.equal(JSON.parse(parted(chunked).body).error.code, "VALIDATION_ERROR");
  });

  it("[HT10] what a call does not ask for is refused, and a GET's body is not looked at", async () => {
    const call = (body: string) => world.refusal("POST", "/api/v1/twins/code", { as: "ada", body });
    assert.deepEqual([await call('{"for":"bea"}'), await call("{}")], ["400 VALIDATION_ERROR", "201 undefined"]);
    const odd = request({
      port: world.port,
      path: "/api/v1/twins",
      method: "GET",
      headers: { authorization: "Bearer ada" },
    });
    odd.setHeader("content-type", "text/plain");
    odd.setHeader("content-length", 5);
    odd.end("what?");
    const [answer] = await once(odd, "response");
    answer.resume();
    assert.equal(answer.statusCode, 200);
  });

  it("[HT11] who sends on and on is cut off", async () => {
    const socket = connect(world.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    let sent = 0;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const pour = () => {
      while (!socket.destroyed && sent < 200) {
        sent++;
        if (!socket.write(Buffer.concat([Buffer.from("100000\r\n"), megabyte, Buffer.from("\r\n")]))) return;
      }
    };
    socket.on("drain", pour);
    pour();
    await closed;
    assert.ok(sent < 100, `${sent} MiB were taken`);
  });

  it("[HT11] who hangs up in the middle is nobody's mistake", async () => {
    const socket = connect(world.port, "127.0.0.1");
    socket.write(
      `POST ${LOGIN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"em`,
    );
    const [there] = await once(world.http, "request");
    const gone = new Promise((resolve) => there.once("close", resolve));
    socket.destroy();
    await gone;
    await new Promise(setImmediate);
    assert.equal((await world.call("GET", "/health")).status, 200);
  });
});
