import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

describe("files that hold no results", () => {
  const folder = mkdtempSync(join(tmpdir(), "twinship-results-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const bad: readonly (readonly [what: string, written: string | undefined, amiss: RegExp])[] = [
    ["is not there", undefined, /ENOENT/],
    ["is no JSON", "results", /not valid JSON/],
    ["is another's", '{"parts":[]}', /expected object/],
  ];
  for (const [what, written, amiss] of bad)
    for (const command of [["bench/main.ts", "charts"], ["bench/plan/main.ts"]])
      it(`[CP13] one that ${what} is named by ${command[0]}, and nothing is written`, () => {
        const file = join(folder, `${what.replaceAll(" ", "-")}.json`);
        if (written !== undefined) writeFileSync(file, written);
        const costs = readFileSync(join(ROOT, "docs/unit-costs.json"), "utf8");
        const { status, stderr, stdout } = spawnSync(process.execPath, [...command, file], {
          cwd: ROOT,
          encoding: "utf8",
        });
        assert.deepEqual([status, stdout], [1, ""]);
        assert.ok(stderr.includes(file) && stderr.includes("npm run bench"), stderr);
        assert.match(stderr, amiss);
        assert.doesNotMatch(stderr, /\n\s+at /);
        assert.equal(readFileSync(join(ROOT, "docs/unit-costs.json"), "utf8"), costs);
      });
});
