import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { codeOf, type Import, importsOf } from "./support/source.ts";

const root = join(import.meta.dirname, "..");

interface Allowed {
  /** Folders and files of ours. */
  readonly ours: readonly string[];
  /** Packages, as they are installed; "(types)" if only their types. */
  readonly packages: readonly string[];
}

const EXPRESS = ["express", "helmet", "cors", "pino-http", "express-rate-limit", "zod-openapi", "swagger-ui-dist"];

/** Who may import whom. The most specific folder decides. */
const MAY_IMPORT: Readonly<Record<string, Allowed>> = {
  "schema/wire": { ours: ["schema/wire"], packages: ["zod"] },
  "schema/state": { ours: ["schema/state", "schema/wire"], packages: ["@colyseus/schema"] },
  "schema/entities": { ours: ["schema/entities", "schema/wire"], packages: ["@mikro-orm/core"] },
  "schema/assessments": { ours: ["schema/assessments", "schema/wire"], packages: [] },
  "schema/migrations": { ours: ["schema/migrations"], packages: ["@mikro-orm/migrations", "@mikro-orm/core (types)"] },
  "domain/room": {
    ours: ["domain/room", "domain/refusal.ts", "domain/ports.ts", "schema/wire"],
    packages: ["zod (types)", "node:crypto"],
  },
  "domain/research": {
    ours: ["domain/research", "domain/scoring", "domain/birthdays.ts", "domain/refusal.ts", "schema/wire"],
    packages: ["zod (types)"],
  },
  "domain/scoring": {
    ours: ["domain/scoring", "domain/refusal.ts", "schema/assessments", "schema/wire"],
    packages: ["zod (types)"],
  },
  domain: {
    ours: ["domain", "schema/wire", "schema/entities"],
    packages: ["@mikro-orm/core", "zod (types)", "node:crypto"],
  },
  "rooms/durable": { ours: ["rooms/durable"], packages: [] },
  rooms: {
    ours: ["rooms", "domain", "schema/wire", "schema/state"],
    packages: ["@colyseus/core", "zod", "node:crypto"],
  },
  http: {
    ours: ["http", "domain", "schema/wire"],
    packages: [...EXPRESS, "@types/express", "zod", "node:http", "node:crypto", "node:net", "node:stream", "node:url"],
  },
  client: { ours: ["client", "schema/wire"], packages: ["@colyseus/sdk", "react"] },
  "client/packaging": {
    ours: ["client/packaging"],
    packages: ["esbuild", "node:child_process", "node:fs", "node:path"],
  },
  web: { ours: ["web", "client", "schema/wire"], packages: ["react", "react-dom", "zod"] },
  server: { ours: ["server", "rooms", "http", "domain", "schema", "package.json"], packages: ["*"] },
};

/** A phone has no Node; only what is for Node alone may ask for it. */
const NODE_IN_CLIENT = ["client/storage/file.ts"];

const CODE = ["schema", "domain", "rooms", "http", "client", "web", "server", "tests", "bench", "demo"];

const files = (...folders: string[]): string[] => {
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  return globSync(patterns, { cwd: root, exclude: (name) => name.includes("node_modules") }).sort();
};

const read = (file: string) => readFileSync(join(root, file), "utf8");

const isInside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

function refusalOf(file: string, { specifier, isType }: Import, { ours, packages }: Allowed): string | undefined {
  if (specifier.startsWith(".")) {
    const target = relative(root, join(root, dirname(file), specifier));
    return ours.some((folder) => isInside(target, folder)) ? undefined : target;
  }
  if (builtinModules.includes(specifier)) return `${specifier}, which is called node:${specifier}`;
  const name = packageOf(specifier);
  if (name.startsWith("node:") && NODE_IN_CLIENT.includes(file)) return undefined;
  const isAllowed = packages.some(
    (allowed) => allowed === "*" || allowed === name || (isType && allowed === `${name} (types)`),
  );
  return isAllowed ? undefined : specifier;
}

