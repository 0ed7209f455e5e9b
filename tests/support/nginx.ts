import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { deployed } from "./deployment.ts";
import { eventually } from "./embedded.ts";

/** Where Debian puts it. */
const PROGRAM = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"].find(existsSync);

/** From this one on the open nginx looks up its upstreams' names again and again. */
const LOOKS_UP = [1, 27, 3];

/** What compose hands the proxy, run for real; its nodes are those of a test, by their ports. */
export class Nginx {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static get isThere(): boolean {
    if (PROGRAM === undefined) console.error("\n!!! nginx is NOT there: apt-get install nginx-light\n");
    return PROGRAM !== undefined;
  }

  static async start(nodes: readonly number[]): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-nginx-"));
    chmodSync(folder, 0o755);
    const nginx = new Nginx(await freePort(), folder);
    nginx.#configure(nodes);
    await nginx.#launch();
    return nginx;
  }

  /** Another one, configured by that. */
  static async startAs(
    configuration: (of: { readonly port: number; readonly folder: string }) => string,
  ): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "twinship-nginx-"));
    chmodSync(folder, 0o755);
    const nginx = new Nginx(await freePort(), folder);
    writeFileSync(join(folder, "nginx.conf"), configuration({ port: nginx.port, folder }));
    await nginx.#launch();
    return nginx;
  }

  /** What nginx says of the two files as they are shipped, or of as much of them as this nginx can read. */
  static complaints(): string {
    const folder = mkdtempSync(join(tmpdir(), "twinship-nginx-"));
    const names = deployed.read("deploy/nginx/nodes.conf");
    const readable = canLookUp() ? names : names.replaceAll(/web-\d(:\d+) resolve/g, "127.0.0.1$1");
    writeFileSync(join(folder, "nodes.conf"), readable);
    writeFileSync(join(folder, "nginx.conf"), moved(folder, "8080"));
    // Through a shell: nginx opens its outputs again by their paths, which a pipe has and a socket has not.
    const shell = ["-c", '"$0" "$@" 2>&1 | cat', PROGRAM ?? "", ...optionsIn(folder), "-t"];
    const { stdout } = spawnSync("/bin/sh", shell, { encoding: "utf8" });
    rmSync(folder, { recursive: true });
    return stdout.replaceAll(/^nginx: .* (?:syntax is ok|test is successful)\n/gm, "");
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (running && running.exitCode === null) {
      const ended = once(running, "exit");
      running.kill("SIGTERM");
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  log(): string {
    return readFileSync(join(this.#folder, "log"), "utf8");
  }

  #configure(nodes: readonly number[]): void {
    const shipped = deployed.read("deploy/nginx/nodes.conf");
    const [first = ""] = /^ {2}server .*$/m.exec(shipped) ?? [];
    const lines = nodes.map((port) => first.replace(/server \S+ resolve/, `server 127.0.0.1:${port}`));
    const all = shipped.replace(/^ {2}server .*\n(?: {2}server .*\n)*/m, `${lines.join("\n")}\n`);
    writeFileSync(join(this.#folder, "nodes.conf"), all);
    writeFileSync(join(this.#folder, "nginx.conf"), moved(this.#folder, `127.0.0.1:${this.port}`));
  }

  async #launch(): Promise<void> {
    const log = join(this.#folder, "log");
    const shell = ["-c", `exec "$0" "$@" >>"${log}" 2>&1`, PROGRAM ?? "", ...optionsIn(this.#folder)];
    const running = spawn("/bin/sh", [...shell, "-g", "daemon off;"], { stdio: "ignore" });
    this.#process = running;
    await eventually(async () => running.exitCode !== null || (await this.#answers()));
    assert.equal(running.exitCode, null, this.log());
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, "127.0.0.1");
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
  }
}

/** The file as it is, but for where it listens and where it puts what it needs while it runs. */
const moved = (folder: string, listen: string): string =>
  deployed
    .read("deploy/nginx/nginx.conf")
    .replace("listen 8080;", `listen ${listen};`)
    .replaceAll("/tmp/nginx", `${folder}/nginx`);

const optionsIn = (folder: string): string[] => ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];

function canLookUp(): boolean {
  const said = spawnSync(PROGRAM ?? "", ["-v"], { encoding: "utf8" }).stderr;
  const version = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? [];
  const [major = 0, minor = 0, patch = 0] = version;
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = LOOKS_UP;
  return major !== wantedMajor
    ? major > wantedMajor
    : minor !== wantedMinor
      ? minor > wantedMinor
      : patch >= wantedPatch;
}
