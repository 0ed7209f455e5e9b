import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settle } from "../../server/adapters/database/embedded-home.ts";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

/** Paths of PEM files. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

/** A private authority, made by openssl for one run: whoever is given its `ca` believes those it certifies, and nobody else does. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), "twinship-authority-"));
  readonly ca = join(this.folder, "ca.pem");
  readonly #key = join(this.folder, "ca.key");

  constructor() {
    chmodSync(this.folder, 0o755);
    this.#openssl(["-x509", "-keyout", this.#key, "-out", this.ca, "-subj", "/CN=An authority of these tests"]);
  }

  /** For servers that are called by one of these names. Started by root, PostgreSQL is somebody else, whose the key is then. */
  certify(names: readonly string[]): Certified {
    const [first = "nobody"] = names;
    const certificate = join(this.folder, `${first}.pem`);
    const key = join(this.folder, `${first}.key`);
    const called = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
    const signed = ["-CA", this.ca, "-CAkey", this.#key, "-addext", called, "-addext", "basicConstraints=CA:FALSE"];
    this.#openssl(["-x509", ...signed, "-keyout", key, "-out", certificate, "-subj", `/CN=${first}`]);
    chmodSync(key, 0o600);
    const { as } = settle(this.folder);
    if (as.uid !== undefined) chownSync(key, as.uid, as.gid);
    return { certificate, key };
  }

  /** A file beside the certificates. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openssl(how: readonly string[]): void {
    execFileSync("openssl", ["req", ...KEY, ...how], { stdio: ["ignore", "ignore", "pipe"] });
  }
}