describe("the architecture", () => {
  for (const file of files(...Object.keys(MAY_IMPORT))) {
    it(`[AR1] ${file} imports only what its folder may`, () => {
      const folders = Object.keys(MAY_IMPORT).filter((folder) => isInside(file, folder));
      const [folder = ""] = folders.sort((a, b) => b.length - a.length);
      const allowed = MAY_IMPORT[folder] ?? { ours: [], packages: [] };
      assert.deepEqual(
        importsOf(read(file)).flatMap((found) => refusalOf(file, found, allowed) ?? []),
        [],
      );
    });
  }

  it("[AR1] reads every way there is to import, and no comment, string or template that looks like one", () => {
    const source = `
      import a from "./a.ts"; import type { B } from "b";
      import "side-effect";
      import c, { type D,
        e } from '@scope/c/deep';
      export * from "./f.ts"; export * as g from "./g.ts"; export { h,
        type I } from "./h.ts"; export type { J } from "j";
      const k = await import("./k.ts"), l = await import(\`./l.ts\`);
      type M = import("m").M; import n = require("n"); const o = require('o');
      import { type P, type Q } from "p"; import json from "./q.json" with { type: "json" };
      const text = "import x from 'not-this'"; // import y from "nor-this"
      /* export * from "nor-that" */ const word = \`import("nor-those") \${await import("r")}\`;
      const imported = { import: 1, from: "nor-these" }; const pattern = /import "nor-here"/;
    `;
    const found = importsOf(source).map(({ specifier, isType }) => `${specifier}${isType ? " (types)" : ""}`);
    const expected = [
      "./a.ts",
      "b (types)",
      "side-effect",
      "@scope/c/deep",
      "./f.ts",
      "./g.ts",
      "./h.ts",
      "j (types)",
      "./k.ts",
      "./l.ts",
    ];
    assert.deepEqual(found, [...expected, "m (types)", "n", "o", "p (types)", "./q.json", "r"]);
  });

  it("[AR1] finds what is not allowed", () => {
    const domain = MAY_IMPORT["domain"] ?? { ours: [], packages: [] };
    const refused = (specifier: string, isType = false) =>
      refusalOf("domain/pairing.ts", { specifier, isType }, domain);
    assert.equal(refused("../server/config.ts"), "server/config.ts");
    assert.equal(refused("../domainless/x.ts"), "domainless/x.ts");
    assert.equal(refused("pg"), "pg");
    assert.equal(refused("zod"), "zod");
    assert.equal(refused("@mikro-orm/postgresql", true), "@mikro-orm/postgresql");
    assert.match(refused("fs") ?? "", /node:fs/);
    assert.equal(refused("zod", true), undefined);
    assert.equal(refused("./room/chat.ts"), undefined);
  });

  /** What comes in as an argument elsewhere, so that a rule gives the same answer each time it is asked. */
  const OUTSIDE = [
    /\bprocess\.(?:env|exit|argv|on)\b/,
    /\bDate\.now\b/,
    /\bnew Date\(\s*\)/,
    /\bDate\(\s*\)/,
    /\bMath\.random\b/,
    /\brandom(?:UUID|Bytes|Int)\b/,
    /\bgetRandomValues\b/,
    /\bconsole\./,
  ];

  for (const file of files("schema", "domain", "rooms", "http")) {
    it(`[AR2] ${file} reads no environment, clock, chance or console`, () => {
      const code = codeOf(read(file));
      assert.deepEqual(
        OUTSIDE.flatMap((pattern) => code.match(pattern)?.[0] ?? []),
        [],
      );
    });
  }

  /** Programs of their own, each of which begins with its environment. */
  const ENTRANCES = [
    "program",
    "migrate",
    "seed",
    "deliveries",
    "rescore",
    "restore-check",
    "staff",
    "studies",
    "study-news",
  ];

  it("[AR2] one file reads the environment", () => {
    const readers = files("server").filter((file) => /\bprocess\.env\b/.test(codeOf(read(file))));
    assert.deepEqual(
      readers.filter((file) => !ENTRANCES.some((name) => file === `server/${name}.ts`)),
      [],
    );
  });

  it("[AR3] nothing is of type any, and nothing is silenced", () => {
    const SILENCED = [
      /:\s*any\b/,
      /\bas any\b/,
      /<any\b/,
      /\bany\[\]/,
      /@ts-(?:ignore|expect-error|nocheck)/,
      /biome-ignore/,
    ];
    const guilty = files(...CODE).flatMap((file) => {
      const source = read(file);
      const found = SILENCED.flatMap(
        (pattern) =>
          (pattern.source.includes("@ts") || pattern.source.includes("biome") ? source : codeOf(source)).match(
            pattern,
          )?.[0] ?? [],
      );
      return file === "tests/architecture.test.ts" ? [] : found.map((what) => `${file}: ${what}`);
    });
    assert.deepEqual(guilty, []);
  });

  it("[AR4] there are no drawers", () => {
    const DRAWERS =
      /(?:^|\/)(?:src|utils?|helpers?|services?|models?|types|common|shared|lib|misc|interfaces?|constants)(?:\/|\.tsx?$)/;
    assert.deepEqual(
      files(...CODE).filter((file) => DRAWERS.test(file)),
      [],
    );
  });

  it("[AR5] files are named in kebab-case, and are under 300 lines; a test that tells one story, under 600", () => {
    const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|contract))?\.tsx?$/;
    const odd = files(...CODE).filter((file) => !NAME.test(file.split("/").at(-1) ?? ""));
    const most = (file: string) => (file.startsWith("tests/") ? 600 : 300);
    const long = files(...CODE).filter((file) => read(file).trimEnd().split("\n").length >= most(file));
    assert.deepEqual({ odd, long }, { odd: [], long: [] });
  });

  it("[AR6] nothing says how or where it is being built", () => {
    const TRACES = /\/work\/|\.\.\/shared\b|CONTRACT\.md|DURABLE\.md|HOUSE\.md|TROUBLE\.md|issue #?\d+/i;
    const texts = globSync("{*.md,docs/**/*.md,Dockerfile,Procfile,docker-compose.yml,.ci/run,.env.example}", {
      cwd: root,
    });
    const guilty = [...files(...CODE), ...texts].filter(
      (file) => file !== "tests/architecture.test.ts" && TRACES.test(read(file)),
    );
    assert.deepEqual(guilty, []);
  });
});

