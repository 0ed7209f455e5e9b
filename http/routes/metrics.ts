import { createHash, timingSafeEqual } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { type Request, type RequestHandler, Router } from "express";
import { Refusal } from "../../domain/refusal.ts";
import { bearerOf } from "../admission.ts";
import type { ProxyTrust } from "../client-ip.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { notAllowed } from "../serve.ts";

export interface MetricsDeps {
  readonly figures: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whoever shows it may read; undefined: whoever is on this machine may. */
  readonly metricsToken: string | undefined;
  readonly proxies: ProxyTrust;
}

const PATH = "/metrics";

/** For Prometheus: at the root, never limited, and alive for as long as the process is. */
export function metricsRoutes({ figures, metricsToken, proxies }: MetricsDeps): Router {
  const guard = metricsToken === undefined ? onlyThisMachine(proxies) : onlyWith(metricsToken);
  return Router()
    .all(PATH, countedAs(PATH), notStored)
    .get(PATH, guard, async (_request, response) => {
      const { contentType, text } = await figures();
      response.set("Content-Type", contentType).send(text);
    })
    .all(PATH, notAllowed(["GET"]));
}

function onlyWith(token: string): RequestHandler {
  const expected = digestOf(token);
  return (request, _response, next) => {
    const shown = bearerOf(request);
    if (shown === undefined) throw new Refusal("AUTH_REQUIRED", "These figures are behind METRICS_TOKEN");
    // Digests are of one length, and comparing them takes as long however much of them is right.
    if (!timingSafeEqual(digestOf(shown), expected)) throw new Refusal("AUTH_TOKEN_INVALID", "This is another token");
    next();
  };
}

const digestOf = (token: string): Buffer => createHash("sha256").update(token).digest();

function onlyThisMachine(proxies: ProxyTrust): RequestHandler {
  const isAtProxy = proxyCheck(proxies);
  return (request, _response, next) => {
    if (!isOnLoopback(request) || isAtProxy(request) || isForwarded(request) || !isAskedByItsName(request))
      throw new Refusal("FORBIDDEN", "Only this machine may read these figures; METRICS_TOKEN opens them to others");
    next();
  };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** By the socket: what headers say about the address, anybody may have written. */
const isOnLoopback = ({ socket }: Request): boolean => isIn(LOOPBACK, socket.remoteAddress);

/** A proxy on this machine looks as if this machine asked; whoever it asks for may be anywhere. */
function proxyCheck({ trusted, header }: ProxyTrust): (request: Request) => boolean {
  const proxies = new BlockList();
  for (const network of trusted) {
    const [address = "", bits] = network.split("/");
    const isV4 = isIP(address) === 4;
    proxies.addSubnet(address, Number(bits ?? (isV4 ? 32 : 128)), isV4 ? "ipv4" : "ipv6");
  }
  const names = header === undefined ? [] : [header];
  return (request) => isIn(proxies, request.socket.remoteAddress) || names.some((name) => request.get(name));
}

const isIn = (list: BlockList, address = ""): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");

/** What proxies add. One that adds nothing at all mostly speaks HTTP/1.0, and nothing that reads figures does. */
const FORWARDING = /^(?:forwarded|via|x-forwarded-.+|x-(?:real|client|original)-.+|cf-.+|true-client-ip|fastly-.+)$/;

const isForwarded = ({ headers, httpVersion }: Request): boolean =>
  httpVersion === "1.0" || Object.keys(headers).some((name) => FORWARDING.test(name));

/** A page may have its own host's name lead here, and read as if it were ours; then that name is in the request. */
const isAskedByItsName = ({ headers: { host = "" } }: Request): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
