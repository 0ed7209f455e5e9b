import assert from "node:assert/strict";
import { clientIpReader } from "../../http/client-ip.ts";

/** One household's address, as sockets, proxies and people write it. */
describe("the forms of a client's address", () => {
  const read = (peer: string | undefined, headers: Record<string, string> = {}, trusted = ["10.0.0.0/8", "fd00::/8"]) =>
    clientIpReader({ trusted, header: "cf-connecting-ip" })(peer, (name) => headers[name]);

  const same: [ip: string, forms: string[]][] = [
    [
      "203.0.113.7",
      ["203.0.113.7", "::ffff:203.0.113.7", "::FFFF:203.0.113.7", "::ffff:cb00:7107", "0:0:0:0:0:ffff:cb00:7107"],
    ],
    [
      "2001:db8:0:1::/64",
      [
        "2001:db8:0:1::",
        "2001:DB8::1:0:0:0:1",
        "2001:0db8:0000:0001:ffff:ffff:ffff:ffff",
        "2001:db8:0:1::1%eth0",
        "2001:db8:0:1::192.0.2.1",
      ],
    ],
    ["0:0:0:0::/64", ["::1", "0:0:0:0:0:0:0:1"]],
  ];
  for (const [ip, forms] of same) {
    for (const form of forms) it(`[HT9] ${form} is ${ip}`, () => assert.equal(read(form), ip));
  }

  const proxied: [peer: string, headers: Record<string, string>, ip: string][] = [
    ["::ffff:10.0.0.1", { "x-forwarded-for": "203.0.113.7" }, "203.0.113.7"],
    ["fd00::1", { "x-forwarded-for": "[2001:db8:0:1::5]:443" }, "2001:db8:0:1::/64"],
    ["10.0.0.1", { "x-forwarded-for": "203.0.113.7, fd00::2, ::ffff:10.0.0.3" }, "203.0.113.7"],
    ["10.0.0.1", { "x-forwarded-for": " 203.0.113.7 ,, " }, "203.0.113.7"],
    ["10.0.0.1", { "x-forwarded-for": "10.0.0.9, 6.6.6.6, 203.0.113.7" }, "203.0.113.7"],
    ["10.0.0.1", { "x-forwarded-for": "10.9.9.9, 10.8.8.8" }, "10.9.9.9"],
    ["10.0.0.1", { "x-forwarded-for": "1.2.3.4.5, 999.1.1.1, <script>" }, "10.0.0.1"],
    ["10.0.0.1", { "x-forwarded-for": "64:ff9b::1.2.3.4" }, "64:ff9b:0:0::/64"],
    ["10.0.0.1", { "x-forwarded-for": "" }, "10.0.0.1"],
    ["10.0.0.1", { "x-forwarded-for": "203.0.113.7,".repeat(1000) }, "203.0.113.7"],
    ["10.0.0.1", { "cf-connecting-ip": "not an address", "x-forwarded-for": "203.0.113.7" }, "203.0.113.7"],
    ["11.0.0.1", { "cf-connecting-ip": "6.6.6.6", "x-forwarded-for": "6.6.6.6" }, "11.0.0.1"],
    ["fe00::1", { "x-forwarded-for": "6.6.6.6" }, "fe00:0:0:0::/64"],
  ];
  for (const [peer, headers, ip] of proxied) {
    const said = Object.values(headers).join(" | ").slice(0, 60);
    it(`[HT9] ${peer} saying "${said}" is ${ip}`, () => assert.equal(read(peer, headers), ip));
  }

  it("[HT9] a single address may be trusted, and a socket that is gone is nobody", () => {
    const headers = { "x-forwarded-for": "203.0.113.7" };
    assert.equal(read("192.0.2.1", headers, ["192.0.2.1"]), "203.0.113.7");
    assert.equal(read("192.0.2.2", headers, ["192.0.2.1"]), "192.0.2.2");
    assert.equal(read("::1", headers, ["::1"]), "203.0.113.7");
    assert.equal(read(undefined, headers), "");
  });
});