/** At the beginning of a name, or behind another one there. */
const CITED = /(?<=["`]\[|\] \[)[A-Z]{1,2}\d+(?=\] )/g;

describe("the rules", () => {
  const numbers: readonly string[] = read("docs/spec.md").match(/(?<=\*\*)[A-Z]{1,2}\d+(?=\*\*)/g) ?? [];
  const specified = new Set(numbers);
  const cited = new Set(files("tests").flatMap((file) => read(file).match(CITED) ?? []));
  /** Ranges such as [P1-P5] cite all that they hold. */
  for (let promise = 1; promise <= 5; promise++) cited.add(`P${promise}`);

  it("[AR8] somebody listens to every pool of connections: one that breaks while it is closed would end the process", () => {
    const guilty = files(...CODE).filter((file) => {
      const code = codeOf(read(file));
      const pools = code.match(/(?<!listened\(\s*)\bnew (?:pg\.)?Pool\(\{/g) ?? [];
      return pools.length > (code.match(/\bpool\.on\(/g) ?? []).length;
    });
    assert.deepEqual(guilty, []);
  });

  it("[AR7] every rule is cited by a test, and every rule a test cites is written down", () => {
    const unproved = [...specified].filter((rule) => !cited.has(rule));
    const unwritten = [...cited].filter((rule) => !specified.has(rule));
    const doubled = numbers.filter((rule, n) => numbers.indexOf(rule) !== n);
    assert.deepEqual({ unproved, unwritten, doubled }, { unproved: [], unwritten: [], doubled: [] });
  });
});
