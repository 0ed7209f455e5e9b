import assert from "node:assert/strict";
import { clientIpReader } from "../../http/client-ip.ts";

describe("the client's address", () => {
  const rows: [
    what: string,
    trusted: string[],
    header: string | undefined,
    peer: string,
    headers: Record<string, string>,
    ip: string,
  ][] = [
    ["is the socket's", [], undefined, "203.0.113.7", { "x-forwarded-for": "1.2.3.4" }, "203.0.113.7"],
    [
      "is the socket's for who is no proxy of ours",
      ["10.0.0.0/8"],
      undefined,
      "203.0.113.7",
      { "x-forwarded-for": "1.2.3.4" },
      "203.0.113.7",
    ],
    [
      "is what a proxy of ours says",
      ["10.0.0.0/8"],
      undefined,
      "10.1.1.1",
      { "x-forwarded-for": "1.2.3.4" },
      "1.2.3.4",
    ],
    [
      "is the rightmost that is no proxy of ours",
      ["10.0.0.0/8"],
      undefined,
      "10.1.1.1",
      { "x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.2.2.2" },
      "1.2.3.4",
    ],
    [
      "is the proxy's if it says nothing that is an address",
      ["10.0.0.0/8"],
      undefined,
      "10.1.1.1",
      { "x-forwarded-for": "unknown, evil" },
      "10.1.1.1",
    ],
    [
      "comes from the named header, of a proxy of ours",
      ["10.0.0.0/8"],
      "x-real-ip",
      "10.1.1.1",
      { "x-real-ip": "1.2.3.4", "x-forwarded-for": "6.6.6.6" },
      "1.2.3.4",
    ],
    [
      "does not come from that header of anybody else",
      ["10.0.0.0/8"],
      "x-real-ip",
      "203.0.113.7",
      { "x-real-ip": "1.2.3.4" },
      "203.0.113.7",
    ],
    ["in IPv6 clothes is an IPv4 address", [], undefined, "::ffff:203.0.113.7", {}, "203.0.113.7"],
    ["of IPv6 counts as its /64", [], undefined, "2001:db8:1:2:aaaa:bbbb:cccc:dddd", {}, "2001:db8:1:2::/64"],
    ["of IPv6 counts as its /64, however it is shortened", [], undefined, "2001:db8::1", {}, "2001:db8:0:0::/64"],
    [
      "with a port is one without",
      ["10.0.0.0/8"],
      undefined,
      "10.1.1.1",
      { "x-forwarded-for": "1.2.3.4:5678" },
      "1.2.3.4",
    ],
  ];
  for (const [what, trusted, header, peer, headers, ip] of rows) {
    it(`[HT9] ${what}`, () =>
      assert.equal(
        clientIpReader({ trusted, header })(peer, (name) => headers[name]),
        ip,
      ));
  }
});
