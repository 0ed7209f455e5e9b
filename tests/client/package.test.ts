import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "../..");
const CLIENT = join(ROOT, "client");
const README = readFileSync(join(CLIENT, "README.md"), "utf8");

const Manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});
const manifestIn = (folder: string) => Manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));

/** What an app's own types would say of what the example imports from React Native. */
const NATIVE = `
declare module "@react-native-async-storage/async-storage" {
  const storage: Record<"getItem", (name: string) => Promise<string | null>> &
    Record<"removeItem", (name: string) => Promise<void>> &
    Record<"setItem", (name: string, value: string) => Promise<void>>;
  export default storage;
}
declare module "react-native" {
  import type { ReactElement, ReactNode } from "react";
  export function FlatList<T>(props: {
    data: readonly T[];
    keyExtractor: (one: T) => string;
    onStartReached: () => void;
    renderItem: (row: { item: T }) => ReactElement;
  }): ReactElement;
  export function Text(props: { children?: ReactNode }): ReactElement;
  export function TextInput(props: {
    onChangeText: (text: string) => void;
    onSubmitEditing: (event: { nativeEvent: { text: string } }) => void;
  }): ReactElement;
}
`;

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "esnext",
    lib: ["esnext", "dom"],
    jsx: "react-jsx",
    types: [],
    skipLibCheck: false,
  },
};

/** An empty project that has installed the packed client, and of all else only what that names. */
class EmptyProject {
  readonly folder = mkdtempSync(join(tmpdir(), "twinship-empty-"));

  async install(): Promise<void> {
    const npm = ["pack", "--pack-destination", this.folder, "--silent"];
    await run("npm", npm, { cwd: CLIENT, env: { ...process.env, npm_config_update_notifier: "false" } });
    const [packed = ""] = readdirSync(this.folder).filter((name) => name.endsWith(".tgz"));
    const home = join(this.folder, "node_modules/twinship-client");
    mkdirSync(home, { recursive: true });
    await run("tar", ["-xzf", join(this.folder, packed), "-C", home, "--strip-components=1"]);
    const { dependencies, peerDependencies } = manifestIn(home);
    for (const name of [...Object.keys({ ...dependencies, ...peerDependencies }), "@types/react"]) this.#link(name);
    this.write("package.json", JSON.stringify({ type: "module", private: true }));
    this.write("tsconfig.json", JSON.stringify(TSCONFIG));
  }

  #link(name: string): void {
    const place = join(this.folder, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), place);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** What it prints. */
  async node(script: string): Promise<string> {
    this.write("script.js", script);
    return (await run(process.execPath, ["script.js"], { cwd: this.folder })).stdout.trim();
  }

  /** What the compiler says, a line each. */
  async complaints(): Promise<string[]> {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const said = await run(tsc, ["-p", "."], { cwd: this.folder }).catch((error: unknown) => Object(error));
    return String(said.stdout)
      .split("\n")
      .filter((line) => line.includes("error"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe("the client as a package", () => {
  const project = new EmptyProject();
  before(() => project.install());
  after(() => project.remove());

  it("[PK1] has the server's own version, and needs the very versions that the server is tried with", () => {
    const [client, server] = [manifestIn(CLIENT), manifestIn(ROOT)];
    assert.equal(client.version, server.version);
    for (const [name, version] of Object.entries(client.dependencies))
      assert.equal(server.dependencies[name], version, name);
  });

  it("[PK1] leaves nothing behind where it was packed", () => {
    const left = readdirSync(CLIENT).filter((name) => name === "dist" || name.endsWith(".tgz") || name === "LICENSE");
    assert.deepEqual(left, []);
  });

  it("[PK2] is imported in an empty project by Node, and a device is opened with it", async () => {
    const said = await project.node(`
      import { Twinship, memoryStorage } from "twinship-client";
      import { fileStorage } from "twinship-client/storage/file";
      const twinship = await Twinship.open({ url: "http://127.0.0.1:9", storage: fileStorage("./kept") });
      console.log(twinship.session.deviceId.length, twinship.account, typeof memoryStorage().getItem);
      await twinship.close();
    `);
    assert.equal(said, "32 undefined function");
  });

  for (const [entry, import_] of [
    ["twinship-client", "twinship-client"],
    ["twinship-client/react", "twinship-client/react"],
    ["twinship-client/storage/file", "twinship-client/storage/file"],
  ] as const)
    it(`[PK3] ${entry} brings what its row in the README says, and nothing else`, async () => {
      const row = README.split("\n").find((line) => line.startsWith(`| \`${entry}\` |`)) ?? "";
      const promised = [...row.matchAll(/`([^`]+)`/g)].slice(1).map(([, name]) => name);
      const said = await project.node(`console.log(Object.keys(await import("${import_}")).join())`);
      assert.deepEqual(said.split(",").sort(), promised.sort());
    });

  it("[PK4] the example for Expo in the README has 20 lines of code, and compiles in an empty project", async () => {
    const [, example = ""] = /```tsx\n([\s\S]+?)```/.exec(README) ?? [];
    assert.ok(example.split("\n").filter((line) => line !== "").length <= 20);
    project.write("native.d.ts", NATIVE);
    project.write("app.tsx", example);
    assert.deepEqual(await project.complaints(), []);
  });

  it("[PK4] events are typed by their names: a wrong name, or a field that is none, does not compile", async () => {
    project.write(
      "events.ts",
      `
      import { Twinship } from "twinship-client";
      const twinship = await Twinship.open({ url: "http://127.0.0.1:9" });
      twinship.chat.on("receipt", ({ readSeq }) => readSeq.toFixed());
      twinship.chat.on("message", (message) => "hidden" in message || message.reactions[0]?.emoji.length);
      twinship.chat.on("recieved", () => undefined);
      twinship.chat.on("receipt", ({ seenSeq }) => seenSeq);
      export {};
      `,
    );
    const complaints = await project.complaints();
    assert.deepEqual(
      complaints.map((line) => /\((\d+),/.exec(line)?.[1]),
      ["6", "7"],
    );
  });
});
