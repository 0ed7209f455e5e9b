import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { OperatorProblem } from "../../operator-problem.ts";

/** Where a PostgreSQL is, and whom to believe that it is that one. */
export interface DatabaseAddress {
  readonly url: string;
  /** The certificates to trust: a PEM, or the path of one. */
  readonly ca?: string | undefined;
}

const PARAMETERS = ["sslmode", "ssl", "sslcert", "sslkey", "sslrootcert", "sslnegotiation", "uselibpqcompat"];

const PROBE_MS = 5000;

/**
 * What the URL's sslmode asks for, as libpq understands it. The pg package takes `require` for `verify-full`, and
 * MikroORM reads none of it; so the parameters are taken out of the URL and their meaning is handed over beside it.
 */
export async function securityOf({
  url,
  ca,
}: DatabaseAddress): Promise<{ url: string; ssl: false | ConnectionOptions }> {
  const parsed = new URL(url);
  const asked = Object.fromEntries(PARAMETERS.map((name) => [name, parsed.searchParams.get(name) ?? undefined]));
  for (const name of PARAMETERS) parsed.searchParams.delete(name);
  const mode = asked["sslmode"] ?? (asked["ssl"] === "true" || ca ? "verify-full" : "disable");
  const certificates = {
    ca: pem(ca ?? asked["sslrootcert"]),
    cert: pem(asked["sslcert"]),
    key: pem(asked["sslkey"]),
  };
  return { url: parsed.href, ssl: await meaningOf(mode, certificates, parsed) };
}

async function meaningOf(mode: string, certificates: Certificates, url: URL): Promise<false | ConnectionOptions> {
  const given = Object.fromEntries(Object.entries(certificates).filter(([, value]) => value !== undefined));
  const anybody = { ...given, rejectUnauthorized: false };
  // The chain is checked, the name in it is not.
  const anyName = { ...given, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  switch (mode) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return (await speaksTls(url)) ? anybody : false;
    case "no-verify":
      return anybody;
    case "require":
      return certificates.ca ? anyName : anybody;
    case "verify-ca":
      if (!certificates.ca)
        throw new OperatorProblem("sslmode=verify-ca says nothing without the CA to trust: set DATABASE_CA");
      return anyName;
    case "verify-full":
      return {
        ...given,
        rejectUnauthorized: true,
        checkServerIdentity: (_host, seen) => checkServerIdentity(hostOf(url), seen),
      };
    default:
      throw new OperatorProblem(
        `sslmode=${mode} is none of disable, prefer, require, verify-ca, verify-full, no-verify`,
      );
  }
}

interface Certificates {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** `sslrootcert=system` means what Node trusts by itself. */
function pem(source: string | undefined): string | undefined {
  if (source === undefined || source === "system") return undefined;
  return source.includes("-----BEGIN") ? source.replaceAll("\\n", "\n") : readFileSync(source, "utf8");
}

/**
 * The name to find in the certificate. Left to pg and Node, a host given by its address would be checked as "localhost".
 */
const hostOf = ({ hostname, searchParams }: URL) =>
  searchParams.get("host") ?? decodeURIComponent(hostname).replace(/^\[|\]$/g, "");

/** Length 8 and the number 80877103: would you encrypt? The answer is one byte, S or N. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** A socket file is not encrypted. */
function speaksTls(url: URL): Promise<boolean> {
  const host = hostOf(url);
  if (!host || host.startsWith("/")) return Promise.resolve(false);
  return new Promise((answer, fail) => {
    const socket = connect({ host, port: Number(url.port || 5432), timeout: PROBE_MS });
    socket.once("connect", () => socket.write(SSL_REQUEST));
    socket.once("data", (bytes) => {
      socket.destroy();
      answer(bytes.toString("latin1") === "S");
    });
    socket.once("timeout", () => socket.destroy(new Error("PostgreSQL does not answer")));
    socket.once("error", fail);
  });
}
