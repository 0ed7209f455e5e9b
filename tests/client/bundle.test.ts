import assert from "node:assert/strict";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

const ENTRY = join(import.meta.dirname, "../../client/index.ts");

/** Of what is ours, minified and packed; the kit beside it has 54 KB. */
const BUDGET_BYTES = 25 * 1024;

/** As an app's bundler does it, where Node is unknown. */
async function bundled(options: BuildOptions): Promise<{ bytes: number; files: readonly string[]; text: string }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    ...options,
  });
  const [output] = outputFiles ?? [];
  assert.ok(output && metafile);
  return { bytes: gzipSync(output.contents).length, files: Object.keys(metafile.inputs), text: output.text };
}

const BROWSER: [string, BuildOptions] = ["a browser", { platform: "browser", conditions: ["browser"] }];
const REACT_NATIVE: [string, BuildOptions] = [
  "React Native",
  {
    platform: "neutral",
    conditions: ["react-native", "browser", "import"],
    mainFields: ["react-native", "browser", "module", "main"],
  },
];

/** All of it, hooks and all; React is the app's own. */
const WITH_HOOKS: BuildOptions = {
  entryPoints: [],
  stdin: {
    contents: `export * from "./index.ts"; export * from "./react.ts";`,
    resolveDir: join(ENTRY, ".."),
    loader: "ts",
  },
  external: ["react"],
};

const NODE = new RegExp(`(?:from|require\\(|import\\()\\s*["'](?:node:[a-z/]+|${builtinModules.join("|")})["']`);

describe("the client, bundled for where there is no Node", () => {
  for (const [where, options] of [BROWSER, REACT_NATIVE] as const) {
    it(`[CB1] bundles for ${where}, and asks for nothing of Node's`, async () => {
      const { text, files } = await bundled(options);
      assert.doesNotMatch(text, NODE);
      assert.deepEqual(
        files.filter((file) => /node_modules\/(?:zod|ws)\/(?!browser)/.test(file)),
        [],
        "neither the validator nor a socket for Node comes along",
      );
    });
  }

  for (const [where, options] of [BROWSER, REACT_NATIVE] as const)
    it(`[CB1] the hooks bundle for ${where}, and bring nothing but the client`, async () => {
      const { text, files } = await bundled({ ...options, ...WITH_HOOKS, external: ["react", "@colyseus/sdk"] });
      assert.doesNotMatch(text, NODE);
      assert.deepEqual(
        files.filter((file) => file.includes("node_modules")),
        [],
      );
    });

  it("[CB1] only the storage in files is for Node, and it is no part of the rest", async () => {
    const forNode = await bundled({ entryPoints: [join(ENTRY, "../storage/file.ts")], platform: "node" });
    assert.match(forNode.text, NODE);
    const { files } = await bundled(BROWSER[1]);
    assert.deepEqual(
      files.filter((file) => file.endsWith("storage/file.ts")),
      [],
    );
  });

  it("[CB2] is smaller than 25 KB, packed, beside the kit", async () => {
    const { bytes } = await bundled({ ...BROWSER[1], external: ["@colyseus/sdk"] });
    const { bytes: withHooks } = await bundled({ ...BROWSER[1], ...WITH_HOOKS, external: ["react", "@colyseus/sdk"] });
    console.log(`      ${(bytes / 1024).toFixed(1)} KB, ${(withHooks / 1024).toFixed(1)} KB with hooks`);
    assert.ok(bytes < withHooks && withHooks < BUDGET_BYTES, `${withHooks} bytes`);
  });
});
