import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const CLIENT = join(import.meta.dirname, "..");
const ROOT = join(CLIENT, "..");
const DIST = join(CLIENT, "dist");

/** JavaScript for whoever installs it: Node reads no types below node_modules. What the entries share they share. */
async function writeCode(): Promise<void> {
  await build({
    entryPoints: ["index.ts", "react.ts", "storage/file.ts"].map((file) => join(CLIENT, file)),
    outbase: CLIENT,
    outdir: DIST,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "neutral",
    external: ["node:*"],
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
}

/** Declarations, which name each other as what will be there. */
function writeTypes(): void {
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", join(import.meta.dirname, "tsconfig.json")], {
    stdio: "inherit",
  });
  for (const file of globSync("types/**/*.d.ts", { cwd: DIST })) {
    const path = join(DIST, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(/(["']\.{1,2}\/[^"']+)\.ts(["'])/g, "$1.js$2"));
  }
}

rmSync(DIST, { recursive: true, force: true });
await writeCode();
writeTypes();
copyFileSync(join(ROOT, "LICENSE"), join(CLIENT, "LICENSE"));
