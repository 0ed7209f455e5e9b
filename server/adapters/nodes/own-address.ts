import { isIPv6 } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";

/** Addresses that stand for all of a machine's own. */
const ANY = new Set(["0.0.0.0", "::", ""]);

export interface AddressHints {
  /** What the operator said. */
  readonly given: string | undefined;
  /** What we listen on. */
  readonly host: string | undefined;
  readonly port: number;
  readonly interfaces: readonly Pick<NetworkInterfaceInfo, "address" | "family" | "internal">[];
}

/** `host:port`, as other nodes reach this one: as given, or the first address of the machine that others can see. */
export function ownAddress({ given, host = "", port, interfaces }: AddressHints): string {
  if (given) return given;
  if (!ANY.has(host)) return joined(host, port);
  const seen = interfaces.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  const [first] = [...seen.filter(({ family }) => family === "IPv4"), ...seen];
  return joined(first?.address ?? "127.0.0.1", port);
}

const joined = (host: string, port: number): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);
