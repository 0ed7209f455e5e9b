import { basename, extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { OutputFile } from "esbuild";
import type { BuiltPage, PageFile } from "../../../http/built-page.ts";

const ROOT = join(import.meta.dirname, "../../..");

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
};

/** Makes a few files of web/ and of the client, in memory: a quarter of a second, and nothing is fetched from anywhere. */
export const buildPage = (): Promise<BuiltPage> =>
  built({ script: "web/main.tsx", style: "web/style/page.css", out: "two-phones", place: "/two-phones" });

/** The same for who works here. */
export const buildStaffPage = (): Promise<BuiltPage> =>
  built({ script: "web/staff/main.tsx", style: "web/style/staff.css", out: "staff", place: "/staff" });

interface Parts {
  readonly script: string;
  readonly style: string;
  readonly out: string;
  /** Where its files are served. */
  readonly place: string;
}

async function built({ script, style, out, place }: Parts): Promise<BuiltPage> {
  // Only whoever opens the page waits for it.
  const { build, stop } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      entryPoints: [
        { in: join(ROOT, script), out },
        { in: join(ROOT, style), out },
      ],
      bundle: true,
      write: false,
      minify: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      conditions: ["browser"],
      define: { "process.env.NODE_ENV": '"production"' },
      loader: { ".woff2": "file" },
      outdir: ROOT,
      entryNames: "[name]-[hash]",
      assetNames: "[name]-[hash]",
      publicPath: place,
      absWorkingDir: ROOT,
      logLevel: "silent",
    });
    return pageOf(outputFiles);
  } finally {
    await stop();
  }
}

async function pageOf(outputs: readonly OutputFile[]): Promise<BuiltPage> {
  const files = await Promise.all(
    outputs.map(async (output) => [basename(output.path), await fileOf(output)] as const),
  );
  const named = (end: string) => files.find(([name]) => name.endsWith(end))?.[0] ?? "";
  return { script: named(".js"), style: named(".css"), files: new Map(files) };
}

async function fileOf({ path, contents }: OutputFile): Promise<PageFile> {
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  return { type, body: contents, zipped: await promisify(gzip)(contents) };
}
