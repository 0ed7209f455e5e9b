import { BlockList, isIP } from "node:net";

export interface ProxyTrust {
  /** Networks whose word on who the client is counts, as CIDR. */
  readonly trusted: readonly string[];
  /** A header that such a peer sets to the client's address; without it, X-Forwarded-For is read. */
  readonly header: string | undefined;
}

type HeaderOf = (name: string) => string | undefined;

/**
 * The client's address: the socket's, unless the peer is a proxy we trust. Of a chain, the rightmost address that is no
 * proxy of ours counts: everything left of it the client may have written itself.
 */
export function clientIpReader({
  trusted,
  header,
}: ProxyTrust): (peer: string | undefined, headerOf: HeaderOf) => string {
  const proxies = blockListOf(trusted);
  const isTrusted = (address: string) => proxies.check(address, familyOf(address));
  return (peer, headerOf) => {
    const socket = plain(peer ?? "");
    if (isIP(socket) === 0 || !isTrusted(socket)) return counted(socket);
    const named = header && plain(headerOf(header) ?? "");
    if (named && isIP(named) !== 0) return counted(named);
    const chain = (headerOf("x-forwarded-for") ?? "")
      .split(",")
      .map(plain)
      .filter((address) => isIP(address) !== 0);
    return counted(chain.findLast((address) => !isTrusted(address)) ?? chain[0] ?? socket);
  };
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = familyOf(address);
    list.addSubnet(address, bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits), family);
  }
  return list;
}

/** Without brackets, port and zone; an IPv4 address in IPv6 clothes is an IPv4 address. */
function plain(address: string): string {
  const bare = address
    .trim()
    .replace(/^\[(.+)\](?::\d+)?$/, "$1")
    .replace(/%.*$/, "")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
  return mappedIn(bare) ?? bare;
}

function mappedIn(address: string): string | undefined {
  if (isIP(address) !== 6) return undefined;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return undefined;
  const bytes = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return bytes.flatMap((pair) => [pair >> 8, pair & 255]).join(".");
}

/** One household has a whole /64 of IPv6; it is one client. */
function counted(address: string): string {
  if (isIP(address) !== 6) return address;
  return `${groupsOf(address).slice(0, 4).join(":")}::/64`;
}

/** All eight, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = address
    .toLowerCase()
    .replace(/\d+\.\d+\.\d+\.\d+$/, hexOf)
    .split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const gap = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(gap).fill("0"), ...after].map((group) => group.replace(/^0+(?=.)/, ""));
}

/** The last 32 bits may be written as IPv4 does. */
function hexOf(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");
